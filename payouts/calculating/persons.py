"""The persons of a file: legs, reports, pauses, changes and results, each checked against the others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from payouts.calculating.prices import Priced
from payouts.calculating.sheet import Sheet
from payouts.rules.columns import BROKEN_OFF, COMPLETED, GOES_ON
from payouts.rules.fees import Speed, Tariff
from payouts.rules.tariff import LARGEST_ORE, MOST_PARTS
from vouchers.rules.pauses import planned_end

MOST_PERSONS = 50_000
MOST_MONTHS = 600
FINISHES = {"completed": COMPLETED, "broken_off": BROKEN_OFF}
STATES = ("approved", "told", "contested")


@dataclass(frozen=True)
class Leg:
    """A person's time at a provider. `finish` is one of columns.py's."""

    id: str
    provider: str
    started: date
    ended: date | None
    finish: int


@dataclass(frozen=True)
class Reported:
    """A month that the provider has told of; `state` is one of STATES."""

    leg: str
    month: date
    state: str


@dataclass(frozen=True)
class Paused:
    """Days that do not count, the first and the last counted; without a last day it goes on."""

    leg: str
    first: date
    last: date | None


@dataclass(frozen=True)
class Changed:
    """What was agreed from a day: a price in the minor unit, a planned last day, or both."""

    leg: str
    on: date
    price: int | None
    planned: date | None


@dataclass(frozen=True)
class Proved:
    """A part of a result, or of its bonus, that was proved and passed."""

    leg: str
    bonus: bool
    part: int
    percent: int
    began: date
    proved: date | None
    due: date


@dataclass(frozen=True)
class Person:
    """One person's whole service, which may have several legs. The legs stand in the order they began."""

    id: str
    service: str
    level: str
    region: str
    group: str
    months: int
    planned: date | None
    legs: tuple[Leg, ...]
    reports: tuple[Reported, ...]
    pauses: tuple[Paused, ...]
    changes: tuple[Changed, ...]
    proved: tuple[Proved, ...]


def read_persons(sheet: Sheet, priced: Priced) -> tuple[Person, ...]:
    """Everybody in the file; faults are noted."""
    rows = sheet.tables("persons")
    if len(rows) > MOST_PERSONS:
        sheet.fault("persons", f"must be at most {MOST_PERSONS}")
        rows = rows[:0]
    found = tuple(_person(row, priced) for row in rows)
    _alone(((one.id, row.path) for one, row in zip(found, rows, strict=True)), sheet, "person")
    legs = ((leg.id, row.path) for one, row in zip(found, rows, strict=True) for leg in one.legs)
    _alone(legs, sheet, "leg")
    return found


def _alone(ids: Iterable[tuple[str, str]], sheet: Sheet, what: str) -> None:
    seen: dict[str, str] = {}
    for own_id, path in ids:
        if own_id and own_id in seen:
            place = "here" if seen[own_id] == path else f"in {seen[own_id]}"
            sheet.fault(path, f"the {what} {own_id} is {place} already")
        seen.setdefault(own_id, path)


def _person(row: Sheet, priced: Priced) -> Person:
    service, level = row.text("service"), row.text("level")
    if priced.levels is not None and (service, level) not in priced.levels and service and level:
        row.fault("level", f"{service} has no level {level} in this tariff")
    legs = _legs(row)
    planned = row.day_if("planned")
    first = min((leg.started for leg in legs), default=None)
    if planned is not None and first is not None and planned < first:
        row.fault("planned", "is before the first leg started")
        planned = None
    ids = {leg.id: leg for leg in legs}
    return Person(
        id=row.own_id("id"),
        service=service,
        level=level,
        region=row.text("region", needed=False),
        group=row.text("group", needed=False),
        months=_months(row, service, priced, first, planned),
        planned=planned,
        legs=legs,
        reports=_reports(row, ids),
        pauses=_pauses(row, ids),
        changes=_changes(row, ids),
        proved=_results(row, ids, priced),
    )


def _months(row: Sheet, service: str, priced: Priced, first: date | None, planned: date | None) -> int:
    if row.has("months"):
        return row.whole("months", 1, MOST_MONTHS)
    row.value("months")
    if first is not None and planned is not None:
        months = (planned.year - first.year) * 12 + planned.month - first.month
        return months if months and planned_end(first, months) >= planned else months + 1
    usual = (priced.months or {}).get(service)
    if usual is None:
        row.fault("months", "is missing; say months, or the planned last day in planned")
    return usual or 1


