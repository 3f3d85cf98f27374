"""What the municipality and a person write down together: assessments, the plan, meetings, consents."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Owned, belongs_to, one_of
from vouchers.rules.plan import GIVEN, MEETINGS, PARTIES, SHARED
from vouchers.rules.words import STATE_CHECKS

TO_PROVIDER = text("withdrawn_on IS NULL AND provider_id IS NOT NULL")
TO_PARTY = text("withdrawn_on IS NULL AND provider_id IS NULL")


class Assessment(Owned, Base):
    """What a guide and a person found at a meeting, by the rulebook's instrument. Never changed; a new one
    follows it.

    `answers` is {question: scale step}. `suggested_*` is what the rules said of them and `why` their reasons
    as plain JSON; `service` and `level` are the guide's own finding, with `reasons` where it differs.
    `state_check` is how the state's own measures were considered first.
    """

    __tablename__ = "assessment"
    __table_args__ = (
        belongs_to("participant"),
        belongs_to("rulebook"),
        one_of("state_check", STATE_CHECKS),
        CheckConstraint(
            "(service = suggested_service AND level = suggested_level) OR reasons <> ''",
            name="differs_with_reasons",
        ),
        Index(None, "municipality_id", "participant_id"),
    )

    participant_id: Mapped[int]
    rulebook_id: Mapped[int]
    met_on: Mapped[date]
    answers: Mapped[dict[str, str]] = mapped_column(JSON)
    why: Mapped[list[dict[str, object]]] = mapped_column(JSON)
    suggested_service: Mapped[str] = mapped_column(String(60))
    suggested_level: Mapped[str] = mapped_column(String(30))
    service: Mapped[str] = mapped_column(String(60))
    level: Mapped[str] = mapped_column(String(30))
    reasons: Mapped[str] = mapped_column(Text, default="")
    state_check: Mapped[str] = mapped_column(String(30))
    state_check_note: Mapped[str] = mapped_column(Text, default="")
    made_by: Mapped[int]
    made_on: Mapped[date]


class Plan(Owned, Base):
    """A person's one plan: what it is to lead to, in the person's own words."""

    __tablename__ = "plan"
    __table_args__ = (belongs_to("participant"), UniqueConstraint("municipality_id", "participant_id"))

    participant_id: Mapped[int]
    goal: Mapped[str] = mapped_column(Text)
    changed_by: Mapped[int]
    changed_on: Mapped[date]


class PlanPart(Owned, Base):
    """Who does what, until when. Done or taken away, never rewritten. The first undone one is the next step.

    `party` is who (`vouchers.rules.plan.PARTIES`); `provider_id` which provider; `contact` a name and a
    number there.
    """

    __tablename__ = "plan_part"
    __table_args__ = (
        belongs_to("participant"),
        belongs_to("provider"),
        one_of("party", PARTIES),
        CheckConstraint("done_on IS NULL OR removed_on IS NULL", name="one_end"),
        Index(None, "municipality_id", "participant_id"),
    )

    participant_id: Mapped[int]
    party: Mapped[str] = mapped_column(String(30))
    provider_id: Mapped[int | None]
    contact: Mapped[str] = mapped_column(String(200), default="")
    does: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date]
    added_by: Mapped[int]
    added_on: Mapped[date]
    done_on: Mapped[date | None]
    done_by: Mapped[int | None]
    removed_on: Mapped[date | None]
    removed_by: Mapped[int | None]


class Meeting(Owned, Base):
    """A meeting that was held: who was there, what was said, and the next step with its day. Never changed.

    `present` lists parties (`vouchers.rules.plan.PARTIES`).
    """

    __tablename__ = "meeting"
    __table_args__ = (
        belongs_to("participant"),
        one_of("kind", MEETINGS),
        CheckConstraint("next_step_on >= held_on", name="next_step_is_later"),
        Index(None, "municipality_id", "participant_id"),
    )

    participant_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    held_on: Mapped[date]
    present: Mapped[list[str]] = mapped_column(JSON)
    notes: Mapped[str] = mapped_column(Text)
    next_step: Mapped[str] = mapped_column(Text)
    next_step_on: Mapped[date]
    recorded_by: Mapped[int]
    recorded_on: Mapped[date]


class Consent(Owned, Base):
    """What a person lets a party see, given by themselves or on paper at a meeting, until it is withdrawn.

    `what` is a kind of information (`vouchers.rules.plan.SHARED`). For the party `provider` it is about one
    provider. One stands at a time for each party and kind.
    """

    __tablename__ = "consent"
    __table_args__ = (
        belongs_to("participant"),
        belongs_to("provider"),
        one_of("party", PARTIES),
        one_of("what", SHARED),
        one_of("given_how", GIVEN),
        CheckConstraint("(party = 'provider') = (provider_id IS NOT NULL)", name="provider_is_named"),
        CheckConstraint("to_on IS NULL OR to_on >= given_on", name="ends_after_start"),
        CheckConstraint("(withdrawn_on IS NULL) = (withdrawn_by IS NULL)", name="withdrawal_is_whole"),
        Index(None, "municipality_id", "participant_id"),
        Index(
            "uq_consent_to_provider",
            "municipality_id",
            "participant_id",
            "provider_id",
            "what",
            unique=True,
            sqlite_where=TO_PROVIDER,
            postgresql_where=TO_PROVIDER,
        ),
        Index(
            "uq_consent_to_party",
            "municipality_id",
            "participant_id",
            "party",
            "what",
            unique=True,
            sqlite_where=TO_PARTY,
            postgresql_where=TO_PARTY,
        ),
    )

    participant_id: Mapped[int]
    party: Mapped[str] = mapped_column(String(30))
    provider_id: Mapped[int | None]
    what: Mapped[str] = mapped_column(String(30))
    given_how: Mapped[str] = mapped_column(String(20))
    given_on: Mapped[date]
    given_at: Mapped[datetime]
    recorded_by: Mapped[int]
    to_on: Mapped[date | None]
    withdrawn_on: Mapped[date | None]
    withdrawn_by: Mapped[int | None]
