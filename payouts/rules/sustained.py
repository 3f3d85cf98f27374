"""Bonus: the person was still in work or studies when it was checked, some months after the service ended.

Each part is paid once a voucher, to the provider whose result it was, from the day the case opened; or where
the tariff names the parts' times, so long after the result began. Each part rests on a check of its own, so a
person who stays is paid for month by month, and the row stops where the last one stood.
"""

from __future__ import annotations

import numpy as np

from payouts.rules.columns import (
    Dues,
    Facts,
    Having,
    Looks,
    component_of,
    dues,
    gathered,
    numbered,
    seen,
    whole,
)
from payouts.rules.fees import Sustained
from payouts.rules.outcome import come, first_of_each, parted, passed_checks
from payouts.rules.prices import unit_prices


def earned(facts: Facts) -> Dues:
    """The bonuses earned; scope is the voucher, parts count from 1."""
    return gathered(_of(facts, having) for having in facts.having(Sustained))


def looks(facts: Facts) -> Looks:
    """The days that cases open."""
    found = [
        passed_checks(facts, having.deals, bonus=True, offsets=having.terms.offsets)
        for having in facts.having(Sustained)
    ]
    return seen([(checks.leg, checks.due) for checks in found])


def _of(facts: Facts, having: Having[Sustained]) -> Dues:
    fee, terms, tariff = having.fee, having.terms, having.tariff
    checks = passed_checks(facts, having.deals, bonus=True, offsets=terms.offsets)
    checks = first_of_each(facts, come(facts, checks))
    price = unit_prices(facts, fee, tariff, checks.leg, checks.due)
    if len(terms.shares) == 1 or terms.each:
        amount = np.where(checks.part <= len(terms.shares), price, 0)
        quantity, of = np.ones_like(price), np.ones_like(price)
    else:
        amount, quantity = parted(price, terms.shares, checks.part, tariff.policy.remainder)
        of = whole(np.full(len(checks), 100))
    return dues(
        scope=facts.legs.voucher_id[checks.leg],
        component=component_of(fee),
        part=numbered(fee, checks.part),
        leg=checks.leg,
        period=checks.due,
        unit_price=price,
        quantity=quantity,
        of=of,
        amount=amount,
        evidence=checks.check_id,
    )
