"""The engine without a database: one JSON of a tariff and persons in, rows of money out. Pure."""

from payouts.calculating.asking import Asked, read
from payouts.calculating.prices import Priced, of_book
from payouts.calculating.rows import Row, calculate
from payouts.calculating.sheet import LARGEST_BYTES, Sheet, parsed

__all__ = ["LARGEST_BYTES", "Asked", "Priced", "Row", "Sheet", "calculate", "of_book", "parsed", "read"]
