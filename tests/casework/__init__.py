"""The casework portal, as guides, inspectors, secretaries and administrators meet it."""
