"""The statistics of the money: what the ledger has booked, clawbacks taken away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from payouts.models import LedgerLine, PaymentRun
from vouchers.models import Voucher
from vouchers.queries.figures import Cell, Grain, Row, month_in_sql, service_code, tally

TOTAL = "money"


def booked(session: Session, municipality_id: int, today: date, grains: Sequence[Grain]) -> list[Cell]:
    """Sums in öre by the month that the run booked as of, one measure a component and `money` for all.

    A clawback counts in the month it was booked, with its minus sign.
    """
    runs = (
        select(PaymentRun.id, func.min(month_in_sql(PaymentRun.as_of)).label("month"))
        .where(PaymentRun.municipality_id == municipality_id, PaymentRun.as_of <= today)
        .group_by(PaymentRun.id)
        .subquery()  # a table of its own, so that a month is worked out once a run and not once a line
    )
    events: Row = (
        select(
            LedgerLine.component.label("measure"),
            runs.c.month,
            service_code().label("service"),
            Voucher.level.label("level"),
            Voucher.participant_id.label("participant_id"),
            LedgerLine.amount_ore.label("amount"),
        )
        .join(runs, runs.c.id == LedgerLine.run_id)
        .join(
            Voucher,
            (Voucher.municipality_id == LedgerLine.municipality_id) & (Voucher.id == LedgerLine.voucher_id),
        )
        .where(LedgerLine.municipality_id == municipality_id)
    )
    return tally(session, events, grains, TOTAL)
