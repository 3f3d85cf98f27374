"""What has been held with people: one person's occasions, and what they come to for the contract's clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session, aliased

from core.actor import Account
from core.database import Rows
from core.dates import add_months, first_of_month
from vouchers.models import Leg, Occasion, Participant, Report, Voucher
from vouchers.rules.contract import MEETINGS, Share, Told
from vouchers.rules.terms import Terms

COUNTED = ("submitted", "approved")
"""The states of a report that says something; a returned one is not believed yet."""
Only = Sequence[ColumnElement[bool]]
"""Which legs, as conditions on `Leg`, `Voucher` and `Participant`."""


def same(table: Any, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """To join a table to `Leg` by: in its municipality, and where the condition holds."""
    return and_(table.municipality_id == Leg.municipality_id, condition)


def occasions(session: Session, municipality_id: int, leg_id: int) -> Rows:
    """A leg's occasions that stand, newest first, with who told of them."""
    by = aliased(Account)
    rows = (
        select(
            Occasion.id,
            Occasion.held_on,
            Occasion.started,
            Occasion.kind,
            Occasion.is_physical,
            Occasion.minutes,
            Occasion.via,
            Occasion.recorded_on,
            by.name.label("recorder"),
        )
        .outerjoin(by, (by.municipality_id == Occasion.municipality_id) & (by.id == Occasion.recorded_by))
        .where(
            Occasion.municipality_id == municipality_id,
            Occasion.leg_id == leg_id,
            Occasion.withdrawn_on.is_(None),
        )
        .order_by(Occasion.held_on.desc(), Occasion.started.desc(), Occasion.id)
    )
    return session.execute(rows).all()


def occasion_leg(session: Session, municipality_id: int, occasion_id: int) -> int | None:
    """The leg that an occasion is about."""
    return session.scalar(
        select(Occasion.leg_id).where(Occasion.municipality_id == municipality_id, Occasion.id == occasion_id)
    )


def told(
    session: Session, municipality_id: int, only: Only, terms: Mapping[int, Terms], today: date
) -> dict[int, Told]:
    """What has been told of those legs up to today, by leg; `terms` by rulebook. Two queries."""
    reported = _reported(session, municipality_id, only, today)
    held = {row.leg_id: row for row in _held(session, municipality_id, only, terms, today)}
    return {key: _of(held.get(key), reported.get(key)) for key in {*held, *reported}}


def _of(held: Any, reported: Any) -> Told:
    known = reported is not None and reported.known
    before = (
        Share(reported.minutes, reported.physical)
        if known
        else Share(held.month_before, held.month_before_physical)
        if held is not None
        else Share()
    )
    report_met, report_seen = (reported.met, reported.seen) if reported is not None else (None, None)
    if held is None:
        return Told(report_met=report_met, report_seen=report_seen, month_before=before)
    return Told(
        met_on=held.met_on,
        seen_on=held.seen_on,
        occasion_on=held.occasion_on,
        report_met=report_met,
        report_seen=report_seen,
        week=held.week,
        week_before=held.week_before,
        month=Share(held.month, held.month_physical),
        month_before=before,
    )


def _held(
    session: Session, municipality_id: int, only: Only, terms: Mapping[int, Terms], today: date
) -> Rows:
    """The last meetings of each leg, and the minutes of its last weeks and months."""
    monday, month = today - timedelta(days=today.weekday()), first_of_month(today)
    long_enough = case(
        {key: one.contract.individual_minutes for key, one in terms.items() if one.contract is not None},
        value=Voucher.rulebook_id,
        else_=0,
    )
    is_meeting = and_(Occasion.kind.in_(MEETINGS), Occasion.minutes >= long_enough)
    on_the_spot = Occasion.is_physical.is_(True)

    def minutes(first: date, last: date, *more: ColumnElement[bool]) -> ColumnElement[int]:
        within = and_(Occasion.held_on.between(first, last), *more)
        return func.coalesce(func.sum(case((within, Occasion.minutes), else_=0)), 0)

    before, eve = add_months(month, -1), month - timedelta(days=1)
    rows = (
        select(
            Occasion.leg_id,
            func.max(Occasion.held_on).label("occasion_on"),
            func.max(case((is_meeting, Occasion.held_on))).label("met_on"),
            func.max(case((and_(is_meeting, on_the_spot), Occasion.held_on))).label("seen_on"),
            minutes(monday, today).label("week"),
            minutes(monday - timedelta(days=7), monday - timedelta(days=1)).label("week_before"),
            minutes(month, today).label("month"),
            minutes(month, today, on_the_spot).label("month_physical"),
            minutes(before, eve).label("month_before"),
            minutes(before, eve, on_the_spot).label("month_before_physical"),
        )
        .join(Leg, and_(Leg.municipality_id == Occasion.municipality_id, Leg.id == Occasion.leg_id))
        .join(Voucher, same(Voucher, Voucher.id == Leg.voucher_id))
        .join(Participant, same(Participant, Participant.id == Voucher.participant_id))
        .where(
            Occasion.municipality_id == municipality_id,
            Occasion.withdrawn_on.is_(None),
            Occasion.held_on <= today,
            *only,
        )
        .group_by(Occasion.leg_id)
    )
    return session.execute(rows).all()


def _reported(session: Session, municipality_id: int, only: Only, today: date) -> dict[int, Any]:
    """The newest months with a meeting by leg, and the minutes of the month before this one, where its report
    says how they were spent."""
    before = add_months(first_of_month(today), -1)
    # A report from before booked time was asked for has less booked than spent, and says nothing of where.
    known = and_(Report.month == before, Report.booked_minutes >= Report.activity_minutes)
    rows = (
        select(
            Report.leg_id,
            func.max(case((Report.meetings > 0, Report.month))).label("met"),
            func.max(case((Report.physical_meetings > 0, Report.month))).label("seen"),
            func.max(case((known, 1), else_=0)).label("known"),
            func.max(case((known, Report.activity_minutes), else_=0)).label("minutes"),
            func.max(case((known, Report.physical_minutes), else_=0)).label("physical"),
        )
        .join(Leg, and_(Leg.municipality_id == Report.municipality_id, Leg.id == Report.leg_id))
        .join(Voucher, same(Voucher, Voucher.id == Leg.voucher_id))
        .join(Participant, same(Participant, Participant.id == Voucher.participant_id))
        .where(
            Report.municipality_id == municipality_id,
            Report.state.in_(COUNTED),
            Report.state != "withdrawn",  # says nothing new, but names the partial index to SQLite
            *only,
        )
        .group_by(Report.leg_id)
    )
    return {row.leg_id: row for row in session.execute(rows)}
