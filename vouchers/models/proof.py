"""How a result is proved: what was shown, each look at a source, an employer's word, overrides, reviews."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, CheckConstraint, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Owned, belongs_to, one_of
from vouchers.rules.told import ANSWERS, REVIEWS, SEEN

UNENDED = text("ended_on IS NULL")
UNANSWERED = text("answered_at IS NULL AND closed_at IS NULL")


class OutcomeEvidence(Owned, Base):
    """A file that a provider or staff put with a result: kept under its SHA-256, given out as an attachment.

    Only added. `source` is one of the rulebook's.
    """

    __tablename__ = "outcome_evidence"
    __table_args__ = (
        belongs_to("outcome"),
        CheckConstraint("length(digest) = 64", name="digest_whole"),
        Index(None, "municipality_id", "outcome_id"),
    )

    outcome_id: Mapped[int]
    source: Mapped[str] = mapped_column(String(40))
    digest: Mapped[str] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(60))
    size: Mapped[int] = mapped_column(Integer)
    added_by: Mapped[int]
    added_at: Mapped[datetime]


class Verification(Owned, Base):
    """Somebody looked at a named source for a dated case, and what it said. Only added."""

    __tablename__ = "verification"
    __table_args__ = (
        belongs_to("outcome_check", "check_id"),
        belongs_to("outcome_evidence", "evidence_id"),
        one_of("found", SEEN),
        Index(None, "municipality_id", "check_id"),
    )

    check_id: Mapped[int]
    source: Mapped[str] = mapped_column(String(40))
    found: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text, default="")
    evidence_id: Mapped[int | None]
    seen_by: Mapped[int]
    seen_on: Mapped[date]


class EmployerQuestion(Owned, Base):
    """A signed link by which an employer confirms or denies what was claimed. Found by its code's
    fingerprint; the code itself is sealed. Answered once."""

    __tablename__ = "employer_question"
    __table_args__ = (
        belongs_to("outcome_check", "check_id"),
        one_of("answer", ANSWERS),
        UniqueConstraint("municipality_id", "code_fingerprint"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answer_is_whole"),
        Index(None, "municipality_id", "check_id"),
        Index(
            "uq_employer_question_open",
            "municipality_id",
            "check_id",
            unique=True,
            sqlite_where=UNANSWERED,
            postgresql_where=UNANSWERED,
        ),
    )

    check_id: Mapped[int]
    employer: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(320))
    code_sealed: Mapped[str] = mapped_column(String(200))
    code_fingerprint: Mapped[str] = mapped_column(String(64))
    made_by: Mapped[int]
    made_on: Mapped[date]
    expires_on: Mapped[date]
    opened_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(String(20))
    answered_as: Mapped[str] = mapped_column(String(200), default="")
    """The name and title that whoever answered gave."""
    words: Mapped[str] = mapped_column(Text, default="")
    closed_at: Mapped[datetime | None]


class Override(Owned, Base):
    """A decision that a dated case passes though no source has been seen, or fails though one has; until a
    day, after which it is looked at again. `ended_on` is when it was."""

    __tablename__ = "outcome_override"
    __table_args__ = (
        belongs_to("outcome_check", "check_id"),
        CheckConstraint("until_on >= decided_on", name="ends_later"),
        CheckConstraint("reasons <> ''", name="with_reasons"),
        CheckConstraint("decided_by <> 0", name="a_person"),
        CheckConstraint("(ended_on IS NULL) = (ended_by IS NULL)", name="end_is_whole"),
        Index(
            "uq_outcome_override_standing",
            "municipality_id",
            "check_id",
            unique=True,
            sqlite_where=UNENDED,
            postgresql_where=UNENDED,
        ),
    )

    check_id: Mapped[int]
    passes: Mapped[bool] = mapped_column(Boolean)
    reasons: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[int]
    decided_on: Mapped[date]
    until_on: Mapped[date]
    ended_on: Mapped[date | None]
    ended_by: Mapped[int | None]


class QualityReview(Owned, Base):
    """A judged case drawn for a second look by somebody else. `seed` makes the same draw again."""

    __tablename__ = "quality_review"
    __table_args__ = (
        belongs_to("outcome_check", "check_id"),
        one_of("verdict", REVIEWS),
        UniqueConstraint("municipality_id", "check_id"),
        CheckConstraint(
            "(verdict IS NULL) = (reviewed_by IS NULL) AND (verdict IS NULL) = (reviewed_on IS NULL)",
            name="review_is_whole",
        ),
        Index(None, "municipality_id", "verdict"),
    )

    check_id: Mapped[int]
    seed: Mapped[str] = mapped_column(String(64))
    drawn_on: Mapped[date]
    verdict: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text, default="")
    reviewed_by: Mapped[int | None]
    reviewed_on: Mapped[date | None]
