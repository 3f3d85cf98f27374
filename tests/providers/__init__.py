"""Floor 1, the registry, tested room by room."""
