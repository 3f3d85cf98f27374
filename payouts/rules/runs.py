"""Stays: a voucher's legs that follow on each other, and what a break does to the numbering of months.

A break is a time without a provider in which there is at least one day from Monday to Friday; to leave on a
Friday and go on with another on the Monday is none. After a break the numbering of months and instalments
goes on, or with `resumed = "anew"` begins again on the day of the return. What was earned before is never
touched.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from payouts.rules.columns import FAR, Day, Facts, Whole, whole
from payouts.rules.fees import Tariff
from payouts.rules.offsets import clock
from payouts.rules.pairs import SPAN, fresh, last_known, line


def stay_starts(facts: Facts, tariff: Tariff) -> Day:
    """For each leg the day that its months are numbered from."""
    legs = facts.legs
    if tariff.policy.resumed == "continues" or not len(legs):
        return legs.first
    order = np.lexsort((legs.leg_id, legs.started, legs.voucher_id))
    voucher, started = legs.voucher_id[order], legs.started[order]
    of_voucher = fresh(voucher)
    rank = whole(np.cumsum(of_voucher))
    upto = (np.maximum.accumulate(line(rank, legs.ended[order])) - rank * SPAN).astype("datetime64[D]")
    after = np.minimum(upto[:-1], FAR - 1) + 1
    begins = of_voucher.copy()
    begins[1:] |= np.busday_count(after, np.maximum(started[1:], after)) > 0
    since = np.where(of_voucher, legs.first[order], started)[last_known(begins)]
    found = np.empty_like(legs.first)
    found[order] = since
    return found


def qualifies_on(facts: Facts, tariff: Tariff, qualifying_days: int) -> Day:
    """For each leg the day that its qualifying days have run, FAR where they never do.

    They are counted from its first to its last day, both included and paused days not; each provider has its
    own. Where a result stands in for them, one whose day has come is enough for the leg whose result it is.
    """
    legs = facts.legs
    found: Day = legs.started
    if qualifying_days > 0 and len(legs):
        here: Whole = np.arange(len(legs), dtype=np.int64)
        found = clock(facts, of_voucher=False).on(here, found, found + (qualifying_days - 1))
        late: NDArray[np.bool_] = found > legs.ended
        found = np.where(late, FAR, found)
        if tariff.policy.qualifying == "waived_by_result":
            results = facts.checks.where(facts.checks.bonus == 0)
            by_result = np.full(len(legs), FAR)
            np.minimum.at(by_result, results.leg, results.due)
            found = np.minimum(found, by_result)
    return found
