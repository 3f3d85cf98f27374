"""The API for providers' own systems: what a page can do, a program can."""
