"""Paused days are not paid and do not qualify. Where the clock stops a month that was paused in whole is no
instalment either: the months after it are numbered as if it had not been.

A month is paused in whole when every day of it that the person had a provider was paused.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from payouts.rules.columns import Day, Facts, Whole


def paused_days(facts: Facts, leg: Whole, first: Day, last: Day, *, weekdays: bool = False) -> Whole:
    """The paused days of each leg (a position) from `first` to `last`, both counted; or those from Monday to
    Friday alone."""
    count = np.zeros(len(leg), dtype=np.int64)
    if not len(facts.pauses):
        return count
    rows, pause = _join(leg, facts.pauses.leg)
    low = np.maximum(first[rows], facts.pauses.first[pause])
    high = np.minimum(last[rows], facts.pauses.last[pause])
    days = np.busday_count(low, high + 1) if weekdays else (high - low) + 1
    np.add.at(count, rows, np.where(high >= low, days.astype(np.int64), 0))
    return count


def months_lost(facts: Facts, leg: Whole, month: NDArray[np.datetime64]) -> Whole:
    """How many earlier months of the leg's voucher were paused in whole, where the clock stops for it.

    `leg` is a position, `month` counts in months.
    """
    count = np.zeros(len(leg), dtype=np.int64)
    if not len(facts.pauses):
        return count
    voucher, idle = _idle_months(facts)
    rows, found = _join(facts.legs.voucher_id[leg], voucher)
    np.add.at(count, rows, idle[found] < month[rows])
    return count


def _idle_months(facts: Facts) -> tuple[Whole, NDArray[np.datetime64]]:
    """(voucher, month) of every month that was paused in whole and does not count."""
    legs, pauses = facts.legs, facts.pauses
    stops = np.array([deal.tariff.clock_stops for deal in facts.deals], dtype=bool)
    low = np.maximum(pauses.first, legs.started[pauses.leg]).astype("datetime64[M]")
    last = np.minimum(np.minimum(pauses.last, legs.ended[pauses.leg]), np.datetime64(facts.as_of, "D"))
    months = (last.astype("datetime64[M]") - low).astype(np.int64) + 1
    months = np.where(stops[legs.deal[pauses.leg]], np.maximum(months, 0), 0)
    touched = np.repeat(low, months) + _counted(months)
    keys = np.unique(
        np.stack([np.repeat(legs.voucher_id[pauses.leg], months), touched.astype(np.int64)]), axis=1
    )
    voucher, month = keys[0], keys[1].astype("datetime64[M]")

    rows, leg = _join(voucher, legs.voucher_id)
    first = np.maximum(month[rows].astype("datetime64[D]"), legs.started[leg])
    to = np.minimum((month[rows] + 1).astype("datetime64[D]") - 1, legs.ended[leg])
    there, paused = np.zeros(len(voucher), dtype=np.int64), np.zeros(len(voucher), dtype=np.int64)
    np.add.at(there, rows, np.maximum((to - first).astype(np.int64) + 1, 0))
    np.add.at(paused, rows, paused_days(facts, leg, first, to))
    idle = (there > 0) & (paused == there)
    return voucher[idle], month[idle]


def _join(left: Whole, right: Whole) -> tuple[Whole, Whole]:
    """The positions of every pair of equal keys."""
    order = np.argsort(right, kind="stable")
    ordered = right[order]
    start = np.searchsorted(ordered, left, "left")
    pairs = np.searchsorted(ordered, left, "right") - start
    rows = np.repeat(np.arange(len(left), dtype=np.int64), pairs)
    return rows, order[np.repeat(start, pairs) + _counted(pairs)]


def _counted(lengths: Whole) -> Whole:
    """0, 1, 2 … anew for each length."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total, dtype=np.int64) - np.repeat(ends - lengths, lengths)
