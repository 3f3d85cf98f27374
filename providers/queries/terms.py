"""The accreditation chapter in force, read from a rulebook once."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.chapters import Book
from core.database import fetch
from core.rulebooks import Rulebook
from providers.rules.conditions import AccreditationTerms, read_accreditation


@lru_cache(maxsize=256)
def _parsed(text: str) -> AccreditationTerms:
    return read_accreditation(Book(text).root)


def accreditation_terms(session: Session, municipality_id: int, rulebook_id: int) -> AccreditationTerms:
    """The chapter of a rulebook version; a decided version never changes, so it is read once."""
    return _parsed(fetch(session, Rulebook, municipality_id, rulebook_id).text)


def newest_rulebooks(session: Session, municipality_id: int) -> dict[str, Rulebook]:
    """The newest decided version of each kundval, by scheme."""
    rows = (
        select(Rulebook)
        .where(Rulebook.municipality_id == municipality_id, Rulebook.state == "decided")
        .order_by(Rulebook.valid_from, Rulebook.id)
    )
    return {rulebook.scheme: rulebook for rulebook in session.scalars(rows)}
