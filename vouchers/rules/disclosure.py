"""What a provider may see of a person, on which ground, and until when. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from core.chapters import Chapter
from vouchers.rules.plan import SHARED

GROUNDS = ("agreement", "consent")
"""By the agreement and its duty of silence, or only if the person has said yes."""


@dataclass(frozen=True)
class Disclosure:
    """One kind of information (`vouchers.rules.plan.SHARED`): its ground in words, and how many days after
    the person has left the provider sees it."""

    what: str
    ground: str
    basis: str
    days_after: int


def read_disclosure(book: Chapter) -> tuple[Disclosure, ...]:
    """Read the tables `disclosure`; without them a provider sees how to reach the person, while there."""
    if not book.has("disclosure"):
        return (Disclosure("contact", "agreement", "", 0),)
    found: list[Disclosure] = []
    for row in book.tables("disclosure"):
        what = row.choice("what", SHARED)
        if what in {one.what for one in found}:
            row.fault("what", "stands twice")
        row.text("source")
        found.append(
            Disclosure(
                what, row.choice("ground", GROUNDS), row.text("basis"), row.whole("days_after", 0, 3650)
            )
        )
    return tuple(found)