def _legs(row: Sheet) -> tuple[Leg, ...]:
    found: list[tuple[Leg, Sheet]] = []
    for one in row.tables("legs"):
        finish = one.choice("finish", tuple(FINISHES)) if one.value("finish") is not None else ""
        leg = Leg(
            id=one.own_id("id"),
            provider=one.own_id("provider"),
            started=one.day("started"),
            ended=one.day_if("ended"),
            finish=FINISHES.get(finish, GOES_ON),
        )
        if leg.ended is not None and leg.ended < leg.started:
            one.fault("ended", "is before started")
        if finish and leg.ended is None:
            one.fault("finish", "says how it ended, but ended is missing")
        found.append((leg, one))
    found.sort(key=lambda pair: pair[0].started)
    for (before, _), (after, one) in pairwise(found):
        if before.ended is None or before.ended >= after.started:
            one.fault("started", f"must be after the last day of the leg {before.id}, which it overlaps")
    return tuple(leg for leg, _ in found)


def _leg(row: Sheet, legs: dict[str, Leg]) -> str:
    found = row.own_id("leg")
    if found and found not in legs:
        row.fault("leg", f"{found} is not a leg of this person")
    return found


def _reports(row: Sheet, legs: dict[str, Leg]) -> tuple[Reported, ...]:
    found: list[Reported] = []
    seen: set[tuple[str, date]] = set()
    for one in row.tables("reports", needed=False):
        told = Reported(_leg(one, legs), one.month("month"), one.choice("state", STATES, STATES[0]))
        if (told.leg, told.month) in seen:
            one.fault("month", f"{told.month:%Y-%m} is reported already for that leg")
        seen.add((told.leg, told.month))
        found.append(told)
    return tuple(told for told in found if told.leg in legs)


def _pauses(row: Sheet, legs: dict[str, Leg]) -> tuple[Paused, ...]:
    found: list[tuple[Paused, Sheet]] = []
    for one in row.tables("pauses", needed=False):
        pause = Paused(_leg(one, legs), one.day("first"), one.day_if("last"))
        if pause.last is not None and pause.last < pause.first:
            one.fault("last", "is before first")
        found.append((pause, one))
    found.sort(key=lambda pair: (pair[0].leg, pair[0].first))
    for (before, _), (after, one) in pairwise(found):
        if before.leg == after.leg and (before.last is None or before.last >= after.first):
            one.fault("first", f"must be after the pause that begins {before.first}, which it overlaps")
    return tuple(pause for pause, _ in found if pause.leg in legs)


def _changes(row: Sheet, legs: dict[str, Leg]) -> tuple[Changed, ...]:
    found: list[Changed] = []
    seen: set[tuple[str, date]] = set()
    for one in row.tables("changes", needed=False):
        price = one.whole("price_ore", 0, LARGEST_ORE) if one.value("price_ore") is not None else None
        change = Changed(_leg(one, legs), one.day("on"), price, one.day_if("planned"))
        if change.price is None and change.planned is None:
            one.fault("", "must say price_ore, planned or both")
        if (change.leg, change.on) in seen:
            one.fault("on", f"{change.on} has a change already for that leg")
        seen.add((change.leg, change.on))
        found.append(change)
    return tuple(sorted((one for one in found if one.leg in legs), key=lambda one: (one.leg, one.on)))


def _results(row: Sheet, legs: dict[str, Leg], priced: Priced) -> tuple[Proved, ...]:
    found: list[Proved] = []
    for result in row.tables("results", needed=False):
        leg, began = _leg(result, legs), result.day("began")
        for key, bonus in (("parts", False), ("bonus", True)):
            seen: set[int] = set()
            for one in result.tables(key, needed=False):
                part = _part(one, legs.get(leg), bonus, began, priced)
                if part is None:
                    continue
                if part.part in seen:
                    one.fault("part", f"{part.part} is here already")
                seen.add(part.part)
                found.append(part)
    return tuple(found)


def _part(one: Sheet, leg: Leg | None, bonus: bool, began: date, priced: Priced) -> Proved | None:
    component = "bonus" if bonus else "result"
    most = _parts(priced.tariff, component)
    number = one.whole("part", 1, MOST_PARTS, 1) if bonus else one.whole("part", 1, MOST_PARTS)
    if number > most:
        one.fault("part", f"must be at most {most}: this tariff has no more parts of the {component}")
    passed, percent = one.flag("passed", default=True), one.whole("percent", 1, 100, 100)
    proved, due = one.day_if("proved"), one.day_if("due")
    if due is None and leg is not None:
        due = priced.due(component, number, began, leg.ended) or proved
        if due is None:
            one.fault("due", "is missing, and the tariff does not say when the part falls due")
    if not passed or leg is None or due is None:
        return None
    return Proved(leg.id, bonus, number, percent, began, proved, due)


def _parts(tariff: Tariff, component: str) -> int:
    """How many parts there are; a bonus for speed asks for the first part of a result that pays nothing."""
    speedy = component == "result" and any(isinstance(fee.terms, Speed) for fee in tariff.fees)
    return max(tariff.parts(component), int(speedy))
