"""Floor 3, the money, tested room by room."""
