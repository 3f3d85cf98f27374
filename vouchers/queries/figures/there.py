"""Who was there: different persons with at least one day in a service."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import CTE, Date, String, case, func, literal, select, union_all
from sqlalchemy.orm import Session

from vouchers.models import Leg, Voucher
from vouchers.queries.figures.cells import Cell, Grain, Key, Row, month_in_sql, service_code


def served(session: Session, municipality_id: int, today: date, grains: Sequence[Grain]) -> list[Cell]:
    """Different persons with at least one day in a service, for every span and grouping, in one query."""
    months = _months_there(municipality_id, today)
    parts = [_spans(months, grain, by) for grain in grains for by in grain.by]
    change: dict[tuple[str, str, str], Counter[int]] = {}
    for grain, service, level, first, last, people in session.execute(union_all(*parts)):
        of_group = change.setdefault((grain, service, level), Counter())
        of_group[first] += people
        of_group[last + 1] -= people
    return [cell for group, of_group in change.items() for cell in _running(group, of_group)]


def _running(group: tuple[str, str, str], change: Counter[int]) -> Iterator[Cell]:
    grain, service, level = group
    there = 0
    for bucket in range(min(change), max(change)):
        there += change[bucket]
        if there:
            yield Cell(Key("served", grain, bucket, service, level), there, there, 0)


def _months_there(municipality_id: int, today: date) -> CTE:
    """(participant_id, service, level, first, last): from which month to which each stay was."""
    now = literal(today, Date)
    until = case((Leg.ended_on.is_(None) | (Leg.ended_on > now), now), else_=Leg.ended_on)
    return (
        select(
            Voucher.participant_id,
            service_code().label("service"),
            Voucher.level,
            month_in_sql(Leg.started_on).label("first"),
            month_in_sql(until).label("last"),
        )
        .join(Voucher, (Voucher.municipality_id == Leg.municipality_id) & (Voucher.id == Leg.voucher_id))
        .where(Leg.municipality_id == municipality_id, Leg.started_on <= today)
        .cte("months_there")
    )


def _spans(months: CTE, grain: Grain, by: tuple[str, ...]) -> Row:
    """(grain, service, level, first, last, people): from which span to which so many persons were there.

    A person whose stays overlap, or share a span, is counted once: a later stay begins where those before it
    have ended.
    """
    stays = select(
        months.c.participant_id,
        *(months.c[name] for name in by),
        grain.bucket(months.c.first).label("first"),
        grain.bucket(months.c.last).label("last"),
    ).subquery()
    kept = [stays.c[name] for name in by]
    before = func.max(stays.c.last).over(
        partition_by=[stays.c.participant_id, *kept],
        order_by=[stays.c.first, stays.c.last],
        rows=(None, -1),
    )
    seen = select(*kept, stays.c.first, stays.c.last, before.label("before")).subquery()
    first = case((seen.c.before >= seen.c.first, seen.c.before + 1), else_=seen.c.first)
    fresh = select(*(seen.c[name] for name in by), first.label("first"), seen.c.last).subquery()
    return (
        select(
            literal(grain.name, String),
            fresh.c.service if "service" in by else literal("", String),
            fresh.c.level if "level" in by else literal("", String),
            fresh.c.first,
            fresh.c.last,
            func.count(),
        )
        .where(fresh.c.first <= fresh.c.last)
        .group_by(*(fresh.c[name] for name in by), fresh.c.first, fresh.c.last)
    )
