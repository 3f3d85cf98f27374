"""Base fee by the month: an instalment for each reported and approved month (presence.py: which count).

A month the person was there in part is paid by calendar days or weekdays where the tariff says so, in whole
where not. Paused days are days the person was not there.
"""

from __future__ import annotations

import numpy as np

from core.money import share
from payouts.rules import presence
from payouts.rules.columns import Dues, Facts, Having, Looks, component_of, dues, gathered, numbered
from payouts.rules.fees import Monthly
from payouts.rules.prices import unit_prices


def earned(facts: Facts) -> Dues:
    """The instalments earned; scope is the leg, part the month as 202604."""
    return gathered(_of(facts, having) for having in facts.having(Monthly))


def looks(facts: Facts) -> Looks:
    """See presence.py."""
    return presence.looks(facts, Monthly)


def _of(facts: Facts, having: Having[Monthly]) -> Dues:
    fee, terms = having.fee, having.terms
    at = presence.presence(facts, having, weekdays=terms.pro_rata == "weekdays")
    if terms.pro_rata == "weekdays":
        in_month = np.busday_count(at.first_day, at.last_day + 1).astype(np.int64)
    else:
        in_month = (at.last_day - at.first_day).astype(np.int64) + 1
    quantity = in_month if terms.pro_rata == "whole_month" else np.minimum(at.days, in_month)
    price = unit_prices(facts, fee, having.tariff, at.leg, at.first_day)
    return dues(
        scope=facts.legs.leg_id[at.leg],
        component=component_of(fee),
        part=numbered(fee, at.part),
        leg=at.leg,
        period=at.first_day,
        unit_price=price,
        quantity=quantity,
        of=in_month,
        amount=np.where(at.counts, share(price, quantity, in_month), 0),
        evidence=at.report_id,
    )
