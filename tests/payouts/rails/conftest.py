"""The bank that the rails are tried against."""

from tests.support.bank import bank

__all__ = ["bank"]
