"""The ground, tested room by room."""
