"""Finance: what waits, the run, the batch and its signatures, what is held, what follows, the bank, and
the reason for every line."""

from app.finance.views import bank, batches, desk, details, follow_ups, holds, lines, years
from app.finance.views.door import portal

__all__ = ["bank", "batches", "desk", "details", "follow_ups", "holds", "lines", "portal", "years"]
