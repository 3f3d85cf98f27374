"""What participants say: answers about the help they got, and messages to and from their guide."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, Boolean, CheckConstraint, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Owned, belongs_to, one_of
from vouchers.rules.voice import MOMENTS

UNANSWERED = text("from_person AND answered_at IS NULL")


class SurveyAnswer(Owned, Base):
    """One person's answers about one provider, during or after. Never changed; the latest of a person counts.

    `answers` is {question: 1 to 5}, and `overall` the one of them that providers are ordered by; `words` what
    they add, never shown to the provider.
    """

    __tablename__ = "survey_answer"
    __table_args__ = (
        belongs_to("participant"),
        belongs_to("leg"),
        belongs_to("provider"),
        one_of("moment", MOMENTS),
        CheckConstraint("overall BETWEEN 1 AND 5", name="overall_is_a_step"),
        Index(None, "municipality_id", "provider_id"),
        Index(None, "municipality_id", "participant_id"),
    )

    participant_id: Mapped[int]
    leg_id: Mapped[int]
    provider_id: Mapped[int]
    moment: Mapped[str] = mapped_column(String(10))
    answers: Mapped[dict[str, int]] = mapped_column(JSON)
    overall: Mapped[int | None] = mapped_column(Integer)
    words: Mapped[str] = mapped_column(Text, default="")
    answered_on: Mapped[date]


class Message(Owned, Base):
    """A message between a person and the guide. Nobody else reads it, least of all a provider.

    `answered_at` is when a guide answered what the person wrote, or said that it needs no answer.
    """

    __tablename__ = "message"
    __table_args__ = (
        belongs_to("participant"),
        Index(None, "municipality_id", "participant_id", "sent_at"),
        Index(
            "ix_message_unanswered",
            "municipality_id",
            "participant_id",
            sqlite_where=UNANSWERED,
            postgresql_where=UNANSWERED,
        ),
    )

    participant_id: Mapped[int]
    from_person: Mapped[bool] = mapped_column(Boolean)
    author_id: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
