"""The rulebook's chapter on fees, read and checked: a table a fee, every amount with its source.

`[fees.<code>]` is a fee; its `kind` says the rule. `[fees.policy]`, `[[fees.caps]]` and `[fees.index]` are
the switches, the caps and the index. The fees of a category are numbered in the file's order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from core.chapters import Chapter
from payouts.rules.fees import (
    CAP_PER,
    CAP_PERIODS,
    COMPONENTS,
    CURRENCIES,
    PAUSES,
    PRO_RATA,
    STATUSES,
    SWITCHES,
    UNCHANGED,
    UNITS,
    Cap,
    Completion,
    Factors,
    Fee,
    Index,
    Instalments,
    Key,
    Milestone,
    Monthly,
    Offset,
    OutcomeFee,
    Policy,
    Price,
    Rate,
    Speed,
    Start,
    Sustained,
    Tariff,
    Terms,
    Weekdays,
)
from vouchers.rules.pauses import read_pauses

NOT_FEES = ("policy", "caps", "index", "currency")
MOST_PARTS = 60
LARGEST_ORE = 10**9
LARGEST_PRICE = 10**12


@dataclass(frozen=True)
class Kind:
    """A kind of fee: the category it stands in, and how its terms are read."""

    component: str
    read: Callable[[Chapter], Terms]


def read_tariff(book: Chapter) -> Tariff:
    """Read the chapter `fees`; faults are noted in the book."""
    pauses = read_pauses(book)
    found = read_fees(book.table("fees"), _levels(book), pauses is not None and pauses.clock == "stops")
    result = found.first("result")
    if book.has("results") and result and isinstance(result.terms, OutcomeFee):
        after = book.table("results").wholes("after_months", 0, 24)
        if len(after) != len(result.terms.shares):
            book.table("fees").table(result.code).fault(
                "shares", "must have as many parts as results.after_months"
            )
    return found


def read_fees(fees: Chapter, known: set[Key], clock_stops: bool = True) -> Tariff:
    """Read a table of fees for services and levels that are `known`; `clock_stops` unless the policy says."""
    policy = _policy(fees.table("policy", needed=False), clock_stops)
    read: list[Fee] = []
    for code in fees.names():
        if code not in NOT_FEES:
            read.append(_fee(code, fees.table(code), known, policy, read))
    codes = {fee.code for fee in read}
    for fee in read:
        of = fee.terms.of if isinstance(fee.terms, Completion) else ""
        if of and not any(other.code == of and isinstance(other.terms, Instalments) for other in read):
            fees.table(fee.code).fault("of", "must be the code of a fee paid in instalments")
    if not read:
        fees.fault("", "must have at least one fee")
    caps = tuple(_cap(row, codes) for row in fees.tables("caps", needed=False))
    index = _index(fees.table("index")) if fees.has("index") else None
    for fee in read:
        if fee.indexed and index is None:
            fees.table(fee.code).fault("indexed", "needs the table fees.index")
        if _dearest(fee, index) > LARGEST_PRICE:
            fees.table(fee.code).fault("", "is above ten billion kronor by its factors and the index")
        for level in fee.factors.level.keys() - {level for _, level in known}:
            fees.table(fee.code).fault("factors.level", f"{level} is no level in this rulebook")
    return Tariff(tuple(read), policy, caps, index, fees.choice("currency", CURRENCIES, "SEK"))


def _policy(chapter: Chapter, clock_stops: bool) -> Policy:
    words = {name: chapter.choice(name, options, options[0]) for name, options in SWITCHES.items()}
    pause = chapter.choice("pause", PAUSES, "stops" if clock_stops else "runs")
    return Policy(**words, pause=pause, clawback_months=chapter.whole("clawback_months", 0, 600, 0))


def _fee(code: str, chapter: Chapter, known: set[Key], policy: Policy, before: list[Fee]) -> Fee:
    kind = KINDS[chapter.choice("kind", tuple(KINDS))]
    component = kind.component
    if component == "milestone" and policy.bars == "provider":
        component = "base"
    if code in COMPONENTS and code != component:
        chapter.fault("kind", f"a fee called {code} must be one of the category {code}")
    title = chapter.table("title", needed=code not in COMPONENTS)
    terms = kind.read(chapter)
    held_back = isinstance(terms, Completion)
    factors = chapter.table("factors", needed=False)
    return Fee(
        code=code,
        component=component,
        number=sum(fee.component == component for fee in before),
        terms=terms,
        rates={} if held_back else _rates(chapter, known, needed=not _agreed(terms)),
        factors=Factors(*(_factors(factors, by) for by in ("level", "region", "group"))),
        indexed=chapter.flag("indexed"),
        title_sv=title.text("sv", needed=code not in COMPONENTS),
        title_en=title.text("en", needed=code not in COMPONENTS),
    )


def _agreed(terms: Terms) -> bool:
    return isinstance(terms, Instalments) and terms.agreed


def _start(chapter: Chapter) -> Start:
    return Start(chapter.whole("qualifying_days", 0, 365, 0))


def _monthly(chapter: Chapter) -> Monthly:
    return Monthly(
        chapter.whole("qualifying_days", 0, 365),
        chapter.whole("instalments", 1, 240),
        chapter.choice("pro_rata", PRO_RATA),
    )


def _days(chapter: Chapter, *, calendar: bool) -> Weekdays:
    block = chapter.table("block", needed=False)
    has = chapter.has("block")
    return Weekdays(
        qualifying_days=chapter.whole("qualifying_days", 0, 365),
        instalments=chapter.whole("instalments", 1, 240),
        block_months=block.whole("months", 1, 24) if has else 0,
        cap_ore=block.whole("cap_ore", 1, LARGEST_ORE) if has else 0,
        calendar=calendar,
    )


def _instalments(chapter: Chapter) -> Instalments:
    return Instalments(
        percent=chapter.whole("percent", 1, 100, 100),
        qualifying_days=chapter.whole("qualifying_days", 0, 365, 0),
        by=chapter.choice("by", ("month_ends", "anniversaries")),
        agreed=chapter.choice("price", ("tariff", "agreed"), "tariff") == "agreed",
        needs_report=chapter.flag("needs_report"),
    )


def _milestone(chapter: Chapter) -> Milestone:
    shares, offsets = _parts(chapter)
    return Milestone(offsets, shares)


def _completion(chapter: Chapter) -> Completion:
    return Completion(chapter.whole("percent", 1, 100), chapter.text("of"))


def _outcome(chapter: Chapter) -> OutcomeFee:
    shares, offsets = _parts(chapter) if chapter.has("parts") else (_shares(chapter), ())
    window = chapter.whole("window_days", 0, 3660, 0)
    return OutcomeFee(shares, offsets, window, chapter.flag("partial"))


def _speed(chapter: Chapter) -> Speed:
    rows = [
        (row.whole("within_days", 1, 3660), row.whole("percent", 0, 100)) for row in chapter.tables("steps")
    ]
    if [days for days, _ in rows] != sorted({days for days, _ in rows}):
        chapter.fault("steps", "must have the shortest first, none twice")
    return Speed(tuple(rows))


def _sustained(chapter: Chapter) -> Sustained:
    if chapter.has("each"):
        return _each(chapter.table("each"))
    return Sustained(*_parts(chapter)) if chapter.has("parts") else Sustained()


def _each(row: Chapter) -> Sustained:
    """`times` parts of a whole price each: the first `first` after the result began, then `every`."""
    times, first, every = (
        row.whole("times", 1, MOST_PARTS),
        row.whole("first", 0, 3660),
        row.whole("every", 1, 366),
    )
    unit = row.choice("unit", UNITS, "months")
    offsets = tuple(Offset(first + number * every, unit) for number in range(times))
    return Sustained((100,) * times, offsets, each=True)


KINDS = {
    "start": Kind("milestone", _start),
    "monthly": Kind("base", _monthly),
    "weekdays": Kind("base", lambda chapter: _days(chapter, calendar=False)),
    "daily": Kind("base", lambda chapter: _days(chapter, calendar=True)),
    "instalments": Kind("base", _instalments),
    "milestone": Kind("milestone", _milestone),
    "completion": Kind("milestone", _completion),
    "outcome": Kind("result", _outcome),
    "speed": Kind("bonus", _speed),
    "sustained": Kind("bonus", _sustained),
}


def _shares(chapter: Chapter) -> tuple[int, ...]:
    shares = chapter.wholes("shares", 1, 100)
    if sum(shares) != 100:
        chapter.fault("shares", "must sum to 100")
    return shares


def _parts(chapter: Chapter) -> tuple[tuple[int, ...], tuple[Offset, ...]]:
    """`parts`: one row a part with its share and its time; `after` counts in `unit`, months unless told."""
    rows = chapter.tables("parts")
    shares = tuple(row.whole("share", 1, 100) for row in rows)
    offsets = tuple(Offset(row.whole("after", 0, 3660), row.choice("unit", UNITS, "months")) for row in rows)
    if sum(shares) != 100:
        chapter.fault("parts", "must have shares that sum to 100")
    if len(rows) > MOST_PARTS:
        chapter.fault("parts", f"must be at most {MOST_PARTS}")
    return shares, offsets


def _factors(chapter: Chapter, by: str) -> dict[str, int]:
    table = chapter.table(by, needed=False)
    return {name: table.whole(name, 1, 100 * UNCHANGED) for name in table.names()}


def _dearest(fee: Fee, index: Index | None) -> int:
    """The most that the fee's price can be, in whole öre."""
    ore = max((rate.price.ore for row in fee.rates.values() for rate in row), default=0)
    for factors in (fee.factors.level, fee.factors.region, fee.factors.group):
        ore = ore * max([UNCHANGED, *factors.values()]) // UNCHANGED
    points = [value for _, value in index.points] if fee.indexed and index else []
    return ore * max(points, default=1) // (index.base_points if points and index else 1)


