"""Bonus for a result that came soon: a share of a price by the days from the voucher's first start to the
result's first day, both counted.

It is paid once a voucher, with the result's first part: when that check has passed and its day has come. The
first step that the days are within gives the share. Paused days count, for the person has waited them too. A
result whose first day nobody knows, or that began before the service did, gives none.
"""

from __future__ import annotations

import numpy as np

from core.money import share
from payouts.rules.columns import (
    FAR,
    Checks,
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
from payouts.rules.fees import Speed
from payouts.rules.outcome import come, first_of_each, passed_checks
from payouts.rules.prices import unit_prices


def earned(facts: Facts) -> Dues:
    """The bonuses earned; scope is the voucher, part 1, evidence the check."""
    return gathered(_of(facts, having) for having in facts.having(Speed))


def looks(facts: Facts) -> Looks:
    """The days that first parts fall due."""
    found = [_results(facts, having) for having in facts.having(Speed)]
    return seen([(checks.leg, checks.due) for checks in found])


def _results(facts: Facts, having: Having[Speed]) -> Checks:
    """The first parts of results whose first day is known."""
    checks = passed_checks(facts, having.deals, bonus=False)
    return checks.where((checks.part == 1) & (checks.began < FAR))


def _of(facts: Facts, having: Having[Speed]) -> Dues:
    fee, steps = having.fee, having.terms.steps
    checks = first_of_each(facts, come(facts, _results(facts, having)))
    taken = (checks.began - facts.legs.first[checks.leg]).astype(np.int64) + 1
    shares = whole([*(percent for _, percent in steps), 0])
    percent = shares[np.searchsorted(whole([within for within, _ in steps]), taken, "left")]
    percent = np.where(taken >= 1, percent, 0)
    price = unit_prices(facts, fee, having.tariff, checks.leg, checks.due)
    return dues(
        scope=facts.legs.voucher_id[checks.leg],
        component=component_of(fee),
        part=numbered(fee, checks.part),
        leg=checks.leg,
        period=checks.due,
        unit_price=price,
        quantity=percent,
        of=100,
        amount=share(price, percent, whole(100)),
        evidence=checks.check_id,
    )
