"""The unit price of a fee: the dated rate, times its factors, times the index; rounded once, half up.

The rate and the index are those of a day: the first day of what is paid for, or with `rates_by = "start"` the
voucher's first. A factor that a tariff does not name leaves the price as it is.
"""

from __future__ import annotations

import numpy as np

from core.money import share
from payouts.rules.columns import Day, Deal, Facts, Whole, whole
from payouts.rules.fees import UNCHANGED, Fee, Tariff

BEGINNING = np.datetime64("0001-01-01", "D")


def unit_prices(facts: Facts, fee: Fee, tariff: Tariff, leg: Whole, on: Day) -> Whole:
    """Öre for each row, by its leg (a position) and its day; 0 where the tariff has no price."""
    day = facts.legs.first[leg] if tariff.policy.rates_by == "start" else on
    deal = facts.legs.deal[leg]
    found = np.zeros(len(leg), dtype=np.int64)
    for place, known in enumerate(facts.deals):
        if known.tariff is tariff:
            rows = deal == place
            found[rows] = _of_deal(fee, known, day[rows])
    if fee.indexed and tariff.index is not None and len(found):
        points = _points(tariff, day)
        found = share(found, points, np.full(len(found), tariff.index.base_points, dtype=np.int64))
    return found


def _of_deal(fee: Fee, deal: Deal, day: Day) -> Whole:
    rates = fee.rates.get((deal.service, deal.level), ())
    if not rates:
        return np.zeros(len(day), dtype=np.int64)
    prices = whole([_with_factors(fee, deal, rate.price.ore) for rate in rates])
    if len(rates) == 1 and rates[0].from_on is None:
        return np.full(len(day), prices[0], dtype=np.int64)
    since = np.array(
        [BEGINNING if rate.from_on is None else np.datetime64(rate.from_on, "D") for rate in rates]
    )
    at = np.searchsorted(since, day, "right") - 1
    return np.where(at >= 0, prices[np.maximum(at, 0)], 0)


def _with_factors(fee: Fee, deal: Deal, ore: int) -> int:
    times, of = 1, 1
    for named, value in (
        (fee.factors.level, deal.level),
        (fee.factors.region, deal.region),
        (fee.factors.group, deal.group),
    ):
        if value in named:
            times, of = times * named[value], of * UNCHANGED
    return int(share(ore, times, of))


def _points(tariff: Tariff, day: Day) -> Whole:
    index = tariff.index
    if index is None:
        raise AssertionError("the reader refuses an indexed fee without an index")
    since = np.array([np.datetime64(from_on, "D") for from_on, _ in index.points])
    points = whole([index.base_points, *(value for _, value in index.points)])
    return points[np.searchsorted(since, day, "right")]
