"""How it went for those who have left, how long others waited, and how many are there: one query for all."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Date,
    Integer,
    Select,
    String,
    Subquery,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from core.dates import add_months, working_days_left
from vouchers.models import Check, Leg, Outcome, Voucher
from vouchers.queries.places import TAKEN
from vouchers.rules.outcomes import (
    NOT_SEEN,
    PASSED,
    WAIT_MONTHS,
    WAITING,
    WORK_OR_STUDIES,
    Left,
    last_ripe_day,
)

LATER = {0: NOT_SEEN, 1: NOT_SEEN, 2: WAITING, 3: PASSED}
"""What the query says of the six-month check: nobody asked, not there, not judged yet, there."""
ASKED = 1


@dataclass
class Counts:
    """`left`: rows by (provider, scheme, service); `asked`: the services where anybody is asked later on.

    `started`: people by working days waited, by accreditation; `taken`: places taken, by accreditation.
    """

    left: dict[tuple[int, str, str], list[Left]] = field(default_factory=dict)
    asked: set[tuple[str, str]] = field(default_factory=set)
    started: dict[int, dict[int, int]] = field(default_factory=dict)
    taken: dict[int, int] = field(default_factory=dict)


def counts(session: Session, municipality_id: int, today: date) -> Counts:
    """Everything that is counted about the legs of the municipality, in one query."""
    found = Counts()
    parts = (_gone(municipality_id, today), _begun(municipality_id, today), _there(municipality_id))
    for row in session.execute(union_all(*parts)):
        if row.what == "gone":
            rows = found.left.setdefault((row.who, row.scheme, row.service), [])
            rows.append(Left(row.people, bool(row.good), bool(row.ripe), LATER[row.later]))
            if row.later >= ASKED:
                found.asked.add((row.scheme, row.service))
        elif row.what == "begun":
            waited = _waited(row.chosen_on, row.started_on)
            by_days = found.started.setdefault(row.who, {})
            by_days[waited] = by_days.get(waited, 0) + row.people
        else:
            found.taken[row.who] = row.people
    return found


@lru_cache(maxsize=20_000)
def _waited(chosen_on: date, started_on: date) -> int:
    return max(working_days_left(started_on, chosen_on), 0)


def _gone(municipality_id: int, today: date) -> Select[*tuple[Any, ...]]:
    """Those who have begun and left, by how it went. Parameters stay inside: GROUP BY sees columns alone."""
    verified = (
        select(Outcome.leg_id)
        .where(Outcome.municipality_id == municipality_id, Outcome.state == "verified")
        .distinct()
        .subquery()
    )
    later = _later(municipality_id)
    legs = (
        select(
            Leg.provider_id.label("who"),
            Voucher.scheme,
            Voucher.service,
            case((verified.c.leg_id.is_not(None), 1), else_=0).label("good"),
            case((Leg.ended_on <= last_ripe_day(today), 1), else_=0).label("ripe"),
            func.coalesce(later.c.state, 0).label("later"),
        )
        .join(Voucher, (Voucher.municipality_id == Leg.municipality_id) & (Voucher.id == Leg.voucher_id))
        .outerjoin(verified, verified.c.leg_id == Leg.id)
        .outerjoin(later, later.c.leg_id == Leg.id)
        .where(Leg.municipality_id == municipality_id, Leg.started_on.is_not(None), Leg.ended_on <= today)
        .subquery()
    )
    key = (legs.c.who, legs.c.scheme, legs.c.service, legs.c.good, legs.c.ripe, legs.c.later)
    none = cast(null(), Date)
    return select(
        literal("gone", String).label("what"),
        *key,
        none.label("chosen_on"),
        none.label("started_on"),
        func.count().label("people"),
    ).group_by(*key)


def _later(municipality_id: int) -> Subquery:
    """The six-month check of each leg that has one: LATER's numbers, the best where there are several."""
    standing = (
        (Outcome.municipality_id == Check.municipality_id)
        & (Outcome.id == Check.outcome_id)
        & (Outcome.state == "verified")
        & Outcome.kind.in_(WORK_OR_STUDIES)
    )
    state = case(
        (Outcome.id.is_(None), ASKED), (Check.state == "passed", 3), (Check.state == "due", 2), else_=ASKED
    )
    return (
        select(Check.leg_id, func.max(state).label("state"))
        .outerjoin(Outcome, standing)
        .where(Check.municipality_id == municipality_id, Check.purpose == "bonus")
        .group_by(Check.leg_id)
        .subquery()
    )


def _begun(municipality_id: int, today: date) -> Select[*tuple[Any, ...]]:
    """Those who began lately, by the day they chose and the day they began."""
    key = (Leg.accreditation_id, Leg.chosen_on, Leg.started_on)
    return (
        select(
            literal("begun", String),
            Leg.accreditation_id,
            *_nothing(),
            Leg.chosen_on,
            Leg.started_on,
            func.count(),
        )
        .where(
            Leg.municipality_id == municipality_id,
            Leg.started_on > add_months(today, -WAIT_MONTHS),
            Leg.started_on <= today,
        )
        .group_by(*key)
    )


def _there(municipality_id: int) -> Select[*tuple[Any, ...]]:
    """Places taken: those who are there, and those who are on their way."""
    none = cast(null(), Date)
    return (
        select(literal("there", String), Leg.accreditation_id, *_nothing(), none, none, func.count())
        .where(Leg.municipality_id == municipality_id, TAKEN)
        .group_by(Leg.accreditation_id)
    )


def _nothing() -> tuple[Any, ...]:
    text, number = cast(null(), String), cast(null(), Integer)
    return text, text, number, number, number
