"""What a gate has stopped: an amount that a run would have booked, and why it did not.

Rows are only ever added. The last run that looked at a voucher says what stops it now.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, belongs_to, one_of
from payouts.rules.fees import COMPONENTS
from payouts.rules.settlement import GATES


class StoppedDue(Base):
    """An amount in öre for one key (scope, component, part) that waited in a run at `gate`.

    `evidence_id` is the report or check that it rests on.
    """

    __tablename__ = "stopped_due"
    __table_args__ = (
        belongs_to("payment_run", "run_id"),
        one_of("component", COMPONENTS),
        one_of("gate", GATES),
        CheckConstraint("amount_ore > 0", name="something_waits"),
        Index(None, "municipality_id", "voucher_id"),
        Index(None, "municipality_id", "provider_id"),
    )

    municipality_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    run_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    scope_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    component: Mapped[str] = mapped_column(String(20), primary_key=True)
    part: Mapped[int] = mapped_column(Integer, primary_key=True)
    gate: Mapped[str] = mapped_column(String(20))
    voucher_id: Mapped[int]
    leg_id: Mapped[int]
    provider_id: Mapped[int]
    period_on: Mapped[date]
    amount_ore: Mapped[int]
    evidence_id: Mapped[int]
