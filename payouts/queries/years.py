"""Which years are closed, and which could be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.actor import Account
from payouts.models import PaymentRun
from payouts.models.closed import ClosedYear


@dataclass(frozen=True)
class Closed:
    """A closed year; `by` is None for an operator at the command line."""

    year: int
    at: datetime
    by: str | None


def closed_through(session: Session, municipality_id: int) -> int | None:
    """The last closed year; those before it are closed too."""
    return session.scalar(
        select(func.max(ClosedYear.year)).where(ClosedYear.municipality_id == municipality_id)
    )


def closed_years(session: Session, municipality_id: int) -> list[Closed]:
    """Each closing, the newest first."""
    rows = (
        select(ClosedYear.year, ClosedYear.closed_at, Account.name)
        .outerjoin(
            Account,
            (Account.municipality_id == ClosedYear.municipality_id) & (Account.id == ClosedYear.closed_by),
        )
        .where(ClosedYear.municipality_id == municipality_id)
        .order_by(ClosedYear.year.desc())
    )
    return [Closed(*row) for row in session.execute(rows)]


def next_to_close(session: Session, municipality_id: int, today: date) -> int | None:
    """The oldest year over and not closed, of those that runs have counted in; None when there is none."""
    closed = closed_through(session, municipality_id)
    days = select(func.min(PaymentRun.as_of)).where(PaymentRun.municipality_id == municipality_id)
    if closed is not None:
        days = days.where(PaymentRun.as_of > date(closed, 12, 31))
    first = session.scalar(days)
    return first.year if first is not None and first.year < today.year else None


def runs_left(session: Session, municipality_id: int, year: int) -> int:
    """Runs that count to a day in that year or before it and have not come to their end."""
    rows = select(func.count()).where(
        PaymentRun.municipality_id == municipality_id,
        PaymentRun.state == "running",
        PaymentRun.as_of <= date(year, 12, 31),
    )
    return session.scalar(rows) or 0
