"""Floor 1, the registry: who may be chosen. Knows nobody above."""
