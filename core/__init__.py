"""The ground: what every floor stands on and nothing of what any floor is about."""
