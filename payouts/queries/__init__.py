"""What the money asks: facts as columns for the rules, and rows for the pages."""
