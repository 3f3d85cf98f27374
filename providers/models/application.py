"""What an application holds: people to call, evidence, questions back, reviewers and what they found."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, CheckConstraint, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Owned, belongs_to, one_of
from providers.rules.conditions import CONTROLS

VERDICTS = ("met", "not_met", "unclear")


class Contact(Owned, Base):
    """A person to call at a provider. Never changed: a new number is a new row, so one knows since when."""

    __tablename__ = "contact"
    __table_args__ = (belongs_to("provider"), Index(None, "municipality_id", "provider_id"))

    provider_id: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(String(100), default="")
    phone: Mapped[str] = mapped_column(String(30))
    email: Mapped[str] = mapped_column(String(320))
    added_on: Mapped[date]
    added_by: Mapped[int]
    removed_on: Mapped[date | None]


class Evidence(Owned, Base):
    """What a provider shows or declares for a condition. The newest row of a condition counts; all are kept.

    `digest` is the SHA-256 of the file, which lies outside the web root under that name; None for words only.
    """

    __tablename__ = "evidence"
    __table_args__ = (
        belongs_to("accreditation"),
        CheckConstraint("digest IS NULL OR length(digest) = 64", name="digest_whole"),
        Index(None, "municipality_id", "accreditation_id", "condition"),
    )

    accreditation_id: Mapped[int]
    condition: Mapped[str] = mapped_column(String(60))
    statement: Mapped[str] = mapped_column(Text, default="")
    digest: Mapped[str | None] = mapped_column(String(64))
    file_name: Mapped[str | None] = mapped_column(String(200))
    media_type: Mapped[str | None] = mapped_column(String(60))
    size: Mapped[int | None] = mapped_column(Integer)
    valid_to: Mapped[date | None]
    added_by: Mapped[int]
    added_at: Mapped[datetime]


class Supplement(Owned, Base):
    """What staff asked an applicant to add, until when, and the answer."""

    __tablename__ = "supplement"
    __table_args__ = (
        belongs_to("accreditation"),
        CheckConstraint("asked_on < due_on", name="due_later"),
        Index(None, "municipality_id", "accreditation_id"),
    )

    accreditation_id: Mapped[int]
    wanted: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[int]
    asked_on: Mapped[date]
    due_on: Mapped[date]
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_by: Mapped[int | None]
    answered_on: Mapped[date | None]


class Reviewer(Base):
    """Somebody who reviews an application, and has said whether there is a conflict of interest (jäv)."""

    __tablename__ = "reviewer"
    __table_args__ = (belongs_to("accreditation"), belongs_to("account"))

    municipality_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    accreditation_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    has_conflict: Mapped[bool] = mapped_column(Boolean)
    declared_on: Mapped[date]


class Judgement(Owned, Base):
    """What one reviewer found of one condition, and how. A reviewer's newest row counts; all are kept."""

    __tablename__ = "judgement"
    __table_args__ = (
        belongs_to("accreditation"),
        one_of("verdict", VERDICTS),
        one_of("control", CONTROLS),
        Index(None, "municipality_id", "accreditation_id", "condition"),
    )

    accreditation_id: Mapped[int]
    condition: Mapped[str] = mapped_column(String(60))
    reviewer_id: Mapped[int]
    verdict: Mapped[str] = mapped_column(String(20))
    control: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text, default="")
    judged_on: Mapped[date]
