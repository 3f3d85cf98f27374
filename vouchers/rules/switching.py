"""Going on to another provider: who may, when, from which day. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from core.chapters import Chapter

ASKERS = ("participant", "guide")


@dataclass(frozen=True)
class Switching:
    """`by` says who may bind a switch; `notice_working_days` run from the day it is asked for to the last day
    at the old one; `least_days_left` is what must be left of the service; `most` switches a voucher (0: any
    number)."""

    by: tuple[str, ...]
    notice_working_days: int
    least_days_left: int
    most: int


def read_switching(book: Chapter) -> Switching | None:
    """Read the chapter `switching`; without one nobody switches."""
    if not book.has("switching"):
        return None
    chapter = book.table("switching")
    chapter.text("source")
    by = chapter.words("by")
    for who in by:
        if who not in ASKERS:
            chapter.fault("by", f"{who} is not one of {', '.join(ASKERS)}")
    return Switching(
        by=by,
        notice_working_days=chapter.whole("notice_working_days", 0, 60),
        least_days_left=chapter.whole("least_days_left", 0, 365),
        most=chapter.whole("most", 0, 50),
    )
