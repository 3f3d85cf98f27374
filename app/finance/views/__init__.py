"""Finance: what waits, the run, the batch and its signatures, the bank, and the reason for every line."""

from app.finance.views import bank, batches, desk, lines
from app.finance.views.door import portal

__all__ = ["bank", "batches", "desk", "lines", "portal"]
