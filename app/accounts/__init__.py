"""Sign-in: e-ID through OpenID Connect, sessions that end, and passwords in the demo only."""
