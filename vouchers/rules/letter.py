"""The letter's code: how long it opens the way to the choice, and when it is locked. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from core.chapters import Chapter


@dataclass(frozen=True)
class LetterTerms:
    """Calendar days that the code is good for, and wrong persons' sign-ins that lock it."""

    valid_days: int = 90
    lock_after: int = 3


def read_letter(book: Chapter) -> LetterTerms:
    """Read the chapter `letter`; without one the defaults hold."""
    if not book.has("letter"):
        return LetterTerms()
    chapter = book.table("letter")
    chapter.text("source")
    return LetterTerms(chapter.whole("valid_days", 1, 730), chapter.whole("lock_after", 1, 20))
