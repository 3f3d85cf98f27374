"""Floor 2, the choice, tested room by room."""
