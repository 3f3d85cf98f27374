"""What leaves the house: batches, statements, signatures, the bank's answers.

Statements, signatures and answers are only ever added; triggers in the database refuse the rest.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Owned, belongs_to, one_of
from payouts.rules.batches import BATCH_STATES, OPEN_STATES
from payouts.rules.tolerance import GATES, OUTCOMES

SEAL = 2
"""How `content_hash` is made now; 1 knew neither holds nor follow-ups
(payouts/actions/batches/sealing.py)."""
OPEN = text("state IN ({})".format(", ".join(f"'{state}'" for state in OPEN_STATES)))


class Batch(Owned, Base):
    """Payments that are signed and sent together. `content_hash` is over all that a signature vouches for.

    `follows_batch_id` is set for a follow-up. `looked_by` has looked into one that was parked.
    """

    __tablename__ = "batch"
    __table_args__ = (
        one_of("state", BATCH_STATES),
        belongs_to("batch", "follows_batch_id"),
        CheckConstraint("follows_batch_id IS NULL OR follow_reason <> ''", name="followed_with_reasons"),
        CheckConstraint("looked_by <> made_by", name="looked_into_by_another"),
        UniqueConstraint("municipality_id", "id", "made_by"),
        Index("uq_batch_open", "municipality_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
    )

    state: Mapped[str] = mapped_column(String(20))
    made_by: Mapped[int]
    made_at: Mapped[datetime]
    pay_on: Mapped[date]
    payments: Mapped[int]
    lines: Mapped[int]
    paid_ore: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64))
    document: Mapped[bytes | None] = mapped_column(LargeBinary)
    sent_at: Mapped[datetime | None]
    handed_over_at: Mapped[datetime | None]
    void_reason: Mapped[str] = mapped_column(Text, default="")
    seal: Mapped[int] = mapped_column(Integer, default=SEAL)
    follows_batch_id: Mapped[int | None]
    follow_reason: Mapped[str] = mapped_column(Text, default="")
    looked_by: Mapped[int | None]
    looked_at: Mapped[datetime | None]
    looked_reasons: Mapped[str] = mapped_column(Text, default="")


class GateOutcome(Base):
    """What one gate said of a batch, or of one provider or voucher in it, with the numbers it was judged by.

    `now_ore` is what would be paid, `usual_ore` the median of `compared` earlier ones; see
    payouts/rules/tolerance.py. A held provider has a row of its own: what of its money waits.
    """

    __tablename__ = "gate_outcome"
    __table_args__ = (belongs_to("batch"), one_of("gate", GATES), one_of("outcome", OUTCOMES))

    municipality_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    batch_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    gate: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str] = mapped_column(String(20))
    provider_id: Mapped[int | None]
    voucher_id: Mapped[int | None]
    now_ore: Mapped[int]
    usual_ore: Mapped[int | None]
    compared: Mapped[int] = mapped_column(Integer)
    percent: Mapped[int] = mapped_column(Integer)
    floor_ore: Mapped[int]


class BatchEntry(Base):
    """A run's lines for one provider stand in one batch. Freed only when the batch is void."""

    __tablename__ = "batch_entry"
    __table_args__ = (
        belongs_to("batch"),
        ForeignKeyConstraint(
            ["municipality_id", "run_id", "provider_id"],
            ["run_total.municipality_id", "run_total.run_id", "run_total.provider_id"],
        ),
        Index(None, "municipality_id", "batch_id"),
    )

    municipality_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    run_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    provider_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    batch_id: Mapped[int]


class Statement(Owned, Base):
    """What one provider is paid in one batch, and why it is not more or less.

    `earned_ore` and `clawed_ore` are what its runs booked. `withheld_ore` of it is held back,
    `released_ore` was held back earlier; both are sums of lines, and may be below zero. `returned_ore` is
    what the bank sent back.
    """

    __tablename__ = "statement"
    __table_args__ = (
        belongs_to("batch"),
        belongs_to("provider"),
        UniqueConstraint("municipality_id", "batch_id", "provider_id"),
        CheckConstraint(
            "earned_ore + clawed_ore + carried_in_ore + released_ore + returned_ore"
            " = paid_ore + carried_out_ore + withheld_ore",
            name="nothing_is_lost",
        ),
        CheckConstraint(
            "earned_ore >= 0 AND clawed_ore <= 0 AND paid_ore >= 0 AND returned_ore >= 0", name="signs"
        ),
        CheckConstraint("paid_ore = 0 OR account_number IS NOT NULL", name="paid_to_an_account"),
    )

    batch_id: Mapped[int]
    provider_id: Mapped[int]
    earned_ore: Mapped[int]
    clawed_ore: Mapped[int]
    carried_in_ore: Mapped[int]
    paid_ore: Mapped[int]
    carried_out_ore: Mapped[int]
    withheld_ore: Mapped[int] = mapped_column(default=0)
    released_ore: Mapped[int] = mapped_column(default=0)
    returned_ore: Mapped[int] = mapped_column(default=0)
    account_kind: Mapped[str | None] = mapped_column(String(20))
    account_number: Mapped[str | None] = mapped_column(String(20))


class ReturnedPayment(Base):
    """A payment that the bank refused, and the batch in which it is paid anew: once, so it has no other
    key."""

    __tablename__ = "returned_payment"
    __table_args__ = (
        belongs_to("statement"),
        belongs_to("batch"),
        belongs_to("provider"),
        Index(None, "municipality_id", "batch_id"),
    )

    municipality_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    statement_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    batch_id: Mapped[int]
    provider_id: Mapped[int]
    paid_ore: Mapped[int]


class Signature(Base):
    """One person's signature: step 1 reviews, step 2 approves. Two persons, and neither made the batch."""

    __tablename__ = "signature"
    __table_args__ = (
        ForeignKeyConstraint(
            ["municipality_id", "batch_id", "made_by"], ["batch.municipality_id", "batch.id", "batch.made_by"]
        ),
        UniqueConstraint("municipality_id", "batch_id", "account_id"),
        CheckConstraint("account_id <> made_by", name="not_the_maker"),
        CheckConstraint("step IN (1, 2)", name="two_steps"),
    )

    municipality_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    batch_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    step: Mapped[int] = mapped_column(Integer, primary_key=True)
    account_id: Mapped[int]
    made_by: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime]


class BankAnswer(Owned, Base):
    """What the bank said of one payment. A row that fits no payment is kept, for a person to look into."""

    __tablename__ = "bank_answer"
    __table_args__ = (
        belongs_to("batch"),
        belongs_to("statement"),
        one_of("status", ("accepted", "rejected", "pending")),
        UniqueConstraint("municipality_id", "statement_id", "status"),
    )

    batch_id: Mapped[int]
    statement_id: Mapped[int | None]
    end_to_end_id: Mapped[str] = mapped_column(String(35))
    status: Mapped[str] = mapped_column(String(20))
    reason_code: Mapped[str | None] = mapped_column(String(35))
    read_at: Mapped[datetime]
