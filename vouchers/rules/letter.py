"""The letter's code: how it is spelled, how long it opens the way to the choice, when it is locked. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from core.chapters import Chapter
from providers.rules.conditions import APPEALS

MARKS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U. Five bits a mark."""
LENGTH, GROUP = 16, 4
BITS = 5 * LENGTH
LONGEST_TYPED = 60
MISREAD = str.maketrans("OIL", "011")


@dataclass(frozen=True)
class LetterTerms:
    """Calendar days that the code is good for, wrong persons' sign-ins that lock it, and how the decision is
    appealed, within how many calendar days."""

    valid_days: int = 90
    lock_after: int = 3
    appeal: str = "legality_review"
    appeal_days: int = 21


def read_letter(book: Chapter) -> LetterTerms:
    """Read the chapter `letter`; without one the defaults hold."""
    if not book.has("letter"):
        return LetterTerms()
    chapter = book.table("letter")
    chapter.text("source")
    return LetterTerms(
        chapter.whole("valid_days", 1, 730),
        chapter.whole("lock_after", 1, 20),
        chapter.choice("appeal", APPEALS),
        chapter.whole("appeal_days", 1, 365),
    )


def spelled(number: int) -> str:
    """A number below 2 to the power of `BITS` as the letter prints it: 7Q2K-0M4X-9TBA-C3ZE."""
    marks = "".join(MARKS[number >> 5 * place & 31] for place in reversed(range(LENGTH)))
    return "-".join(marks[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def read_code(typed: str) -> str | None:
    """What was typed, as it was printed; None when it can be no code.

    Case, spaces and hyphens do not matter, and O is 0, I and L are 1.
    """
    if len(typed) > LONGEST_TYPED:
        return None
    bare = "".join(typed.split()).replace("-", "").replace("–", "")
    marks = bare.upper().translate(MISREAD)
    if not bare.isascii() or len(marks) != LENGTH or not set(marks) <= set(MARKS):
        return None
    return "-".join(marks[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def expires_on(made_on: date, terms: LetterTerms) -> date:
    """The last day that the code is good for."""
    return made_on + timedelta(days=terms.valid_days)


def locks(failures: int, terms: LetterTerms) -> bool:
    """Whether so many sign-ins by others lock the letter."""
    return failures >= terms.lock_after
