"""What was planned and agreed for a service, day by day: its price and its planned last day.

A voucher's legs are one service, and the plan goes on at a switch. It begins on the voucher's first day
(after a break perhaps anew, see runs.py) and holds until a change is told. A planned last day that nobody
knows is `months` calendar months from the beginning. A price of the tariff is that of the beginning: what is
paid for is the whole span, so a dearer rate is for those who start later. An agreed price is the whole
service's, for all its providers together; one that is told for a later leg is the new price of the whole.

A change counts from its day, or from its leg's first day when that is later; one dated after the leg's last
day is none. With `changes = "anew"` a leg's last change holds from the leg's first day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from payouts.rules.columns import COMPLETED, FAR, Columns, Day, Facts, Having, Whole, days, whole
from payouts.rules.duedays import due_by, service_end
from payouts.rules.fees import Instalments
from payouts.rules.pairs import fresh, last_known, line
from payouts.rules.prices import unit_prices
from payouts.rules.runs import stay_starts

BEGINS, CHANGES, RESUMES = range(3)
UNSAID = -1


@dataclass(frozen=True)
class Course(Columns):
    """The legs with a fee, by voucher and start. `leg` is a position, `voucher` a number from 0, `stay` too;
    `since` is the first day of the stay, `on` the day that the leg's own plan holds from."""

    leg: Whole
    voucher: Whole
    stay: Whole
    since: Day
    on: Day


@dataclass(frozen=True)
class Plan(Columns):
    """One row a stretch of a voucher's plan, in order of days: `price` in öre and `planned` hold from `on` to
    `until`.

    `row` is the row of Course that told it, `why` whether a stay BEGINS, something CHANGES, or a pause is
    over and what is left is spread anew (RESUMES). `completes` is the row of Course that the stay is
    completed with when this is its last stretch, −1 else."""

    voucher: Whole
    row: Whole
    on: Day
    until: Day
    planned: Day
    price: Whole
    why: Whole
    completes: Whole


@dataclass(frozen=True)
class _Told(Columns):
    voucher: Whole
    row: Whole
    on: Day
    source: Whole
    said: Day
    planned: Day
    price: Whole


def course(facts: Facts, having: Having[Instalments]) -> Course:
    """The legs that have the fee."""
    legs = facts.legs
    leg = np.flatnonzero(having.deals[legs.deal])
    leg = leg[np.lexsort((legs.leg_id[leg], legs.started[leg], legs.voucher_id[leg]))]
    voucher = whole(np.cumsum(fresh(legs.voucher_id[leg])) - 1)
    since = stay_starts(facts, having.tariff)[leg]
    begins = fresh(voucher, since)
    return Course(
        leg=leg,
        voucher=voucher,
        stay=whole(np.cumsum(begins) - 1),
        since=since,
        on=days(np.where(begins, since, legs.started[leg])),
    )


def in_charge(facts: Facts, of: Course, voucher: Whole, day: Day) -> Whole:
    """The row of Course that each voucher (a number) was in on a day, −1 where it was in none."""
    legs = facts.legs
    first = np.flatnonzero(fresh(of.voucher))
    alone = np.diff(np.append(first, len(of))) == 1
    row = whole(first[voucher])
    several = np.flatnonzero(~alone[voucher])
    begun = line(of.voucher, legs.started[of.leg])
    row[several] = np.searchsorted(begun, line(voucher[several], day[several]), "right") - 1
    leg = of.leg[row]
    there = (of.voucher[row] == voucher) & (legs.started[leg] <= day) & (day <= legs.ended[leg])
    return np.where(there, row, -1)


def plan(
    facts: Facts, having: Having[Instalments], of: Course, upto: np.datetime64, *, every: bool = False
) -> Plan:
    """The plan as it is known on the day `upto`; with `every` also what `changes = "anew"` has overruled."""
    policy = having.tariff.policy
    told = _of_legs(facts, having, of).followed_by(_of_changes(facts, having, of))
    told = told.where(told.on <= upto)
    anew = policy.changes == "anew" and not every
    first_by = (told.row,) if anew else ()
    order = np.lexsort((told.price, told.planned, told.said, told.source, told.on, *first_by, told.voucher))
    told = _filled(told.where(order))
    if anew:
        told = _last_of(told, told.row)
        told = replace(told, on=of.on[told.row])
    told = _last_of(told, told.voucher, told.on)
    begins = fresh(told.voucher, of.stay[told.row])
    news = begins | fresh(told.price, told.planned)
    told, why = told.where(news), np.where(begins[news], BEGINS, CHANGES)
    if policy.pause == "spread":
        told, why = _with_resumed(facts, having, of, told, why, upto)
    return _in_stretches(facts, of, told, whole(why), upto)


