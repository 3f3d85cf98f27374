"""The engine without a database: one JSON of a tariff and persons in, rows of money out. Pure."""

from payouts.calculating.asking import Asked, read
from payouts.calculating.rows import Row, calculate
from payouts.calculating.sheet import LARGEST_BYTES, parsed

__all__ = ["LARGEST_BYTES", "Asked", "Row", "calculate", "parsed", "read"]
