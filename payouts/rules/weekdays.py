"""Base fee by the day: Monday to Friday, or every day, of each reported and approved month, up to a cap in
each block.

Holidays that fall on a weekday count, paused days do not. A block is a number of calendar months from the
voucher's first; what its earlier months have paid counts against its cap, so the month that reaches it is
paid in part.
"""

from __future__ import annotations

import numpy as np

from payouts.rules import presence
from payouts.rules.columns import Dues, Facts, Having, Looks, Whole, component_of, dues, gathered, numbered
from payouts.rules.fees import Weekdays
from payouts.rules.pairs import fresh, line
from payouts.rules.prices import unit_prices


def earned(facts: Facts) -> Dues:
    """The days earned by month; scope is the leg, part the month as 202604, quantity the days."""
    return gathered(_of(facts, having) for having in facts.having(Weekdays))


def looks(facts: Facts) -> Looks:
    """See presence.py."""
    return presence.looks(facts, Weekdays)


def _of(facts: Facts, having: Having[Weekdays]) -> Dues:
    fee, terms, tariff = having.fee, having.terms, having.tariff
    at = presence.presence(facts, having, weekdays=not terms.calendar)
    at = at.where(at.counts)
    count = at.days
    price = unit_prices(facts, fee, tariff, at.leg, at.first_day)
    amount = price * count
    if terms.block_months:
        stay = line(facts.legs.voucher_id[at.leg], at.since)
        block = (at.number - 1) // terms.block_months
        amount = under_cap(np.lexsort((at.leg, at.part, stay)), (stay, block), amount, terms.cap_ore)
    return dues(
        scope=facts.legs.leg_id[at.leg],
        component=component_of(fee),
        part=numbered(fee, at.part),
        leg=at.leg,
        period=at.first_day,
        unit_price=price,
        quantity=count,
        of=1,
        amount=amount,
        evidence=at.report_id,
    )


def under_cap(order: Whole, group: tuple[Whole, ...], amount: Whole, cap_ore: int) -> Whole:
    """What is left of each amount when earlier ones of the same group have taken theirs of the cap.

    `order` sorts the rows, each group's after each other, the earliest first.
    """
    amount = amount[order]
    total = np.cumsum(amount)
    starts = fresh(*(column[order] for column in group))
    before = np.maximum.accumulate(np.where(starts, total - amount, 0)) if len(order) else total
    upto = np.minimum(total - before, cap_ore)
    earlier = np.minimum(total - amount - before, cap_ore)
    paid = np.empty_like(amount)
    paid[order] = upto - earlier
    return paid
