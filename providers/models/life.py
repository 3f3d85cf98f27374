"""What happens to an accreditation: proposals, decisions, stops of intake, notices, events for the public."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Owned, belongs_to, one_of
from providers.rules.conditions import STOPPERS
from providers.rules.sanctions import BODIES, DECISIONS, PROPOSALS

OPEN = text("state = 'open'")
STANDING = text("to_on IS NULL")


class Proposal(Owned, Base):
    """What is proposed for an accreditation, by a person or (0) by the clock. One is open at a time.

    `facts` is JSON of keys, counts and dates: the evidence as it was when proposed.
    """

    __tablename__ = "proposal"
    __table_args__ = (
        belongs_to("accreditation"),
        one_of("kind", PROPOSALS),
        one_of("state", ("open", "decided", "lapsed")),
        CheckConstraint("(state = 'open') = (closed_on IS NULL)", name="closed_has_day"),
        Index(
            "uq_proposal_open",
            "municipality_id",
            "accreditation_id",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
    )

    accreditation_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(30))
    words: Mapped[str] = mapped_column(Text, default="")
    facts: Mapped[str] = mapped_column(Text, default="{}")
    made_by: Mapped[int]
    made_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(20), default="open")
    closed_on: Mapped[date | None]


class Decision(Owned, Base):
    """A decision about an accreditation, by a named person, in the name of a body. Never changed.

    `appeal` is the rulebook's kind of appeal. Delegated decisions, and the chair's, get a day when they were
    reported to the board, in a `Reported` row.
    """

    __tablename__ = "decision"
    __table_args__ = (
        belongs_to("accreditation"),
        belongs_to("proposal"),
        belongs_to("rulebook"),
        one_of("kind", DECISIONS),
        one_of("body", BODIES),
        CheckConstraint("decided_by <> 0", name="a_person"),
        CheckConstraint("body <> 'board' OR meeting_on IS NOT NULL", name="board_meets"),
        CheckConstraint("amount_ore IS NULL OR amount_ore > 0", name="amount"),
        Index(None, "municipality_id", "accreditation_id"),
    )

    accreditation_id: Mapped[int]
    proposal_id: Mapped[int | None]
    rulebook_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(30))
    reasons: Mapped[str] = mapped_column(Text)
    legal_basis: Mapped[str] = mapped_column(Text, default="")
    appeal: Mapped[str] = mapped_column(String(30), default="none")
    appeal_days: Mapped[int] = mapped_column(Integer, default=0)
    decided_by: Mapped[int]
    decided_on: Mapped[date]
    meeting_on: Mapped[date | None]
    paragraph: Mapped[str] = mapped_column(String(30), default="")
    effective_on: Mapped[date]
    due_on: Mapped[date | None]
    amount_ore: Mapped[int | None]


class Reported(Base):
    """A decision taken on the board's behalf has been reported to it (KL 6:39-40)."""

    __tablename__ = "reported"
    __table_args__ = (belongs_to("decision"),)

    municipality_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    decision_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    meeting_on: Mapped[date]
    noted_by: Mapped[int]


class ActionPlan(Owned, Base):
    """What a warned provider says it will do, and by when."""

    __tablename__ = "action_plan"
    __table_args__ = (belongs_to("decision"), Index(None, "municipality_id", "decision_id"))

    decision_id: Mapped[int]
    words: Mapped[str] = mapped_column(Text)
    done_by: Mapped[date]
    handed_in_by: Mapped[int]
    handed_in_on: Mapped[date]


class IntakeStop(Owned, Base):
    """Days when an accredited provider took nobody new; `to_on` is the last one, None while it stands."""

    __tablename__ = "intake_stop"
    __table_args__ = (
        belongs_to("accreditation"),
        one_of("stopped_by", STOPPERS),
        CheckConstraint("to_on IS NULL OR from_on <= to_on", name="ends_after_start"),
        Index(
            "uq_intake_stop_standing",
            "municipality_id",
            "accreditation_id",
            "stopped_by",
            unique=True,
            sqlite_where=STANDING,
            postgresql_where=STANDING,
        ),
    )

    accreditation_id: Mapped[int]
    stopped_by: Mapped[str] = mapped_column(String(20))
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    reasons: Mapped[str] = mapped_column(Text, default="")
    account_id: Mapped[int]


class Notice(Owned, Base):
    """Something the provider is told, once: a reminder, evidence that ends, new conditions."""

    __tablename__ = "notice"
    __table_args__ = (
        belongs_to("accreditation"),
        UniqueConstraint("municipality_id", "accreditation_id", "kind", "about"),
    )

    accreditation_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(30))
    about: Mapped[str] = mapped_column(String(80))
    given_on: Mapped[date]
    due_on: Mapped[date | None]


class Reaccreditation(Owned, Base):
    """New conditions for a kundval: who is accredited under older ones must apply again before a day."""

    __tablename__ = "reaccreditation"
    __table_args__ = (belongs_to("rulebook"), UniqueConstraint("municipality_id", "rulebook_id"))

    rulebook_id: Mapped[int]
    scheme: Mapped[str] = mapped_column(String(60))
    due_on: Mapped[date]
    reasons: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[int]
    decided_on: Mapped[date]


class RegisterEvent(Base):
    """What the public may know has happened in the register, by running number; `facts` is JSON."""

    __tablename__ = "register_event"
    __table_args__ = (belongs_to("accreditation"),)

    municipality_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    what: Mapped[str] = mapped_column(String(40))
    accreditation_id: Mapped[int]
    provider_id: Mapped[int]
    day: Mapped[date]
    facts: Mapped[str] = mapped_column(Text, default="{}")
