"""What happened: vouchers decided, begun on and ended, results, and who was still in work later on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    String,
    and_,
    cast,
    exists,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from vouchers.models import Check, Leg, Outcome, Voucher
from vouchers.queries.figures.cells import Cell, Grain, Row, month_in_sql, service_code, tally
from vouchers.rules.outcomes import LATER_MONTHS, WORK_OR_STUDIES, last_ripe_day


class _DayNumber(FunctionElement[int]):
    """A day as a whole number, so that two can be subtracted."""

    type = Integer()
    inherit_cache = True


@compiles(_DayNumber)
def _day_number(element: _DayNumber, compiler: Any, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)} - DATE '2000-01-01')"


@compiles(_DayNumber, "sqlite")
def _day_number_sqlite(element: _DayNumber, compiler: Any, **options: Any) -> str:
    return f"CAST(julianday({compiler.process(element.clauses, **options)}) AS INTEGER)"


def flows(
    session: Session, municipality_id: int, today: date, grains: Sequence[Grain], matching: Collection[str]
) -> list[Cell]:
    """Everything that happened up to and with today, in one query.

    decided: vouchers by the day of decision. started: by the first day in service. ended: by the last day.
    outcome: verified results by the day the work, studies or next step began.
    Of the services in `matching` alone: days, ended vouchers with the days their person was in service;
    followed, those whose last day lies six months back, by the month when it did; still, those of them with
    a passed check that the person was in work or studies then; waiting, those whose check is not done. A
    service where nobody is ever asked is not followed.
    """
    there = _stays(municipality_id, today)
    joined = (there.c.municipality_id == Voucher.municipality_id) & (there.c.voucher_id == Voucher.id)
    own = Voucher.municipality_id == municipality_id
    is_matching = service_code().in_(sorted(matching))
    left = and_(own, Voucher.ended_on <= today)
    followed = and_(own, Voucher.ended_on <= last_ripe_day(today), is_matching, _asked_later(municipality_id))
    later = month_in_sql(Voucher.ended_on) + LATER_MONTHS
    verified = (
        (Outcome.municipality_id == Voucher.municipality_id)
        & (Outcome.voucher_id == Voucher.id)
        & (Outcome.state == "verified")
    )
    events = union_all(
        _event("decided", month_in_sql(Voucher.decided_on)).where(own, Voucher.decided_on <= today),
        _event("started", month_in_sql(there.c.first_on)).join(there, joined).where(own),
        _event("ended", month_in_sql(Voucher.ended_on)).join(there, joined).where(left),
        _event("days", month_in_sql(Voucher.ended_on), there.c.days)
        .join(there, joined)
        .where(left, is_matching),
        _event("outcome", month_in_sql(Outcome.starts_on))
        .join(Outcome, verified)
        .where(own, Outcome.starts_on <= today),
        _event("followed", later).join(there, joined).where(followed),
        _event("still", later).join(there, joined).where(followed, _bonus("passed")),
        _event("waiting", later).join(there, joined).where(followed, _bonus("due")),
    )
    return tally(session, events, grains)


def _event(measure: str, month: ColumnElement[int], amount: Any = None) -> Row:
    found: Row = select(
        literal(measure, String).label("measure"),
        month.label("month"),
        service_code().label("service"),
        Voucher.level.label("level"),
        Voucher.participant_id.label("participant_id"),
        cast(literal(1) if amount is None else amount, Integer).label("amount"),
    )
    return found


def _stays(municipality_id: int, today: date) -> CTE:
    """Each voucher that somebody has begun on: its first day, and the days there when it is over."""
    days = _DayNumber(Leg.ended_on) - _DayNumber(Leg.started_on) + 1
    return (
        select(
            Leg.municipality_id,
            Leg.voucher_id,
            func.min(Leg.started_on).label("first_on"),
            func.sum(days).label("days"),
        )
        .where(Leg.municipality_id == municipality_id, Leg.started_on <= today)
        .group_by(Leg.municipality_id, Leg.voucher_id)
        .cte("stays")
    )


def _asked_later(municipality_id: int) -> ColumnElement[bool]:
    """Vouchers of services where anybody is asked six months later; of the others nothing is known."""
    asked = (
        select(service_code())
        .join(Check, (Check.municipality_id == Voucher.municipality_id) & (Check.voucher_id == Voucher.id))
        .where(Check.municipality_id == municipality_id, Check.purpose == "bonus")
        .distinct()
    )
    return service_code().in_(asked)


def _bonus(state: str) -> ColumnElement[bool]:
    return exists().where(
        Check.municipality_id == Voucher.municipality_id,
        Check.voucher_id == Voucher.id,
        Check.purpose == "bonus",
        Check.state == state,
        Outcome.municipality_id == Check.municipality_id,
        Outcome.id == Check.outcome_id,
        Outcome.state == "verified",
        Outcome.kind.in_(WORK_OR_STUDIES),
    )
