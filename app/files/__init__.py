"""Files of rows from providers: read with bounds, held against the rules, answered row by row."""
