"""What figures are made of: spans of time, cells, and how rows of events are added up to cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    and_,
    cast,
    extract,
    func,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from vouchers.models import Voucher

LEAST_PEOPLE = 5

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


def _inline(number: int) -> ColumnElement[int]:
    # PostgreSQL sees the same expression in SELECT and GROUP BY only when no parameter is in it.
    return literal_column(str(int(number)), Integer)


def tally(
    session: Session,
    events: Rows,
    grains: Sequence[Grain],
    total: str = "",
    named: Callable[[str], Iterable[str]] | None = None,
) -> list[Cell]:
    """Add up (measure, month, service, level, participant_id, amount) in every grouping, in one query.

    The database adds up by month, service and level, and names the persons of the groups that are small; what
    is coarser follows from that. `total` names one more measure: all of them together. `named` says which
    measures an event counts in, where its own is a row of facts.
    """
    groups: dict[Key, _Group] = {}
    counted = named or ((lambda measure: (measure, total)) if total else (lambda measure: (measure,)))
    for measure, month, service, level, count, people, amount, person in session.execute(_finest(events)):
        names = tuple(counted(measure))
        for grain in grains:
            for by in grain.by:
                for name in names:
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
