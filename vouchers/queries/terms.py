"""The rules in force for a voucher, read from its rulebook once."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy.orm import Session

from core.chapters import Book
from core.database import fetch
from core.rulebooks import Rulebook
from vouchers.rules.terms import Terms, read_terms


@lru_cache(maxsize=256)
def _parsed(text: str) -> Terms:
    return read_terms(Book(text).root)


def terms_of(session: Session, municipality_id: int, rulebook_id: int) -> Terms:
    """The terms of a rulebook version; a decided version never changes, so it is read once."""
    return _parsed(fetch(session, Rulebook, municipality_id, rulebook_id).text)
