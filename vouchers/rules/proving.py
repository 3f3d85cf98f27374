"""How a result is proved: one reminder, a last day, overrides, the share drawn for review. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from core.chapters import Chapter


@dataclass(frozen=True)
class ProofTerms:
    """Calendar days. `answer_days` runs from the day a follow-up opens, the reminder comes `reminder_days`
    after it; `review_percent` of judged cases are drawn for a second look; an override stands at most
    `override_days`, an employer's link `link_days`."""

    answer_days: int
    reminder_days: int
    review_percent: int
    override_days: int
    link_days: int


ORDINARY = ProofTerms(answer_days=42, reminder_days=14, review_percent=10, override_days=90, link_days=30)
"""What holds where a rulebook has no such chapter: a setting of ours."""


def read_proof(book: Chapter) -> ProofTerms:
    """Read the chapter `proof`; where it is missing, the ordinary terms."""
    if not book.has("proof"):
        return ORDINARY
    chapter = book.table("proof")
    chapter.text("source")
    answer = chapter.whole("answer_days", 7, 365)
    return ProofTerms(
        answer_days=answer,
        reminder_days=chapter.whole("reminder_days", 1, max(answer - 1, 1)),
        review_percent=chapter.whole("review_percent", 0, 100),
        override_days=chapter.whole("override_most_days", 1, 365),
        link_days=chapter.whole("link_valid_days", 1, 90),
    )
