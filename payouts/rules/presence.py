"""When a reported month counts, and how much of it the person was there; shared by every base fee.

A month counts when it is over, or the service ended in it, by `as_of`. The qualifying days are counted from
the first to the last day, both included, up to `as_of`. Months are numbered from the voucher's first start,
so that a switch of provider does not begin a new row of instalments. For paused days, see pauses.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from payouts.rules.columns import Columns, Day, Facts, Whole, whole
from payouts.rules.pauses import months_lost, paused_days
from payouts.rules.tariff import Monthly, Weekdays


@dataclass(frozen=True)
class Presence(Columns):
    """One row a reported month of a leg with the asked kind of fee. `leg` and `deal` are positions.

    `part` is the month as 202604, `number` 1 for the voucher's first month, `paused` the paused days from
    `there_from` to `there_to`, `counts` whether it is payable.
    """

    leg: Whole
    deal: Whole
    report_id: Whole
    part: Whole
    number: Whole
    first_day: Day
    last_day: Day
    there_from: Day
    there_to: Day
    paused: Whole
    counts: NDArray[np.bool_]


def presence(facts: Facts, kind: type[Monthly] | type[Weekdays]) -> Presence:
    """The reported months of legs whose tariff has that kind of base fee."""
    terms = [deal.tariff.base for deal in facts.deals]
    asked = np.array([isinstance(term, kind) for term in terms], dtype=bool)
    legs = facts.legs
    months = facts.months.where(asked[legs.deal[facts.months.leg]]) if terms else facts.months
    at, deal = months.leg, legs.deal[months.leg]
    as_of = np.datetime64(facts.as_of, "D")

    month = months.month.astype("datetime64[M]")
    first_day = month.astype("datetime64[D]")
    last_day = (month + 1).astype("datetime64[D]") - 1
    started, ended = legs.started[at], legs.ended[at]
    there_from, there_to = np.maximum(started, first_day), np.minimum(ended, last_day)
    paused = paused_days(facts, at, there_from, there_to)
    until = np.minimum(ended, as_of)
    run = (until - started).astype(np.int64) + 1 - paused_days(facts, at, started, until)
    number = (month - legs.first[at].astype("datetime64[M]")).astype(np.int64) + 1
    number -= months_lost(facts, at, month)
    most = np.minimum(whole([term.instalments for term in terms])[deal], legs.months[at])
    index = month.astype(np.int64)
    return Presence(
        leg=at,
        deal=deal,
        report_id=months.report_id,
        part=(1970 + index // 12) * 100 + index % 12 + 1,
        number=number,
        first_day=first_day,
        last_day=last_day,
        there_from=there_from,
        there_to=there_to,
        paused=paused,
        counts=(
            (there_from <= there_to)
            & (paused <= (there_to - there_from).astype(np.int64))
            & (there_to <= as_of)
            & (run >= whole([term.qualifying_days for term in terms])[deal])
            & (number >= 1)
            & (number <= most)
        ),
    )
