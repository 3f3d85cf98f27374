"""When a reported month counts, and how much of it the person was there; shared by every fee of reports.

A month counts when it is over, or the service ended in it, by `as_of`. The qualifying days are counted from
the first to the last day, both included, up to `as_of`. Months are numbered from the voucher's first start,
so that a switch of provider does not begin a new row of instalments. For paused days, see pauses.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from payouts.rules.columns import Columns, Day, Facts, Looks, Whole, seen
from payouts.rules.fees import Monthly, Weekdays
from payouts.rules.pauses import months_lost, paused_days


@dataclass(frozen=True)
class Presence(Columns):
    """One row a reported month of a leg with the asked fee. `leg` is a position.

    `part` is the month as 202604, `number` 1 for the voucher's first month, `paused` the paused days from
    `there_from` to `there_to`, `counts` whether it is payable; `run` the qualifying days so far.
    """

    leg: Whole
    report_id: Whole
    part: Whole
    number: Whole
    first_day: Day
    last_day: Day
    there_from: Day
    there_to: Day
    paused: Whole
    run: Whole
    counts: NDArray[np.bool_]


def presence(facts: Facts, terms: Monthly | Weekdays, deals: NDArray[np.bool_]) -> Presence:
    """The reported months of legs with those deals (a mask), as those terms count them."""
    legs = facts.legs
    months = facts.months.where(deals[legs.deal[facts.months.leg]])
    at = months.leg
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
    return Presence(
        leg=at,
        report_id=months.report_id,
        part=month_part(month),
        number=number,
        first_day=first_day,
        last_day=last_day,
        there_from=there_from,
        there_to=there_to,
        paused=paused,
        run=run,
        counts=(
            (there_from <= there_to)
            & (paused <= (there_to - there_from).astype(np.int64))
            & (there_to <= as_of)
            & (run >= terms.qualifying_days)
            & (number >= 1)
            & (number <= np.minimum(terms.instalments, legs.months[at]))
        ),
    )


def month_part(month: NDArray[np.datetime64]) -> Whole:
    """Months as the ledger's parts: 2026-04 is 202604."""
    index = month.astype("datetime64[M]").astype(np.int64)
    return (1970 + index // 12) * 100 + index % 12 + 1


def looks(facts: Facts, kind: type[Monthly | Weekdays]) -> Looks:
    """The day that a reported month is over, and the day that the qualifying days can have run."""
    as_of = np.datetime64(facts.as_of, "D")
    found: list[tuple[Whole, Day]] = []
    for having in facts.having(kind):
        at = presence(facts, having.terms, having.deals)
        left = having.terms.qualifying_days - at.run
        waits = (left > 0) & (facts.legs.ended[at.leg] > as_of)
        found += [(at.leg, at.there_to), (at.leg[waits], as_of + left[waits])]
    return seen(found)
