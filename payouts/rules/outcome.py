"""Result fee: each part of a result, when its check has passed and its day has come.

A part belongs to the voucher, not to the leg: whoever it is paid to, it is paid once. Of two results that
stand for the same part the one due first counts. The last part takes what rounding left, or the first where
the tariff says so.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.money import split
from payouts.rules.columns import (
    Checks,
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
    whole,
)
from payouts.rules.fees import OutcomeFee
from payouts.rules.prices import unit_prices


def first_of_each(facts: Facts, checks: Checks) -> Checks:
    """One check for each (voucher, part): the one due first, then the oldest."""
    voucher = facts.legs.voucher_id[checks.leg]
    ordered = checks.where(np.lexsort((checks.check_id, checks.due, checks.part, voucher)))
    voucher = facts.legs.voucher_id[ordered.leg]
    again = (voucher[1:] == voucher[:-1]) & (ordered.part[1:] == ordered.part[:-1])
    return ordered.where(np.concatenate(([True], ~again)) if len(ordered) else np.zeros(0, dtype=bool))


def due_checks(facts: Facts, deals: NDArray[np.bool_], *, bonus: bool) -> Checks:
    """The passed checks whose day has come, of legs with those deals (a mask)."""
    checks = facts.checks
    chosen = (checks.bonus == int(bonus)) & (checks.due <= np.datetime64(facts.as_of))
    return checks.where(chosen & deals[facts.legs.deal[checks.leg]])


def parted(price: Whole, shares: tuple[int, ...], part: Whole, remainder: str) -> tuple[Whole, Whole]:
    """(amount, percent) of each part of each price; 0 for a part that there is none of.

    The last part takes what rounding left, or with `remainder` first the first one.
    """
    amount, percent = np.zeros(len(part), dtype=np.int64), np.zeros(len(part), dtype=np.int64)
    for ore in np.unique(price):
        turned = shares if remainder == "last" else shares[::-1]
        amounts = split(int(ore), turned)
        amounts = amounts if remainder == "last" else amounts[::-1]
        for number, (of_it, share_of_it) in enumerate(zip(amounts, shares, strict=True), 1):
            rows = (price == ore) & (part == number)
            amount[rows], percent[rows] = of_it, share_of_it
    return amount, percent


def earned(facts: Facts) -> Dues:
    """The parts earned; scope is the voucher, parts count from 1."""
    return gathered(_of(facts, having) for having in facts.having(OutcomeFee))


def looks(facts: Facts) -> Looks:
    """The days that parts fall due."""
    return seen([(facts.checks.leg, facts.checks.due)])


def _of(facts: Facts, having: Having[OutcomeFee]) -> Dues:
    fee, terms, tariff = having.fee, having.terms, having.tariff
    checks = first_of_each(facts, due_checks(facts, having.deals, bonus=False))
    price = unit_prices(facts, fee, tariff, checks.leg, checks.due)
    amount, percent = parted(price, terms.shares, checks.part, tariff.policy.remainder)
    return dues(
        scope=facts.legs.voucher_id[checks.leg],
        component=component_of(fee),
        part=numbered(fee, checks.part),
        leg=checks.leg,
        period=checks.due,
        unit_price=price,
        quantity=percent,
        of=whole(np.full(len(checks), 100)),
        amount=amount,
        evidence=checks.check_id,
    )