def _cap(row: Chapter, codes: set[str]) -> Cap:
    fees = row.words("fees", needed=False)
    for code in fees:
        if code not in codes:
            row.fault("fees", f"{code} is not a fee of this tariff")
    row.text("source")
    return Cap(
        row.choice("per", CAP_PER),
        row.choice("period", CAP_PERIODS, "all"),
        row.whole("ore", 1, 10**12 - 1),
        fees,
    )


def _index(chapter: Chapter) -> Index:
    chapter.text("source")
    rows = chapter.tables("points")
    points = tuple((row.day("from"), row.whole("points", 1, 10**7)) for row in rows)
    if [day for day, _ in points] != sorted({day for day, _ in points}):
        chapter.fault("points", "must have the oldest first, none twice")
    return Index(chapter.whole("base_points", 1, 10**7), points)


def _levels(book: Chapter) -> set[Key]:
    return {
        (service, row.text("code"))
        for service, chapter in book.named("services").items()
        for row in chapter.tables("levels")
    }


def _rates(chapter: Chapter, known: set[Key], *, needed: bool) -> dict[Key, tuple[Rate, ...]]:
    rates: dict[Key, list[Rate]] = {}
    for row in chapter.tables("amounts", needed=needed):
        key = (row.text("service"), row.text("level"))
        if key not in known:
            row.fault("level", f"{key[0]} has no level {key[1]} in this rulebook")
        from_on: date | None = row.day("from") if row.has("from") else None
        if any((rate.from_on or date.min) >= (from_on or date.min) for rate in rates.get(key, ())):
            row.fault(
                "level", f"{key[0]} {key[1]} has an amount already; a later one needs a later day in from"
            )
        price = Price(row.whole("ore", 0, LARGEST_ORE), row.choice("status", STATUSES), row.text("source"))
        rates.setdefault(key, []).append(Rate(from_on, price))
    return {key: tuple(found) for key, found in rates.items()}
