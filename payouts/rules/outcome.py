"""Result fee: each part of a result, when its check has passed and its day has come.

A part belongs to the voucher, not to the leg: whoever it is paid to, it is paid once. Of two results that
stand for the same part the one due first counts. The last part takes what rounding left.
"""

from __future__ import annotations

import numpy as np

from core.money import split
from payouts.rules.columns import RESULT, Checks, Dues, Facts, dues, whole


def first_of_each(facts: Facts, checks: Checks) -> Checks:
    """One check for each (voucher, part): the one due first, then the oldest."""
    voucher = facts.legs.voucher_id[checks.leg]
    ordered = checks.where(np.lexsort((checks.check_id, checks.due, checks.part, voucher)))
    voucher = facts.legs.voucher_id[ordered.leg]
    again = (voucher[1:] == voucher[:-1]) & (ordered.part[1:] == ordered.part[:-1])
    return ordered.where(np.concatenate(([True], ~again)) if len(ordered) else np.zeros(0, dtype=bool))


def earned(facts: Facts) -> Dues:
    """The parts earned; scope is the voucher, parts count from 1."""
    due = facts.checks.where((facts.checks.bonus == 0) & (facts.checks.due <= np.datetime64(facts.as_of)))
    checks = first_of_each(facts, due)
    legs, deal = facts.legs, facts.legs.deal[checks.leg]
    price = facts.prices(RESULT)
    most = max((len(item.tariff.result.shares) for item in facts.deals), default=1)
    amounts = np.zeros((len(facts.deals), most), dtype=np.int64)
    shares = np.zeros((len(facts.deals), most), dtype=np.int64)
    for row, item in enumerate(facts.deals):
        parts = item.tariff.result.shares
        shares[row, : len(parts)] = parts
        amounts[row, : len(parts)] = split(int(price[row]), parts)
    column = np.clip(checks.part - 1, 0, most - 1)
    known = checks.part <= whole([len(item.tariff.result.shares) for item in facts.deals])[deal]
    return dues(
        scope=legs.voucher_id[checks.leg],
        component=RESULT,
        part=checks.part,
        leg=checks.leg,
        period=checks.due,
        unit_price=price[deal],
        quantity=shares[deal, column],
        of=100,
        amount=np.where(known, amounts[deal, column], 0),
        evidence=checks.check_id,
    )
