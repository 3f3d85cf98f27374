"""What runs book: the runs themselves, ledger lines, and each run's totals.

Rows are only ever added; triggers in the database refuse the rest (see the migrations).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, Integer, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Owned, belongs_to, one_of
from payouts.rules.fees import COMPONENTS
from payouts.rules.settlement import REASONS

# A run's lines lie together, in the order of its vouchers: where they lie is all that need be known.
AS_WRITTEN: dict[str, Any] = {
    "postgresql_using": "brin",
    "postgresql_with": {"pages_per_range": 16, "autosummarize": True},
}
RUN_STATES = ("running", "done")


class PaymentRun(Owned, Base):
    """One time that earned − booked was computed. `digest` is over its lines, chunk by chunk.

    While it is running its sums are nothing and its lines are in no total, so that nobody can be paid by
    them.
    """

    __tablename__ = "payment_run"
    __table_args__ = (
        one_of("state", RUN_STATES),
        Index(
            "uq_payment_run_running",
            "municipality_id",
            unique=True,
            sqlite_where=text("state = 'running'"),
            postgresql_where=text("state = 'running'"),
        ),
    )

    as_of: Mapped[date]
    made_at: Mapped[datetime]
    made_by: Mapped[int]
    lines: Mapped[int]
    earned_ore: Mapped[int]
    clawed_ore: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10), server_default="done")


class LedgerLine(Base):
    """An amount for one key (scope, component, part); see payouts/rules/settlement.py for `sequence`.

    That its run is there, and has not ended, a trigger sees to: for a hundred thousand lines at once it costs
    what a foreign key costs for a few.
    """

    __tablename__ = "ledger_line"
    __table_args__ = (
        one_of("component", COMPONENTS),
        one_of("reason", REASONS),
        CheckConstraint(
            "(sequence % 2 = 0 AND amount_ore > 0 AND reason = 'earned')"
            " OR (sequence % 2 = 1 AND amount_ore < 0 AND reason <> 'earned')",
            name="sign_follows_sequence",
        ),
        CheckConstraint("sequence >= 0 AND of_quantity > 0", name="whole_numbers"),
        CheckConstraint("component = 'base' OR scope_id = voucher_id", name="milestone_is_the_vouchers"),
        CheckConstraint("component <> 'base' OR scope_id = leg_id", name="base_is_the_legs"),
        Index(None, "municipality_id", "voucher_id", **AS_WRITTEN),
        Index(None, "municipality_id", "run_id", "provider_id", **AS_WRITTEN),
    )

    municipality_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    scope_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    component: Mapped[str] = mapped_column(String(20), primary_key=True)
    part: Mapped[int] = mapped_column(Integer, primary_key=True)
    sequence: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    voucher_id: Mapped[int]
    leg_id: Mapped[int]
    provider_id: Mapped[int]
    rulebook_id: Mapped[int]
    run_id: Mapped[int]
    period_on: Mapped[date]
    unit_price_ore: Mapped[int]
    quantity: Mapped[int] = mapped_column(Integer)
    of_quantity: Mapped[int] = mapped_column(Integer)
    amount_ore: Mapped[int]
    reason: Mapped[str] = mapped_column(String(20))
    evidence_id: Mapped[int]


class RunTotal(Base):
    """What one run booked for one provider; the unit that a batch takes up."""

    __tablename__ = "run_total"
    __table_args__ = (belongs_to("payment_run", "run_id"), belongs_to("provider"))

    municipality_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    run_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    provider_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lines: Mapped[int]
    earned_ore: Mapped[int]
    clawed_ore: Mapped[int]
