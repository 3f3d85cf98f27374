"""What tests stand on: a real PostgreSQL, a real browser, the house served on a free port."""
