"""Bonus: the person was still in work or studies when it was checked, some months after the service ended.

Paid once a voucher, to the provider whose result it was, from the day the case opened.
"""

from __future__ import annotations

import numpy as np

from payouts.rules.columns import BONUS, Dues, Facts, dues
from payouts.rules.outcome import first_of_each


def earned(facts: Facts) -> Dues:
    """The bonuses earned; scope is the voucher."""
    due = facts.checks.where((facts.checks.bonus == 1) & (facts.checks.due <= np.datetime64(facts.as_of)))
    checks = first_of_each(facts, due)
    price = facts.prices(BONUS)[facts.legs.deal[checks.leg]]
    return dues(
        scope=facts.legs.voucher_id[checks.leg],
        component=BONUS,
        part=checks.part,
        leg=checks.leg,
        period=checks.due,
        unit_price=price,
        quantity=1,
        of=1,
        amount=price,
        evidence=checks.check_id,
    )
