"""Base fee by the weekday: Monday to Friday of each reported and approved month, up to a cap in each block.

Holidays that fall on a weekday count, paused days do not. A block is a number of calendar months from the
voucher's first; what its earlier months have paid counts against its cap, so the month that reaches it is
paid in part.
"""

from __future__ import annotations

import numpy as np

from payouts.rules.columns import BASE, Dues, Facts, Whole, dues, whole
from payouts.rules.pauses import paused_days
from payouts.rules.presence import Presence, presence
from payouts.rules.tariff import Weekdays


def earned(facts: Facts) -> Dues:
    """The days earned by month; scope is the leg, part the month as 202604, quantity the weekdays."""
    at = presence(facts, Weekdays)
    terms = [deal.tariff.base for deal in facts.deals]
    at = at.where(at.counts)
    count = np.busday_count(at.there_from, at.there_to + 1).astype(np.int64)
    count -= paused_days(facts, at.leg, at.there_from, at.there_to, weekdays=True)
    price = facts.prices(BASE)[at.deal]
    block_months = whole([term.block_months if isinstance(term, Weekdays) else 1 for term in terms])[at.deal]
    cap = whole([term.cap_ore if isinstance(term, Weekdays) else 0 for term in terms])[at.deal]
    voucher = facts.legs.voucher_id[at.leg]
    block = (at.number - 1) // block_months
    return dues(
        scope=facts.legs.leg_id[at.leg],
        component=BASE,
        part=at.part,
        leg=at.leg,
        period=at.first_day,
        unit_price=price,
        quantity=count,
        of=1,
        amount=_under_cap(at, voucher, block, price * count, cap),
        evidence=at.report_id,
    )


def _under_cap(at: Presence, voucher: Whole, block: Whole, amount: Whole, cap: Whole) -> Whole:
    """What is left of each amount when the earlier months of the same voucher and block have taken theirs."""
    order = np.lexsort((at.leg, at.part, block, voucher))
    amount, cap = amount[order], cap[order]
    total = np.cumsum(amount)
    starts = np.ones(len(order), dtype=bool)
    starts[1:] = (voucher[order][1:] != voucher[order][:-1]) | (block[order][1:] != block[order][:-1])
    before_block = np.maximum.accumulate(np.where(starts, total - amount, 0)) if len(order) else total
    upto = np.minimum(total - before_block, cap)
    earlier = np.minimum(total - amount - before_block, cap)
    paid = np.empty_like(amount)
    paid[order] = upto - earlier
    return paid