def _of_legs(facts: Facts, having: Having[Instalments], of: Course) -> _Told:
    legs, leg = facts.legs, of.leg
    new_voucher, begins = fresh(of.voucher), fresh(of.stay)
    known = legs.planned[leg] < FAR
    by_months = service_end(of.since, legs.months[leg])
    told = last_known(known | begins)
    planned = days(np.where(known[told], legs.planned[leg][told], by_months))
    returned = begins & ~new_voucher
    planned = np.where(returned & (planned < of.since), by_months, planned)
    stays = np.zeros(len(leg), dtype=bool)
    stays[1:] = ~begins[1:] & (planned[1:] == planned[:-1])
    if having.terms.agreed:
        price = np.where(new_voucher, 0, UNSAID)
    else:
        price = unit_prices(facts, having.fee, having.tariff, leg, of.since)
    return _Told(
        voucher=of.voucher,
        row=np.arange(len(leg), dtype=np.int64),
        on=of.on,
        source=np.zeros(len(leg), dtype=np.int64),
        said=of.on,
        planned=days(np.where(stays, FAR, planned)),
        price=whole(price),
    )


def _of_changes(facts: Facts, having: Having[Instalments], of: Course) -> _Told:
    legs, changes = facts.legs, facts.changes
    row = _rows(facts, of)[changes.leg]
    price = changes.price if having.terms.agreed else np.full(len(changes), UNSAID, dtype=np.int64)
    counts = (row >= 0) & (changes.on <= legs.ended[changes.leg])
    counts &= (price >= 0) | (changes.planned < FAR)
    row, price, changes = row[counts], price[counts], changes.where(counts)
    later = changes.on > legs.started[changes.leg]
    return _Told(
        voucher=of.voucher[row],
        row=row,
        on=days(np.where(later, changes.on, of.on[row])),
        source=np.ones(len(row), dtype=np.int64),
        said=changes.on,
        planned=changes.planned,
        price=price,
    )


def _rows(facts: Facts, of: Course) -> Whole:
    """For each leg its row in the course, −1 where it has none."""
    found = np.full(len(facts.legs), -1, dtype=np.int64)
    found[of.leg] = np.arange(len(of), dtype=np.int64)
    return found


def _filled(told: _Told) -> _Told:
    """What was not said is as it was. A voucher's first row says both."""
    planned, price = last_known(told.planned < FAR), last_known(told.price >= 0)
    return replace(told, planned=told.planned[planned], price=told.price[price])


def _last_of(told: _Told, *keys: NDArray[np.generic]) -> _Told:
    """The last row of each run of equal keys."""
    return told.where(np.append(fresh(*keys)[1:], True) if len(told) else np.zeros(0, dtype=bool))


def _with_resumed(
    facts: Facts, having: Having[Instalments], of: Course, told: _Told, why: Whole, upto: np.datetime64
) -> tuple[_Told, Whole]:
    """With a stretch from the day after each pause that some instalment would have fallen due in."""
    legs, pauses = facts.legs, facts.pauses
    row = _rows(facts, of)[pauses.leg]
    first = np.maximum(pauses.first, legs.started[pauses.leg])
    last = np.minimum(pauses.last, legs.ended[pauses.leg])
    some = (row >= 0) & (last >= first) & (last < upto)
    row, first, last = row[some], first[some], last[some]
    by, since = having.terms.by, of.since[row]
    some = due_by(by, since, last) > due_by(by, since, first - 1)
    row, on = row[some], last[some] + 1
    nothing = np.zeros(len(row), dtype=np.int64)
    resumed = _Told(of.voucher[row], row, on, nothing - 1, on, days(np.full(len(row), FAR)), nothing + UNSAID)
    both = told.followed_by(resumed)
    reasons = np.concatenate([why, nothing + RESUMES])
    order = np.lexsort((both.source, both.on, both.voucher))
    both, reasons = _filled(both.where(order)), reasons[order]
    last_of_day = np.append(fresh(both.voucher, both.on)[1:], True) if len(both) else order.astype(bool)
    return both.where(last_of_day), reasons[last_of_day]


def _in_stretches(facts: Facts, of: Course, told: _Told, why: Whole, upto: np.datetime64) -> Plan:
    legs = facts.legs
    last_leg = np.append(np.flatnonzero(fresh(of.stay))[1:] - 1, len(of) - 1) if len(of) else whole([])
    ended = np.maximum.reduceat(legs.ended[of.leg], np.flatnonzero(fresh(of.stay))) if len(of) else of.on
    completed = legs.finish[of.leg[last_leg]] == COMPLETED
    ended = np.where(completed, legs.ended[of.leg[last_leg]], ended)
    completed &= ended <= upto
    stay = of.stay[told.row]
    follows = np.zeros(len(told), dtype=bool)
    follows[:-1] = ~fresh(told.voucher)[1:]
    after = days(np.full(len(told), FAR))
    after[:-1] = np.where(follows[:-1], told.on[1:] - 1, FAR)
    last = np.ones(len(told), dtype=bool)
    last[:-1] = fresh(stay)[1:]
    return Plan(
        voucher=told.voucher,
        row=told.row,
        on=told.on,
        until=np.minimum(np.minimum(after, ended[stay]), upto),
        planned=told.planned,
        price=told.price,
        why=why,
        completes=np.where(last & completed[stay], last_leg[stay], -1),
    )


def prices_on(of: Plan, voucher: Whole, day: Day) -> Whole:
    """The price that holds for each voucher (a number) on a day; of those that have any plan by then."""
    at = np.searchsorted(line(of.voucher, of.on), line(voucher, day), "right") - 1
    return of.price[at]
