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

OPEN = text("state IN ({})".format(", ".join(f"'{state}'" for state in OPEN_STATES)))


class Batch(Owned, Base):
    """Payments that are signed and sent together. `content_hash` is over all that a signature vouches for."""

    __tablename__ = "batch"
    __table_args__ = (
        one_of("state", BATCH_STATES),
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
    """What one provider is paid in one batch, and why it is not more or less."""

    __tablename__ = "statement"
    __table_args__ = (
        belongs_to("batch"),
        belongs_to("provider"),
        UniqueConstraint("municipality_id", "batch_id", "provider_id"),
        CheckConstraint(
            "earned_ore + clawed_ore + carried_in_ore = paid_ore + carried_out_ore", name="nothing_is_lost"
        ),
        CheckConstraint("earned_ore >= 0 AND clawed_ore <= 0 AND paid_ore >= 0", name="signs"),
        CheckConstraint("paid_ore = 0 OR account_number IS NOT NULL", name="paid_to_an_account"),
    )

    batch_id: Mapped[int]
    provider_id: Mapped[int]
    earned_ore: Mapped[int]
    clawed_ore: Mapped[int]
    carried_in_ore: Mapped[int]
    paid_ore: Mapped[int]
    carried_out_ore: Mapped[int]
    account_kind: Mapped[str | None] = mapped_column(String(20))
    account_number: Mapped[str | None] = mapped_column(String(20))


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
