"""Base fee by the month: an instalment for each reported and approved month (presence.py: which count).

A month the person was there in part is paid by calendar days where the tariff says so, in whole where not.
Paused days are days the person was not there.
"""

from __future__ import annotations

import numpy as np

from core.money import share
from payouts.rules.columns import BASE, Dues, Facts, dues
from payouts.rules.presence import presence
from payouts.rules.tariff import Monthly


def earned(facts: Facts) -> Dues:
    """The instalments earned; scope is the leg, part the month as 202604."""
    at = presence(facts, Monthly)
    there = (at.there_to - at.there_from).astype(np.int64) + 1 - at.paused
    in_month = (at.last_day - at.first_day).astype(np.int64) + 1
    by_days = np.array(
        [isinstance(deal.tariff.base, Monthly) and deal.tariff.base.by_days for deal in facts.deals],
        dtype=bool,
    )[at.deal]
    quantity = np.where(by_days, there, in_month)
    price = facts.prices(BASE)[at.deal]
    return dues(
        scope=facts.legs.leg_id[at.leg],
        component=BASE,
        part=at.part,
        leg=at.leg,
        period=at.first_day,
        unit_price=price,
        quantity=quantity,
        of=in_month,
        amount=np.where(at.counts, share(price, np.maximum(quantity, 0), in_month), 0),
        evidence=at.report_id,
    )
