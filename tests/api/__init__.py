"""Tests of the API for providers' systems."""
