"""The statistics of the choice. Each figure is defined once, here, and added up by the database.

A month is a whole number (year × 12 + month − 1), a service is scheme.service. Groups are given with the
number of different people behind them; whoever shows them hides the small ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Date,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    exists,
    extract,
    func,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from core.dates import add_months
from vouchers.models import Check, Leg, Outcome, Voucher

LEAST_PEOPLE = 5
LATER_MONTHS = 6
WORK_OR_STUDIES = ("work", "studies", "own_business")

Row: TypeAlias = Select[*tuple[Any, ...]]
Rows: TypeAlias = Row | CompoundSelect[*tuple[Any, ...]]


@dataclass(frozen=True)
class Grain:
    """How time is cut: spans of `size` months, counted so that one begins at month `anchor`.

    `by` lists what each span is divided by: () alone, ("service",), ("service", "level").
    """

    name: str
    size: int
    by: tuple[tuple[str, ...], ...]
    anchor: int = 0

    def bucket(self, month: ColumnElement[int]) -> ColumnElement[int]:
        """The number of the span that a month is in, in SQL."""
        return (month - _inline(self.anchor % self.size)) // _inline(self.size)

    def bucket_of(self, month: int) -> int:
        """The same, of a number."""
        return (month - self.anchor % self.size) // self.size

    def first_month(self, bucket: int) -> int:
        """The month that a span begins with."""
        return bucket * self.size + self.anchor % self.size


class Key(NamedTuple):
    """What is counted, when, and for whom; an empty service or level means all of them."""

    measure: str
    grain: str
    bucket: int
    service: str = ""
    level: str = ""


@dataclass(frozen=True)
class Cell:
    """`events` of `people` different persons; `amount` is their sum in days, or in öre.

    `people` is exact below LEAST_PEOPLE, and of the measure served; else there are at least so many.
    """

    key: Key
    events: int
    people: int
    amount: int


def month_number(day: date) -> int:
    """The month a day is in, as a whole number without gaps."""
    return day.year * 12 + day.month - 1


def first_day(month: int) -> date:
    """The first day of a numbered month."""
    return date(month // 12, month % 12 + 1, 1)


def month_in_sql(day: Any) -> ColumnElement[int]:
    """`month_number` of a column."""
    return cast(extract("year", day), Integer) * 12 + cast(extract("month", day), Integer) - 1


def service_code() -> ColumnElement[str]:
    """The service of a voucher, with its scheme."""
    return Voucher.scheme + "." + Voucher.service


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


def _inline(number: int) -> ColumnElement[int]:
    # PostgreSQL sees the same expression in SELECT and GROUP BY only when no parameter is in it.
    return literal_column(str(int(number)), Integer)


# ── what happened: one select a figure ────────────────────────────────────────────────────────────


def flows(
    session: Session, municipality_id: int, today: date, grains: Sequence[Grain], matching: Collection[str]
) -> list[Cell]:
    """Everything that happened up to and with today, in one query.

    decided: vouchers by the day of decision. started: by the first day in service. ended: by the last day.
    outcome: verified results by the day the work, studies or next step began.
    Of the services in `matching` alone: days, ended vouchers with the days their person was in service;
    followed, those whose last day lies six months back, by the month when it did; still, those of them with a
    passed check that the person was in work or studies then; waiting, those whose check is not done.
    """
    there = _stays(municipality_id, today)
    joined = (there.c.municipality_id == Voucher.municipality_id) & (there.c.voucher_id == Voucher.id)
    own = Voucher.municipality_id == municipality_id
    is_matching = service_code().in_(sorted(matching))
    left = and_(own, Voucher.ended_on <= today)
    followed = and_(own, Voucher.ended_on <= _last_end(today), is_matching)
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


def _last_end(today: date) -> date:
    """The latest last day that lies six calendar months back."""
    day = add_months(today, -LATER_MONTHS)
    while add_months(day + timedelta(days=1), LATER_MONTHS) <= today:
        day += timedelta(days=1)
    return day


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


def tally(session: Session, events: Rows, grains: Sequence[Grain], total: str = "") -> list[Cell]:
    """Add up rows of (measure, month, service, level, participant_id, amount) in every grouping, in one query.

    The database adds up by month, service and level, and names the persons of the groups that are small; what
    is coarser follows from that. `total` names one more measure: all of them together.
    """
    groups: dict[Key, _Group] = {}
    for measure, month, service, level, count, people, amount, person in session.execute(_finest(events)):
        for grain in grains:
            for by in grain.by:
                for name in (measure, total) if total else (measure,):
                    key = Key(
                        name,
                        grain.name,
                        grain.bucket_of(month),
                        service if "service" in by else "",
                        level if "level" in by else "",
                    )
                    groups.setdefault(key, _Group()).add(count, people, int(amount), person)
    return [Cell(key, group.events, group.people, group.amount) for key, group in groups.items()]


def _finest(events: Rows) -> Rows:
    """(measure, month, service, level, events, people, amount, participant_id).

    One row a group, with no participant; then one row a person of the small groups, counting nothing.
    """
    every = events.cte("events")
    key = (every.c.measure, every.c.month, every.c.service, every.c.level)
    fine = (
        select(
            *key,
            func.count().label("events"),
            func.count(every.c.participant_id.distinct()).label("people"),
            func.sum(every.c.amount).label("amount"),
        )
        .group_by(*key)
        .cte("fine")
    )
    same = and_(*(fine.c[column.name] == column for column in key))
    few = select(*key, literal(0), literal(0), literal(0), every.c.participant_id).distinct()
    return union_all(
        select(fine, literal(None, BigInteger)),
        few.select_from(every).join(fine, same).where(fine.c.people < LEAST_PEOPLE),
    )


class _Group:
    """Adds up: a group has at least as many people as any part of it, and the persons of its small parts."""

    def __init__(self) -> None:
        self.events = self.amount = self.most = 0
        self.persons: set[int] = set()

    def add(self, events: int, people: int, amount: int, person: int | None) -> None:
        """One more row of `_finest`."""
        self.events, self.amount = self.events + events, self.amount + amount
        self.most = max(self.most, people)
        if person is not None:
            self.persons.add(person)

    @property
    def people(self) -> int:
        """Exact below LEAST_PEOPLE: then every part is small, and its persons are known."""
        return max(self.most, len(self.persons))


# ── who was there ─────────────────────────────────────────────────────────────────────────────────


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
