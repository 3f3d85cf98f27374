"""Milestones: parts of a price at times from the start, when the person is still in the service on that day.

A time is counted from the voucher's first start, the day itself not counted: 90 days after 1 January 2026 is
1 April. It goes on at a switch, and the provider in charge on the day earns the part; each part is paid once
a voucher. With `bars = "provider"` each provider has its own parts, from its own start. Where the clock
stops, paused days move the day on. One who is paused on the day is still in the service.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from payouts.rules.columns import (
    FAR,
    Day,
    Dues,
    Facts,
    Having,
    Looks,
    Whole,
    component_of,
    dues,
    gathered,
    numbered,
    seen,
)
from payouts.rules.fees import Milestone
from payouts.rules.offsets import clock, later
from payouts.rules.outcome import parted
from payouts.rules.pairs import line
from payouts.rules.prices import unit_prices
from payouts.rules.start import first_of_each


def earned(facts: Facts) -> Dues:
    """The parts earned, from 1; evidence the leg. Scope is the voucher, or the leg in the category base."""
    return gathered(_of(facts, having) for having in facts.having(Milestone))


def looks(facts: Facts) -> Looks:
    """The days that parts are earned."""
    return seen([_reached(facts, having)[:2] for having in facts.having(Milestone)])


def _reached(facts: Facts, having: Having[Milestone]) -> tuple[Whole, Day, Whole]:
    """Leg, day and part of each that is earned, or will be if nothing more is told."""
    legs = facts.legs
    leg = np.flatnonzero(having.deals[legs.deal])
    each = having.tariff.policy.bars == "provider"
    if not each:
        leg = leg[np.unique(legs.voucher_id[leg], return_index=True)[1]]
    since = legs.started[leg] if each else legs.first[leg]
    owner = leg if each else legs.voucher_id[leg]
    counted = clock(facts, of_voucher=not each) if having.tariff.clock_stops else None
    found = []
    for part, offset in enumerate(having.terms.offsets, 1):
        day = later(since, offset)
        if counted is not None:
            day = counted.on(owner, since, day)
        at, there = (leg, day <= legs.ended[leg]) if each else in_charge(facts, owner, day)
        there &= day < FAR
        found.append((at[there], day[there], np.full(np.count_nonzero(there), part, dtype=np.int64)))
    columns = [np.concatenate(column) for column in zip(*found, strict=True)]
    if each:
        first = first_of_each(facts, having.tariff, *columns)
        columns = [column[first] for column in columns]
    return columns[0], columns[1], columns[2]


def in_charge(facts: Facts, voucher: Whole, day: Day) -> tuple[Whole, NDArray[np.bool_]]:
    """The leg (a position) that each voucher (an id) was in on a day, and whether there was any."""
    legs = facts.legs
    order = np.lexsort((legs.leg_id, legs.started, legs.voucher_id))
    begun = line(legs.voucher_id, legs.started)[order]
    place = np.searchsorted(begun, line(voucher, day), "right") - 1
    leg = order[np.maximum(place, 0)]
    there = (place >= 0) & (legs.voucher_id[leg] == voucher) & (legs.started[leg] <= day)
    return leg, there & (day <= legs.ended[leg])


def _of(facts: Facts, having: Having[Milestone]) -> Dues:
    fee, terms, tariff = having.fee, having.terms, having.tariff
    leg, day, part = _reached(facts, having)
    due = day <= np.datetime64(facts.as_of, "D")
    leg, day, part = leg[due], day[due], part[due]
    price = unit_prices(facts, fee, tariff, leg, day)
    amount, percent = parted(price, terms.shares, part, tariff.policy.remainder)
    return dues(
        scope=facts.legs.leg_id[leg] if fee.component == "base" else facts.legs.voucher_id[leg],
        component=component_of(fee),
        part=numbered(fee, part),
        leg=leg,
        period=day,
        unit_price=price,
        quantity=percent,
        of=100,
        amount=amount,
        evidence=facts.legs.leg_id[leg],
    )
