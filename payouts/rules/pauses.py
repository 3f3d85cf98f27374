"""Paused days are not paid and do not qualify. Where the clock stops a month that was paused in whole is no
instalment either: the months after it are numbered as if it had not been.

A month is paused in whole when every day of it that the person had a provider was paused. A tariff whose
policy is `runs` or `spread` loses such months of a monthly fee; for fees paid over a span see spans.py.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from payouts.rules.columns import FAR, Day, Facts, Whole, whole
from payouts.rules.pairs import SPAN, counted, line, pairs


def paused_days(facts: Facts, leg: Whole, first: Day, last: Day, *, weekdays: bool = False) -> Whole:
    """The paused days of each leg (a position) from `first` to `last`, both counted; or those from Monday to
    Friday alone."""
    count = np.zeros(len(leg), dtype=np.int64)
    if not len(facts.pauses):
        return count
    ever = np.zeros(len(facts.legs), dtype=bool)
    ever[facts.pauses.leg] = True
    some = np.flatnonzero(ever[leg])
    of_some, pause = pairs(leg[some], facts.pauses.leg)
    rows = some[of_some]
    low = np.maximum(first[rows], facts.pauses.first[pause])
    high = np.minimum(last[rows], facts.pauses.last[pause])
    days = np.busday_count(low, high + 1) if weekdays else (high - low) + 1
    np.add.at(count, rows, np.where(high >= low, days.astype(np.int64), 0))
    return count


def months_lost(facts: Facts, leg: Whole, since: Day, month: NDArray[np.datetime64]) -> Whole:
    """How many months of the leg's voucher were paused in whole, where the clock stops for it: from that of
    `since` up to, not with, `month`.

    `leg` is a position, `month` counts in months.
    """
    if not len(facts.pauses):
        return np.zeros(len(leg), dtype=np.int64)
    return lost_between(idle_months(facts), facts.legs.voucher_id[leg], since.astype("datetime64[M]"), month)


def lost_between(
    idle: Whole, voucher: Whole, first: NDArray[np.datetime64], after: NDArray[np.datetime64]
) -> Whole:
    """How many of those idle months each voucher (an id) has from `first` up to, not with, `after`."""
    found = np.searchsorted(idle, line(voucher, after)) - np.searchsorted(idle, line(voucher, first))
    return whole(np.maximum(found, 0))


def idle_counts(idle: Whole, voucher: Whole) -> Whole:
    """How many of those idle months each voucher (an id) has in all."""
    return whole(np.searchsorted(idle, (voucher + 1) * SPAN) - np.searchsorted(idle, voucher * SPAN))


def idle_months(facts: Facts) -> Whole:
    """Every month that was paused in whole and does not count, as sorted numbers; see pairs.line.

    Of a pause that lasts the months up to that of `as_of`.
    """
    legs, pauses = facts.legs, facts.pauses
    stops = np.array([deal.tariff.clock_stops for deal in facts.deals], dtype=bool)
    if not len(pauses) or not stops.any():
        return np.zeros(0, dtype=np.int64)
    low = np.maximum(pauses.first, legs.started[pauses.leg]).astype("datetime64[M]")
    known = np.where(pauses.last == FAR, np.datetime64(facts.as_of, "D"), pauses.last)
    last = np.minimum(known, legs.ended[pauses.leg])
    months = (last.astype("datetime64[M]") - low).astype(np.int64) + 1
    months = np.where(stops[legs.deal[pauses.leg]], np.maximum(months, 0), 0)
    touched = np.repeat(low.astype(np.int64), months) + counted(months)
    keys, at = np.unique(line(np.repeat(legs.voucher_id[pauses.leg], months), touched), return_index=True)
    voucher, month = np.repeat(legs.voucher_id[pauses.leg], months)[at], touched[at].astype("datetime64[M]")

    rows, leg = pairs(voucher, legs.voucher_id)
    first = np.maximum(month[rows].astype("datetime64[D]"), legs.started[leg])
    to = np.minimum((month[rows] + 1).astype("datetime64[D]") - 1, legs.ended[leg])
    there, paused = np.zeros(len(voucher), dtype=np.int64), np.zeros(len(voucher), dtype=np.int64)
    np.add.at(there, rows, np.maximum((to - first).astype(np.int64) + 1, 0))
    np.add.at(paused, rows, paused_days(facts, leg, first, to))
    return whole(keys[(there > 0) & (paused == there)])
