"""The arithmetic of a line, taken apart for whoever reads it: price, share, what a cap cut, what was left.

Nothing is decided here. A part that would not give the line's own amount again is not told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.money import share
from payouts.rules.fees import (
    FEE,
    UNCHANGED,
    Completion,
    Fee,
    Instalments,
    Monthly,
    Rate,
    Tariff,
    Weekdays,
)
from payouts.rules.kinds import kind_of


@dataclass(frozen=True)
class Factor:
    """What the price is multiplied with, in ten thousandths, `by` level, region or group."""

    by: str
    value: str
    ten_thousandths: int


@dataclass(frozen=True)
class PriceOf:
    """Where a unit price comes from. `rate_ore` is the tariff's amount, `since` the day from which it holds.

    `index` is (points, points of the prices' own day, the day they are from, None for the prices' own).
    """

    rate_ore: int
    since: date | None
    until: date | None
    status: str
    source: str
    factors: tuple[Factor, ...]
    index: tuple[int, int, date | None] | None


@dataclass(frozen=True)
class Reckoning:
    """How an amount came about. `counts` says what quantity is: days, weekdays, percent, parts or once.

    `full_ore` is price × quantity ÷ of. `cut_ore` is what a cap took of it, `rest_ore` what rounding left for
    this part (may be below zero). `number` is the fee's own part, of `parts` (0: nobody says how many).
    """

    kind: str
    counts: str
    full_ore: int
    cut_ore: int
    rest_ore: int
    number: int
    parts: int

    @property
    def is_month(self) -> bool:
        """Whether the part is a month, as 202604."""
        return self.number > 100_000


def reckoned(
    fee: Fee, part: int, *, price_ore: int, quantity: int, of_quantity: int, amount_ore: int
) -> Reckoning:
    """Take a booked amount (above zero) apart."""
    full = share(price_ore, quantity, of_quantity)
    shares = getattr(fee.terms, "shares", ())
    many = len(shares) or (of_quantity if isinstance(fee.terms, Instalments) else 0)
    off = amount_ore - full
    is_rest = off != 0 and (off > 0 or -off < many)
    return Reckoning(
        kind=kind_of(fee),
        counts=_counts(fee, quantity, of_quantity),
        full_ore=full,
        cut_ore=0 if is_rest else -off,
        rest_ore=off if is_rest else 0,
        number=part % FEE,
        parts=len(shares) if len(shares) > 1 else 0,
    )


def _counts(fee: Fee, quantity: int, of_quantity: int) -> str:
    terms = fee.terms
    if isinstance(terms, Monthly):
        return "whole_month" if not terms.by_days else "weekdays" if terms.pro_rata == "weekdays" else "days"
    if isinstance(terms, Weekdays):
        return "each_day" if terms.calendar else "each_weekday"
    if isinstance(terms, Instalments):
        return "parts"
    return "once" if quantity == of_quantity else "percent"


def price_of(
    fee: Fee,
    tariff: Tariff,
    *,
    service: str,
    level: str,
    group: str,
    period_on: date,
    first_on: date,
    unit_price_ore: int,
) -> PriceOf | None:
    """The rate behind a line's unit price; None when the tariff alone does not give that price."""
    if isinstance(fee.terms, Completion):
        fee = tariff.coded(fee.terms.of) or fee
    on = first_on if tariff.policy.rates_by == "start" else period_on
    rates = fee.rates.get((service, level), ())
    place = max((at for at, rate in enumerate(rates) if (rate.from_on or date.min) <= on), default=None)
    if place is None:
        return None
    rate: Rate = rates[place]
    factors = tuple(
        Factor(by, value, named[value])
        for by, value, named in (
            ("level", level, fee.factors.level),
            ("group", group, fee.factors.group),
        )
        if named.get(value, UNCHANGED) != UNCHANGED
    )
    index = None
    if fee.indexed and tariff.index is not None:
        base = tariff.index.base_points
        since, points = max(
            ((day, points) for day, points in tariff.index.points if day <= on), default=(None, base)
        )
        index = (points, base, since)
    times, of = 1, 1
    for factor in factors:
        times, of = times * factor.ten_thousandths, of * UNCHANGED
    if index:
        times, of = times * index[0], of * index[1]
    if share(rate.price.ore, times, of) != unit_price_ore:
        return None
    return PriceOf(
        rate_ore=rate.price.ore,
        since=rate.from_on,
        until=rates[place + 1].from_on if place + 1 < len(rates) else None,
        status=rate.price.status,
        source=rate.price.source,
        factors=factors,
        index=index,
    )
