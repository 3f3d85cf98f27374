"""The unit price of a fee: the dated rate, times its factors, times the index; rounded once, half up.

The rate and the index are those of a day: the first day of what is paid for, or with `rates_by = "start"` the
voucher's first. Both hold from their own day on. Before a fee's first rate it has no price. A factor that a
tariff does not name leaves the price as it is.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date

import numpy as np

from core.money import share
from payouts.rules.columns import Day, Deal, Facts, Whole
from payouts.rules.fees import UNCHANGED, Fee, Tariff


def unit_prices(facts: Facts, fee: Fee, tariff: Tariff, leg: Whole, on: Day) -> Whole:
    """Öre for each row, by its leg (a position) and its day; 0 where the tariff has no price."""
    turns = _turns(fee, tariff)
    prices = np.zeros((len(facts.deals), len(turns) + 1), dtype=np.int64)
    for place, deal in enumerate(facts.deals):
        if deal.tariff is tariff:
            prices[place] = [_on(fee, deal, on_day) for on_day in (date.min, *turns)]
    day = facts.legs.first[leg] if tariff.policy.rates_by == "start" else on
    since = np.array(turns, dtype="datetime64[D]")
    return prices[facts.legs.deal[leg], np.searchsorted(since, day, "right")]


def _turns(fee: Fee, tariff: Tariff) -> list[date]:
    """The days on which a price may change, in order."""
    rates = {rate.from_on for row in fee.rates.values() for rate in row if rate.from_on}
    points = {day for day, _ in tariff.index.points} if fee.indexed and tariff.index else set()
    return sorted(rates | points)


def _on(fee: Fee, deal: Deal, day: date) -> int:
    """The price of a deal on a day."""
    rates = fee.rates.get((deal.service, deal.level), ())
    at = bisect_right([rate.from_on or date.min for rate in rates], day)
    if not at:
        return 0
    times, of = 1, 1
    for named, value in (
        (fee.factors.level, deal.level),
        (fee.factors.region, deal.region),
        (fee.factors.group, deal.group),
    ):
        if value in named:
            times, of = times * named[value], of * UNCHANGED
    index = deal.tariff.index
    if fee.indexed and index is not None:
        points = [index.base_points, *(value for _, value in index.points)]
        times *= points[bisect_right([since for since, _ in index.points], day)]
        of *= index.base_points
    return share(rates[at - 1].price.ore, times, of)
