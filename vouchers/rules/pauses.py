"""When a service stands still: for which reasons, how long, and what that does to its length. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from core.chapters import Chapter
from vouchers.rules.words import PAUSE_REASONS

CLOCKS = ("stops", "runs")


@dataclass(frozen=True)
class Pauses:
    """`clock` stops when paused days are added to the service's end, runs when they are lost. Days of one
    pause are at most `most_days`; a month wholly paused is never paid."""

    reasons: tuple[str, ...]
    clock: str
    most_days: int


def read_pauses(book: Chapter) -> Pauses | None:
    """Read the chapter `pauses`; without one nothing is paused."""
    if not book.has("pauses"):
        return None
    chapter = book.table("pauses")
    chapter.text("source")
    reasons = chapter.words("reasons")
    for reason in reasons:
        if reason not in PAUSE_REASONS:
            chapter.fault("reasons", f"{reason} is not one of {', '.join(PAUSE_REASONS)}")
    return Pauses(reasons, chapter.choice("clock", CLOCKS), chapter.whole("most_days", 1, 1000))
