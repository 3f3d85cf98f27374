"""More months for the same service: how many, how late, and on what. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from core.chapters import Chapter


@dataclass(frozen=True)
class ExtensionTerms:
    """`most_months` in all, first decision and extensions together; `most` extensions a voucher; decided at
    the earliest `earliest_days` before the service's last day; the assessment it rests on is at most
    `assessment_days` old."""

    most_months: int
    most: int
    earliest_days: int
    assessment_days: int


def read_extension(book: Chapter) -> ExtensionTerms | None:
    """Read the chapter `extension`; without one nothing is extended."""
    if not book.has("extension"):
        return None
    chapter = book.table("extension")
    chapter.text("source")
    return ExtensionTerms(
        most_months=chapter.whole("most_months", 1, 60),
        most=chapter.whole("most", 1, 10),
        earliest_days=chapter.whole("earliest_days", 1, 365),
        assessment_days=chapter.whole("assessment_days", 1, 365),
    )
