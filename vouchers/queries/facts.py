"""The facts that money follows from: legs, approved months, passed checks, pauses; as plain rows."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.database import Rows
from vouchers.models import AttendanceAnswer, Check, Leg, Pause, Report, Voucher
from vouchers.queries.attendance import is_open


def voucher_ids(session: Session, municipality_id: int) -> list[int]:
    """Every voucher that somebody has started on, oldest first."""
    rows = (
        select(Leg.voucher_id)
        .where(Leg.municipality_id == municipality_id, Leg.started_on.is_not(None))
        .distinct()
        .order_by(Leg.voucher_id)
    )
    return list(session.scalars(rows))


def started_legs(session: Session, municipality_id: int, first: int, last: int) -> Rows:
    """Started legs of vouchers numbered `first` to `last`, with what pays them."""
    began = (
        func.min(Leg.started_on).over(partition_by=(Leg.municipality_id, Leg.voucher_id)).label("first_on")
    )
    rows = (
        select(
            Leg.id,
            Leg.voucher_id,
            Leg.provider_id,
            Voucher.rulebook_id,
            Voucher.service,
            Voucher.level,
            began,
            Leg.started_on,
            Leg.ended_on,
            Voucher.months,
        )
        .join(Voucher, (Voucher.municipality_id == Leg.municipality_id) & (Voucher.id == Leg.voucher_id))
        .where(
            Leg.municipality_id == municipality_id,
            Leg.voucher_id.between(first, last),
            Leg.started_on.is_not(None),
        )
        .order_by(Leg.id)
    )
    return session.execute(rows).all()


def approved_months(session: Session, municipality_id: int, first: int, last: int) -> Rows:
    """(leg, month, report) of approved reports of those vouchers."""
    rows = (
        select(Report.leg_id, Report.month, Report.id)
        .join(Leg, (Leg.municipality_id == Report.municipality_id) & (Leg.id == Report.leg_id))
        .where(
            Report.municipality_id == municipality_id,
            Leg.voucher_id.between(first, last),
            Leg.started_on.is_not(None),
            Report.state == "approved",
            Report.state != "withdrawn",  # says nothing new, but names the partial index to SQLite
        )
    )
    return session.execute(rows).all()


def contested_reports(session: Session, municipality_id: int, first: int, last: int) -> list[int]:
    """Reports of those vouchers whose attendance the person contests, and nobody has judged yet."""
    rows = (
        select(AttendanceAnswer.report_id)
        .join(
            Report,
            (Report.municipality_id == AttendanceAnswer.municipality_id)
            & (Report.id == AttendanceAnswer.report_id),
        )
        .join(Leg, (Leg.municipality_id == Report.municipality_id) & (Leg.id == Report.leg_id))
        .where(
            AttendanceAnswer.municipality_id == municipality_id,
            is_open(),
            Leg.voucher_id.between(first, last),
        )
    )
    return [found for found in session.scalars(rows) if found is not None]


def passed_checks(session: Session, municipality_id: int, first: int, last: int) -> Rows:
    """(leg, purpose, part, due_on, check) of passed checks of those vouchers."""
    rows = select(Check.leg_id, Check.purpose, Check.part, Check.due_on, Check.id).where(
        Check.municipality_id == municipality_id,
        Check.voucher_id.between(first, last),
        Check.state == "passed",
    )
    return session.execute(rows).all()


def paused_days(session: Session, municipality_id: int, first: int, last: int) -> Rows:
    """(leg, from_on, resumed_on) of pauses of those vouchers; not paused on the day it resumed."""
    rows = select(Pause.leg_id, Pause.from_on, Pause.resumed_on).where(
        Pause.municipality_id == municipality_id, Pause.voucher_id.between(first, last)
    )
    return session.execute(rows).all()
