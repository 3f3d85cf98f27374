"""What ended services led to, by three definitions: the database adds up facts, the rules say what counts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Integer, String, Subquery, and_, case, cast, func, literal, select
from sqlalchemy.orm import Session

from vouchers.models import Check, Leg, Outcome, Voucher
from vouchers.queries.figures.cells import Cell, Grain, month_in_sql, service_code, tally
from vouchers.rules.outcomes import (
    NOT_SEEN,
    PASSED,
    WAITING,
    WORK_OR_STUDIES,
    Ended,
    Left,
    last_month_start,
    last_ripe_day,
    lasts_a_month,
    pays,
    still_there,
)

MARK = "|"
LATER = {"": NOT_SEEN, "1": NOT_SEEN, "2": WAITING, "3": PASSED}
"""The six-month check as the facts have it: nobody asked, not there, not judged yet, there."""
ENDINGS = (
    "left", "paid", "paid_waiting", "lasting", "lasting_waiting",
    "later_asked", "later_there", "later_waiting",
)  # fmt: skip


def endings(
    session: Session,
    municipality_id: int,
    today: date,
    grains: Sequence[Grain],
    matching: Collection[str],
    *,
    provider_id: int | None = None,
) -> list[Cell]:
    """Services that somebody began and left, by the month of the last day, in one query; ENDINGS says the
    measures.

    left: all of them. paid and lasting: with a result by the payment's definition, by that of KAS; each with
    those that nobody has judged yet. later_asked: services in `matching` whose last day lies six months back,
    but for those that wait (later_waiting); later_there: of them still in work or studies then. With
    `provider_id` one provider's people, each by the last day there; a switch is an end too.
    """
    events = _facts(municipality_id, today, matching, provider_id)
    return tally(session, events, grains, named=_measures)


def _measures(facts: str) -> Iterator[str]:
    """The measures that a row of facts counts in."""
    kind, state, flags, first, last, seen, later = facts.split(MARK)
    municipal, too_short, month_ago, ripe = (flag == "1" for flag in flags)
    stay = (date.fromisoformat(first), date.fromisoformat(last)) if last else None
    seen_on = date.fromisoformat(seen) if seen else None
    one = Ended(kind, state, municipal, too_short, month_ago, stay, seen_on)
    yield "left"
    for name, found in (("paid", pays(one)), ("lasting", lasts_a_month(one))):
        if found == PASSED:
            yield name
        elif found == WAITING:
            yield f"{name}_waiting"
    then = Left(1, state == "verified", ripe, LATER[later])
    counted = still_there([then])
    if counted.people:
        yield "later_asked"
    elif ripe:
        yield "later_waiting"
    if counted.good:
        yield "later_there"


def _facts(municipality_id: int, today: date, matching: Collection[str], provider_id: int | None) -> Any:
    """(facts, month, service, level, participant_id, 1) of each ended service; days stand in the facts only
    where a last day is known, so that most rows are alike."""
    key: Any = Outcome.voucher_id if provider_id is None else Outcome.leg_id
    newest = (
        select(key.label("of"), func.max(Outcome.id).label("id"))
        .where(Outcome.municipality_id == municipality_id, Outcome.state != "withdrawn")
        .group_by(key)
        .subquery("newest")
    )
    seen = _seen(municipality_id)
    ended_on: Any = Voucher.ended_on if provider_id is None else Leg.ended_on
    last_on = func.coalesce(seen.c.last_on, Outcome.ends_on)
    asked = (
        select(service_code())
        .join(Check, (Check.municipality_id == Voucher.municipality_id) & (Check.voucher_id == Voucher.id))
        .where(Check.municipality_id == municipality_id, Check.purpose == "bonus")
        .distinct()
    )
    ripe = and_(
        ended_on <= last_ripe_day(today), service_code().in_(sorted(matching)), service_code().in_(asked)
    )
    work = Outcome.kind.in_(WORK_OR_STUDIES) & (Outcome.state == "verified")
    facts = _joined(
        func.coalesce(Outcome.kind, ""),
        func.coalesce(Outcome.state, ""),
        _flag(Outcome.municipal.is_(True))
        + _flag((Outcome.state == "rejected") & (seen.c.too_short == 1))
        + _flag(Outcome.starts_on <= last_month_start(today))
        + _flag(ripe),
        case((last_on.is_not(None), cast(Outcome.starts_on, String)), else_=""),
        func.coalesce(cast(last_on, String), ""),
        case((last_on.is_not(None), func.coalesce(cast(seen.c.seen_on, String), "")), else_=""),
        case((work & seen.c.later.is_not(None), cast(seen.c.later, String)), else_=""),
    )
    rows = select(
        facts.label("measure"),
        month_in_sql(ended_on).label("month"),
        service_code().label("service"),
        Voucher.level.label("level"),
        Voucher.participant_id.label("participant_id"),
        cast(literal(1), Integer).label("amount"),
    )
    if provider_id is None:
        begun = select(Leg.voucher_id).where(
            Leg.municipality_id == municipality_id, Leg.started_on.is_not(None)
        )
        rows = rows.where(Voucher.id.in_(begun)).outerjoin(newest, newest.c.of == Voucher.id)
    else:
        rows = (
            rows.join(Leg, (Leg.municipality_id == Voucher.municipality_id) & (Leg.voucher_id == Voucher.id))
            .where(Leg.provider_id == provider_id, Leg.started_on.is_not(None))
            .outerjoin(newest, newest.c.of == Leg.id)
        )
    return (
        rows.outerjoin(Outcome, (Outcome.municipality_id == municipality_id) & (Outcome.id == newest.c.id))
        .outerjoin(seen, seen.c.outcome_id == newest.c.id)
        .where(Voucher.municipality_id == municipality_id, ended_on <= today)
    )


def _seen(municipality_id: int) -> Subquery:
    """What the dated cases say of each outcome: last found there, its last day, ended too early, later on."""
    passed = Check.state == "passed"
    early = (
        (Check.purpose == "result") & (Check.state == "failed") & (Check.refusal_code == "ended_too_early")
    )
    later = case((passed, 3), (Check.state == "due", 2), else_=1)
    return (
        select(
            Check.outcome_id,
            func.max(case((passed, Check.due_on))).label("seen_on"),
            func.min(Check.last_on).label("last_on"),
            func.max(case((early, 1), else_=0)).label("too_short"),
            func.max(case((Check.purpose == "bonus", later))).label("later"),
        )
        .where(Check.municipality_id == municipality_id)
        .group_by(Check.outcome_id)
        .subquery("seen")
    )


def _flag(condition: ColumnElement[bool]) -> ColumnElement[str]:
    return case((condition, "1"), else_="0")


def _joined(*parts: ColumnElement[Any]) -> ColumnElement[str]:
    text: ColumnElement[Any] = parts[0]
    for part in parts[1:]:
        text = text + literal(MARK, String) + part
    return text
