"""When a reported month counts, and how much of it the person was there; shared by every fee of reports.

A month counts when it is over, or the service ended in it, and the qualifying days have run (runs.py). Months
are numbered from the voucher's first start, so that a switch of provider does not begin a new row of
instalments; for a return after a break see runs.py, for paused days pauses.py.

A month of a switch is shared by days. With `switch_month = "last_day"` the provider who was last in charge in
it has all its days, the other's too, and it counts first when it is over: until then somebody else may come.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from payouts.rules.columns import Columns, Day, Facts, Having, Looks, Whole, seen
from payouts.rules.fees import Monthly, Weekdays
from payouts.rules.pairs import pairs
from payouts.rules.pauses import months_lost, paused_days
from payouts.rules.runs import qualifies_on, stay_starts

AnyMonths = TypeVar("AnyMonths", Monthly, Weekdays)


@dataclass(frozen=True)
class Presence(Columns):
    """One row a reported month of a leg with the asked fee. `leg` is a position.

    `part` is the month as 202604, `number` 1 for the first month from `since`, `days` the days that are paid
    for, `from_on` the day that the month is payable from and `counts` whether it is, by `as_of`.
    """

    leg: Whole
    report_id: Whole
    part: Whole
    number: Whole
    since: Day
    first_day: Day
    last_day: Day
    days: Whole
    from_on: Day
    counts: NDArray[np.bool_]


def presence(facts: Facts, having: Having[Monthly] | Having[Weekdays], *, weekdays: bool = False) -> Presence:
    """The reported months of legs with that fee, as its terms count them; `days` from Monday to Friday alone,
    or all."""
    legs, terms, tariff = facts.legs, having.terms, having.tariff
    months = facts.months.where(having.deals[legs.deal[facts.months.leg]])
    at = months.leg
    month = months.month.astype("datetime64[M]")
    first_day = month.astype("datetime64[D]")
    last_day = (month + 1).astype("datetime64[D]") - 1
    since = stay_starts(facts, tariff)[at]
    over = np.minimum(legs.ended[at], last_day)
    from_on = np.maximum(over, qualifies_on(facts, tariff, terms.qualifying_days)[at])
    days = _days(facts, at, first_day, last_day, weekdays=False)
    working = _days(facts, at, first_day, last_day, weekdays=True) if weekdays else days
    if tariff.policy.switch_month == "last_day":
        from_on = np.maximum(from_on, last_day)
        others = _others(facts, at, first_day, last_day)
        days = _of_all(facts, others, days, first_day, last_day, weekdays=False)
        working = _of_all(facts, others, working, first_day, last_day, weekdays=True) if weekdays else days
    number = (month - since.astype("datetime64[M]")).astype(np.int64) + 1
    number -= months_lost(facts, at, since, month)
    return Presence(
        leg=at,
        report_id=months.report_id,
        part=month_part(month),
        number=number,
        since=since,
        first_day=first_day,
        last_day=last_day,
        days=working,
        from_on=from_on,
        counts=(
            (days > 0)
            & (from_on <= np.datetime64(facts.as_of, "D"))
            & (number >= 1)
            & (number <= np.minimum(terms.instalments, legs.months[at]))
        ),
    )


def _days(facts: Facts, leg: Whole, first_day: Day, last_day: Day, *, weekdays: bool) -> Whole:
    """The days of each month that each leg was there and not paused."""
    low = np.maximum(facts.legs.started[leg], first_day)
    high = np.maximum(np.minimum(facts.legs.ended[leg], last_day), low - 1)
    days = np.busday_count(low, high + 1) if weekdays else (high - low) + 1
    return days.astype(np.int64) - paused_days(facts, leg, low, high, weekdays=weekdays)


@dataclass(frozen=True)
class Others:
    """Of months with several legs: `row` and the `leg` of each pair, and a mask of the rows that the last in
    charge has."""

    row: Whole
    leg: Whole
    has: NDArray[np.bool_]


def _others(facts: Facts, leg: Whole, first_day: Day, last_day: Day) -> Others:
    legs = facts.legs
    vouchers, many = np.unique(legs.voucher_id, return_counts=True)
    shared = np.flatnonzero(many[np.searchsorted(vouchers, legs.voucher_id[leg])] > 1)
    of_shared, other = pairs(legs.voucher_id[leg[shared]], legs.voucher_id)
    row = shared[of_shared]
    there = (legs.started[other] <= last_day[row]) & (legs.ended[other] >= first_day[row])
    row, other = row[there], other[there]
    own = leg[row]
    later = (legs.started[other] > legs.started[own]) | (
        (legs.started[other] == legs.started[own]) & (legs.leg_id[other] > legs.leg_id[own])
    )
    has = (legs.started[leg] <= last_day) & (legs.ended[leg] >= first_day)
    has[row[later]] = False
    return Others(row[other != own], other[other != own], has)


def _of_all(
    facts: Facts, others: Others, own: Whole, first_day: Day, last_day: Day, *, weekdays: bool
) -> Whole:
    """The days of all the voucher's legs for the one who was last in charge in the month, none for others."""
    total = own.copy()
    row = others.row
    np.add.at(total, row, _days(facts, others.leg, first_day[row], last_day[row], weekdays=weekdays))
    return np.where(others.has, total, 0)


def month_part(month: NDArray[np.datetime64]) -> Whole:
    """Months as the ledger's parts: 2026-04 is 202604."""
    index = month.astype("datetime64[M]").astype(np.int64)
    return (1970 + index // 12) * 100 + index % 12 + 1


def looks(facts: Facts, kind: type[AnyMonths]) -> Looks:
    """The day that a reported month is payable from, of the months for which it may be to come: those that
    are not over, and those of legs whose qualifying days have not run."""
    today = np.datetime64(facts.as_of, "D")
    months = facts.months
    goes_on = (months.month.astype("datetime64[M]") + 1).astype("datetime64[D]") > today + 1
    found = []
    for having in facts.having(kind):
        waits = qualifies_on(facts, having.tariff, having.terms.qualifying_days) > today
        ahead = replace(facts, months=months.where(goes_on | waits[months.leg]))
        found.append(presence(ahead, having))
    return seen([(at.leg, at.from_on) for at in found])
