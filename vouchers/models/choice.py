"""What the choice stores of a person's way: who it is, vouchers, legs, reports, outcomes and their checks."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Owned, belongs_to, one_of
from core.dates import now
from core.identity import Protection
from providers.rules.sanctions import WINDING_PLANS
from vouchers.rules.states import CHECK_STATES, OUTCOME_STATES, REPORT_STATES, VOUCHER_STATES
from vouchers.rules.terms import OUTCOME_KINDS
from vouchers.rules.told import AGAINST_PLAN, HELD, RELATIONS, VIA
from vouchers.rules.words import STUDIES

HOW_CHOSEN = ("own", "assisted", "non_choice")
END_REASONS = (
    "work",
    "studies",
    "own_business",
    "next_step",
    "other_measure",
    "moved",
    "interrupted",
    "time_out",
)
RUNNING = text("ended_on IS NULL AND declined_on IS NULL")
SWITCHED = "switched"
"""Why a leg ended when its person went on to another provider. Nobody picks it in a form."""
PROVIDER_ENDED = "provider_ended"
"""Why a leg ended when the provider was no longer accredited. Nobody picks it in a form."""
PURPOSES = ("result", "bonus")


class Participant(Owned, Base):
    """A job seeker. Found by `identity_fingerprint`; the number itself is sealed."""

    __tablename__ = "participant"
    __table_args__ = (
        UniqueConstraint("municipality_id", "identity_fingerprint"),
        UniqueConstraint("municipality_id", "account_id"),
        belongs_to("account"),
        belongs_to("account", "guide_id"),
        one_of("protection", [kind.value for kind in Protection]),
        CheckConstraint(
            "protection <> 'protected_registration'"
            " OR (street IS NULL AND postal_code IS NULL AND town IS NULL)",
            name="protected_has_no_address",
        ),
    )

    account_id: Mapped[int | None]
    guide_id: Mapped[int]
    identity_sealed: Mapped[str] = mapped_column(String(400))
    identity_fingerprint: Mapped[str] = mapped_column(String(64))
    given_name: Mapped[str] = mapped_column(String(100))
    family_name: Mapped[str] = mapped_column(String(100))
    protection: Mapped[str] = mapped_column(String(30), default=Protection.NONE.value)
    language: Mapped[str] = mapped_column(String(2), default="sv")
    phone: Mapped[str | None] = mapped_column(String(30))
    email: Mapped[str | None] = mapped_column(String(320))
    street: Mapped[str | None] = mapped_column(String(200))
    postal_code: Mapped[str | None] = mapped_column(String(5))
    town: Mapped[str | None] = mapped_column(String(100))

    @property
    def name(self) -> str:
        """Given and family name."""
        return f"{self.given_name} {self.family_name}"

    @property
    def is_protected(self) -> bool:
        """The one property that every query, export, map and letter obeys."""
        return self.protection != Protection.NONE.value


class Voucher(Owned, Base):
    """A person's right to one service at one level, under the rulebook version of its decision.

    `studies` is what it is combined with; `target_group` a code of the rulebook; `months` the length, with
    what an extension has added.
    """

    __tablename__ = "voucher"
    __table_args__ = (
        belongs_to("participant"),
        belongs_to("rulebook"),
        one_of("state", VOUCHER_STATES),
        CheckConstraint("state <> 'ended' OR ended_on IS NOT NULL", name="end_has_a_day"),
        belongs_to("assessment"),
        one_of("studies", STUDIES),
        Index(None, "municipality_id", "participant_id"),
        Index(None, "municipality_id", "state"),
    )

    participant_id: Mapped[int]
    rulebook_id: Mapped[int]
    scheme: Mapped[str] = mapped_column(String(60))
    service: Mapped[str] = mapped_column(String(60))
    level: Mapped[str] = mapped_column(String(30))
    months: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(20))
    decided_by: Mapped[int]
    decided_on: Mapped[date]
    reasons: Mapped[str] = mapped_column(Text)
    choose_by: Mapped[date]
    ended_on: Mapped[date | None]
    end_reason: Mapped[str | None] = mapped_column(String(20))
    assessment_id: Mapped[int | None]
    target_group: Mapped[str | None] = mapped_column(String(40))
    studies: Mapped[str] = mapped_column(String(20), default="none", server_default="none")
    updated_at: Mapped[datetime | None] = mapped_column(default=now, onupdate=now)


class Leg(Owned, Base):
    """A voucher's time with one provider: the agreement that money is about.

    `coach_id` is the coach the provider has named for the person; a protected person is known to no other.
    """

    __tablename__ = "leg"
    __table_args__ = (
        belongs_to("voucher"),
        belongs_to("provider"),
        belongs_to("accreditation"),
        one_of("how", HOW_CHOSEN),
        UniqueConstraint("municipality_id", "voucher_id", "ordinal"),
        CheckConstraint(
            "ended_on IS NULL OR started_on IS NULL OR started_on <= ended_on", name="ends_after_start"
        ),
        Index(None, "municipality_id", "provider_id"),
        Index(
            "ix_leg_taken",
            "municipality_id",
            "accreditation_id",
            sqlite_where=RUNNING,
            postgresql_where=RUNNING,
        ),
        Index(
            "uq_leg_running",
            "municipality_id",
            "voucher_id",
            unique=True,
            sqlite_where=RUNNING,
            postgresql_where=RUNNING,
        ),
    )

    voucher_id: Mapped[int]
    provider_id: Mapped[int]
    accreditation_id: Mapped[int]
    ordinal: Mapped[int] = mapped_column(Integer)
    how: Mapped[str] = mapped_column(String(20))
    chosen_on: Mapped[date]
    chosen_by: Mapped[int]
    start_by: Mapped[date]
    accepted_on: Mapped[date | None]
    declined_on: Mapped[date | None]
    started_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    end_reason: Mapped[str | None] = mapped_column(String(20))
    decline_reason: Mapped[str | None] = mapped_column(String(40))
    coach_id: Mapped[int | None]
    updated_at: Mapped[datetime | None] = mapped_column(default=now, onupdate=now)


class LegPlan(Owned, Base):
    """What happens to a running customer when the provider's accreditation has ended. One plan a leg counts:
    the newest. `to_on` is the last day there, for those who stay."""

    __tablename__ = "leg_plan"
    __table_args__ = (
        belongs_to("leg"),
        one_of("kind", WINDING_PLANS),
        CheckConstraint("(kind = 'stay') = (to_on IS NOT NULL)", name="stays_to_a_day"),
        Index(None, "municipality_id", "leg_id"),
    )

    leg_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    to_on: Mapped[date | None]
    decided_by: Mapped[int]
    decided_on: Mapped[date]


class ChoiceReceipt(Owned, Base):
    """What the chooser was shown, kept as it was that day."""

    __tablename__ = "choice_receipt"
    __table_args__ = (belongs_to("leg"), UniqueConstraint("municipality_id", "leg_id"))

    leg_id: Mapped[int]
    made_at: Mapped[datetime]
    shown: Mapped[dict[str, object]] = mapped_column(JSON)


class Report(Owned, Base):
    """A provider's report of one month of one leg. A withdrawn one is kept, and a new one may come.

    `booked_minutes` is what the person was booked for, `activity_minutes` what they were at, of which
    `physical_minutes` on the spot. `activities` are codes of the rulebook with spaces between.
    """

    __tablename__ = "report"
    __table_args__ = (
        belongs_to("leg"),
        one_of("state", REPORT_STATES),
        one_of("against_plan", AGAINST_PLAN),
        one_of("via", VIA),
        CheckConstraint("physical_minutes <= activity_minutes", name="physical_is_a_part"),
        CheckConstraint("state <> 'approved' OR judged_by IS NOT NULL", name="a_person_approved"),
        CheckConstraint("judged_by IS NULL OR judged_by <> submitted_by", name="another_person_approved"),
        Index(None, "municipality_id", "leg_id"),
        Index(None, "municipality_id", "updated_at"),
        Index(
            "ix_report_waiting",
            "municipality_id",
            "leg_id",
            "submitted_on",
            sqlite_where=text("state = 'submitted'"),
            postgresql_where=text("state = 'submitted'"),
        ),
        Index(
            "uq_report_living",
            "municipality_id",
            "leg_id",
            "month",
            unique=True,
            sqlite_where=text("state <> 'withdrawn'"),
            postgresql_where=text("state <> 'withdrawn'"),
            postgresql_include=["id", "state"],  # a payment run reads months from the index alone
        ),
    )

    leg_id: Mapped[int]
    month: Mapped[date]
    state: Mapped[str] = mapped_column(String(20))
    activity_minutes: Mapped[int] = mapped_column(Integer)
    meetings: Mapped[int] = mapped_column(Integer)
    physical_meetings: Mapped[int] = mapped_column(Integer)
    progress: Mapped[str] = mapped_column(Text)
    next_step: Mapped[str] = mapped_column(Text)
    next_step_on: Mapped[date]
    booked_minutes: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    physical_minutes: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    activities: Mapped[str] = mapped_column(String(300), default="", server_default="")
    against_plan: Mapped[str] = mapped_column(String(20), default="as_planned", server_default="as_planned")
    via: Mapped[str] = mapped_column(String(10), default="page", server_default="page")
    submitted_by: Mapped[int]
    submitted_on: Mapped[date]
    is_late: Mapped[bool] = mapped_column(Boolean)
    judged_by: Mapped[int | None]
    judged_on: Mapped[date | None]
    comment: Mapped[str] = mapped_column(Text, default="")
    withdrawn_on: Mapped[date | None]
    withdrawn_by: Mapped[int | None]
    updated_at: Mapped[datetime | None] = mapped_column(default=now, onupdate=now)


class Outcome(Owned, Base):
    """What a service led to, as the provider claims it and staff verify it.

    `municipal`: the employer is the municipality itself, with a wage it pays for the sake of the person.
    `related`: the employer is the provider (own) or of its declared group, as it was when claimed;
    `related_reasons` is why staff verified it all the same.
    """

    __tablename__ = "outcome"
    __table_args__ = (
        belongs_to("leg"),
        belongs_to("voucher"),
        one_of("kind", OUTCOME_KINDS),
        one_of("state", OUTCOME_STATES),
        one_of("related", RELATIONS),
        one_of("via", VIA),
        CheckConstraint("extent_percent BETWEEN 1 AND 100", name="extent_is_a_share"),
        Index(None, "municipality_id", "voucher_id"),
        Index(None, "municipality_id", "leg_id"),
    )

    leg_id: Mapped[int]
    voucher_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    starts_on: Mapped[date]
    extent_percent: Mapped[int] = mapped_column(Integer)
    subsidised: Mapped[bool] = mapped_column(Boolean)
    employer_number: Mapped[str | None] = mapped_column(String(10))
    employer_name: Mapped[str | None] = mapped_column(String(200))
    ends_on: Mapped[date | None]
    municipal: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    related: Mapped[str | None] = mapped_column(String(20))
    related_reasons: Mapped[str] = mapped_column(Text, default="", server_default="")
    via: Mapped[str] = mapped_column(String(10), default="page", server_default="page")
    claimed_by: Mapped[int]
    claimed_on: Mapped[date]
    updated_at: Mapped[datetime | None] = mapped_column(default=now, onupdate=now)


class Check(Owned, Base):
    """One dated case of verifying an outcome: part 1, 2 … of the result, or the six-month bonus.

    `answer_by` is the last day for the provider to show what it has, `reminded_on` when it was told once,
    `answer` what it said last; `last_on` is the last day of what has ended. None where nobody is asked.
    """

    __tablename__ = "outcome_check"
    __table_args__ = (
        belongs_to("outcome"),
        belongs_to("voucher"),
        belongs_to("leg"),
        one_of("purpose", PURPOSES),
        one_of("state", CHECK_STATES),
        UniqueConstraint("municipality_id", "outcome_id", "purpose", "part"),
        CheckConstraint(
            "state <> 'passed' OR (judged_by IS NOT NULL AND source IS NOT NULL)",
            name="a_person_saw_a_source",
        ),
        CheckConstraint("judged_on IS NULL OR judged_on >= due_on", name="not_before_its_day"),
        one_of("answer", HELD),
        CheckConstraint(
            "(answer IS NULL) = (answered_on IS NULL) AND (answer IS NULL) = (answered_by IS NULL)"
            " AND (last_on IS NOT NULL) = (answer IS NOT NULL AND answer = 'ended')",
            name="answer_is_whole",
        ),
        Index(None, "municipality_id", "voucher_id"),
        Index(None, "municipality_id", "state", "due_on"),
    )

    outcome_id: Mapped[int]
    voucher_id: Mapped[int]
    leg_id: Mapped[int]
    purpose: Mapped[str] = mapped_column(String(20))
    part: Mapped[int] = mapped_column(Integer)
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(20))
    source: Mapped[str | None] = mapped_column(String(40))
    refusal_code: Mapped[str | None] = mapped_column(String(40))
    judged_by: Mapped[int | None]
    judged_on: Mapped[date | None]
    answer_by: Mapped[date | None]
    reminded_on: Mapped[date | None]
    updated_at: Mapped[datetime | None] = mapped_column(default=now, onupdate=now)
    answer: Mapped[str | None] = mapped_column(String(10))
    answered_on: Mapped[date | None]
    answered_by: Mapped[int | None]
    last_on: Mapped[date | None]
