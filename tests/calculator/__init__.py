"""The calculator's page and its file."""
