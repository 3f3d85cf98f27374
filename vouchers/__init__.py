"""Floor 2, the choice: who chose whom, and how it went. Knows the registry, not the money."""
