"""Exempelstad: an invented town that shows the whole house at work. Never in production."""
