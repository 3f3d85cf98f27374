"""Days some time after another day, by the calendar, and moved on by what was paused in between.

Weeks are seven days. Months are calendar months: for a day that the month does not have it is the last, so
that 31 August + 6 months is 28 February, or the 29th.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from payouts.rules.columns import FAR, Day, Facts, Whole, days, whole
from payouts.rules.fees import Offset
from payouts.rules.pairs import line

DAYS = {"days": 1, "weeks": 7}


def later(day: Day, offset: Offset) -> Day:
    """The day so long after each day; never after FAR."""
    if offset.unit != "months":
        found = day + offset.count * DAYS[offset.unit]
    else:
        month = day.astype("datetime64[M]")
        into = day - month.astype("datetime64[D]")
        first = (month + offset.count).astype("datetime64[D]")
        last = (month + offset.count + 1).astype("datetime64[D]") - 1
        found = np.minimum(first + into, last)
    return np.minimum(found, FAR)


def part_days(began: Day, offsets: tuple[Offset, ...], part: Whole, unsaid: Day) -> Day:
    """The day of each row's part: so long after it began; `unsaid` where nobody knows, or no time is told."""
    found = unsaid
    for number, offset in enumerate(offsets, 1):
        found = np.where((part == number) & (began != FAR), later(began, offset), found)
    return days(found)


@dataclass(frozen=True)
class Clock:
    """Counts days that were not paused, of many owners (legs, or vouchers) at once.

    `key` is the line of owner and days not paused before each pause, in order; `before` how many paused days
    the pauses up to there have in all, one row longer.
    """

    key: Whole
    before: Whole

    def on(self, owner: Whole, since: Day, nominal: Day) -> Day:
        """The day on which as many days have gone without the paused ones as `nominal` has with them.

        Both ends are counted. FAR while a pause that lasts stands in the way.
        """
        wanted = line(owner, (nominal - since).astype(np.int64) + 1)
        until = np.searchsorted(self.key, wanted, "left")
        paused = self.before[until] - self.before[np.searchsorted(self.key, line(owner, whole(0)), "left")]
        return np.minimum(nominal + paused, FAR)


def clock(facts: Facts, *, of_voucher: bool) -> Clock:
    """The clock of each leg (its position), from its start; or of each voucher (its id), from its first."""
    legs, pauses = facts.legs, facts.pauses
    first = np.maximum(pauses.first, legs.started[pauses.leg])
    last = np.minimum(pauses.last, legs.ended[pauses.leg])
    some = last >= first
    leg, first, last = pauses.leg[some], first[some], last[some]
    owner = legs.voucher_id[leg] if of_voucher else leg
    since = legs.first[leg] if of_voucher else legs.started[leg]
    order = np.lexsort((first, owner))
    owner, first, since = owner[order], first[order], since[order]
    length = (last[order] - first).astype(np.int64) + 1
    before = np.concatenate([[0], np.cumsum(length)])
    begins = np.searchsorted(owner, owner, "left")
    gone = (first - since).astype(np.int64) - (before[:-1] - before[begins])
    return Clock(line(owner, np.maximum(gone, 0)), before)
