"""The provider portal's stage serves finance too."""

from tests.provider.conftest import app, clock, stage

__all__ = ["app", "clock", "stage"]
