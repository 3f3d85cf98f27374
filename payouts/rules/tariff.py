"""The rulebook's chapter on fees, read and checked: one component a table, every amount with its source."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.chapters import Chapter
from vouchers.rules.pauses import read_pauses

STATUSES = ("published", "historical", "example")
PRO_RATA = ("calendar_days", "whole_month")
COMPONENTS = ("base", "result", "bonus")
KINDS = {"base": ("monthly", "weekdays"), "result": ("outcome",), "bonus": ("sustained",)}


@dataclass(frozen=True)
class Price:
    """An amount in öre excluding VAT, where it comes from, and whether anybody has published it."""

    ore: int
    status: str
    source: str


@dataclass(frozen=True)
class Monthly:
    """A base fee for each reported and approved month. § base fee."""

    qualifying_days: int
    instalments: int
    by_days: bool
    prices: dict[tuple[str, str], Price] = field(default_factory=dict)


@dataclass(frozen=True)
class Weekdays:
    """A base fee for each weekday of a reported and approved month, capped by block. § base fee.

    A block is `block_months` calendar months from the voucher's first; at most `cap_ore` is paid in it.
    """

    qualifying_days: int
    instalments: int
    block_months: int
    cap_ore: int
    prices: dict[tuple[str, str], Price] = field(default_factory=dict)


@dataclass(frozen=True)
class OutcomeFee:
    """A result fee in parts: `shares` in percent, summing to 100. § result fee."""

    shares: tuple[int, ...]
    prices: dict[tuple[str, str], Price] = field(default_factory=dict)


@dataclass(frozen=True)
class Sustained:
    """A bonus when the result still stands. § bonus."""

    prices: dict[tuple[str, str], Price] = field(default_factory=dict)


@dataclass(frozen=True)
class Tariff:
    """A rulebook's fees. A component without a price for a service and level pays nothing there.

    `clock_stops` says that a month paused in whole is no instalment (chapter `pauses`).
    """

    base: Monthly | Weekdays
    result: OutcomeFee
    bonus: Sustained
    clock_stops: bool = False

    def prices(self, component: str) -> dict[tuple[str, str], Price]:
        """The prices of a component by (service, level)."""
        chapter: Monthly | Weekdays | OutcomeFee | Sustained = getattr(self, component)
        return chapter.prices


def read_tariff(book: Chapter) -> Tariff:
    """Read the chapter `fees`; faults are noted in the book."""
    fees = book.table("fees")
    known = _levels(book)
    for component, kinds in KINDS.items():
        if component != "bonus" or fees.has("bonus"):
            fees.table(component).choice("kind", kinds)
    base, result = fees.table("base"), fees.table("result")
    shares = result.wholes("shares", 1, 100)
    if sum(shares) != 100:
        result.fault("shares", "must sum to 100")
    pauses = read_pauses(book)
    after = book.table("results").wholes("after_months", 0, 24)
    if len(after) != len(shares):
        result.fault("shares", "must have as many parts as results.after_months")
    return Tariff(
        base=_base(base, known),
        result=OutcomeFee(shares=shares, prices=_prices(result, known)),
        bonus=Sustained(prices=_prices(fees.table("bonus"), known) if fees.has("bonus") else {}),
        clock_stops=pauses is not None and pauses.clock == "stops",
    )


def _base(base: Chapter, known: set[tuple[str, str]]) -> Monthly | Weekdays:
    qualifying_days = base.whole("qualifying_days", 0, 365)
    instalments = base.whole("instalments", 1)
    prices = _prices(base, known)
    if base.choice("kind", KINDS["base"]) == "weekdays":
        block = base.table("block")
        return Weekdays(
            qualifying_days=qualifying_days,
            instalments=instalments,
            block_months=block.whole("months", 1, 24),
            cap_ore=block.whole("cap_ore", 1, 10**9),
            prices=prices,
        )
    by_days = base.choice("pro_rata", PRO_RATA) == "calendar_days"
    return Monthly(qualifying_days, instalments, by_days, prices)


def _levels(book: Chapter) -> set[tuple[str, str]]:
    return {
        (service, row.text("code"))
        for service, chapter in book.named("services").items()
        for row in chapter.tables("levels")
    }


def _prices(chapter: Chapter, known: set[tuple[str, str]]) -> dict[tuple[str, str], Price]:
    prices: dict[tuple[str, str], Price] = {}
    for row in chapter.tables("amounts"):
        key = (row.text("service"), row.text("level"))
        if key not in known:
            row.fault("level", f"{key[0]} has no level {key[1]} in this rulebook")
        if key in prices:
            row.fault("level", f"{key[0]} {key[1]} has an amount already")
        prices[key] = Price(row.whole("ore", 0, 10**9), row.choice("status", STATUSES), row.text("source"))
    return prices
