"""Result fee: each part of a result, when its check has passed and its day has come.

A part belongs to the voucher, not to the leg: whoever it is paid to, it is paid once. Of two results that
stand for the same part the one due first counts. The last part takes what rounding left, or the first where
the tariff says so.

Where the tariff names a part's time it is due so long after the result began, if that day is known; else on
its check's own day. What was proved later than the window after that is not paid; the window's last day
counts, and what has no known day of proof is paid. Of a result reached in part the same percent of the part
is paid where the tariff says so; elsewhere a check that staff have passed is a whole result.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.money import share
from payouts.rules.columns import (
    FAR,
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
from payouts.rules.fees import Offset, OutcomeFee
from payouts.rules.offsets import part_days
from payouts.rules.prices import unit_prices


def first_of_each(facts: Facts, checks: Checks) -> Checks:
    """One check for each (voucher, part): the one due first, then what reached most, then the oldest."""
    voucher = facts.legs.voucher_id[checks.leg]
    keys = (checks.check_id, -checks.percent, checks.due, checks.part, voucher)
    ordered = checks.where(np.lexsort(keys))
    voucher = facts.legs.voucher_id[ordered.leg]
    again = (voucher[1:] == voucher[:-1]) & (ordered.part[1:] == ordered.part[:-1])
    return ordered.where(np.concatenate(([True], ~again)) if len(ordered) else np.zeros(0, dtype=bool))


def passed_checks(
    facts: Facts, deals: NDArray[np.bool_], *, bonus: bool, offsets: tuple[Offset, ...] = ()
) -> Checks:
    """The passed checks of legs with those deals (a mask), each due when the tariff's offsets say."""
    checks = facts.checks
    checks = checks.where((checks.bonus == int(bonus)) & deals[facts.legs.deal[checks.leg]])
    return replace(checks, due=part_days(checks.began, offsets, checks.part, checks.due))


def come(facts: Facts, checks: Checks) -> Checks:
    """Those whose day has come."""
    return checks.where(checks.due <= np.datetime64(facts.as_of, "D"))


def parted(price: Whole, shares: tuple[int, ...], part: Whole, remainder: str) -> tuple[Whole, Whole]:
    """(amount, percent) of each part of each price; 0 for a part that there is none of.

    Each part is rounded half up and the last takes what is left, or with `remainder` first the first one. The
    parts are never more than the price together.
    """
    percent = np.zeros(len(part), dtype=np.int64)
    amount, left = np.zeros_like(percent), price.copy()
    numbers = list(range(1, len(shares) + 1))
    for number in numbers if remainder == "last" else reversed(numbers):
        of_it, last = shares[number - 1], number == (len(shares) if remainder == "last" else 1)
        ore = left if last else np.minimum(share(price, whole(of_it), whole(100)), left)
        amount, percent = np.where(part == number, ore, amount), np.where(part == number, of_it, percent)
        left = left - ore
    return amount, percent


def earned(facts: Facts) -> Dues:
    """The parts earned; scope is the voucher, parts count from 1."""
    return gathered(_of(facts, having) for having in facts.having(OutcomeFee))


def looks(facts: Facts) -> Looks:
    """The days that parts fall due."""
    found = [_results(facts, having) for having in facts.having(OutcomeFee)]
    return seen([(checks.leg, checks.due) for checks in found])


def _results(facts: Facts, having: Having[OutcomeFee]) -> Checks:
    """The passed checks that pay, or will when their day comes; `percent` is 100 where nothing is partial."""
    terms = having.terms
    checks = passed_checks(facts, having.deals, bonus=False, offsets=terms.offsets)
    reached = checks.percent if terms.partial else np.full(len(checks), 100, dtype=np.int64)
    pays = (checks.part <= len(terms.shares)) & (reached > 0)
    if terms.window_days:
        pays &= (checks.proved == FAR) | (checks.proved <= checks.due + terms.window_days)
    return replace(checks, percent=reached).where(pays)


def _of(facts: Facts, having: Having[OutcomeFee]) -> Dues:
    fee, terms, tariff = having.fee, having.terms, having.tariff
    checks = first_of_each(facts, come(facts, _results(facts, having)))
    price = unit_prices(facts, fee, tariff, checks.leg, checks.due)
    amount, percent = parted(price, terms.shares, checks.part, tariff.policy.remainder)
    less = checks.percent < 100
    return dues(
        scope=facts.legs.voucher_id[checks.leg],
        component=component_of(fee),
        part=numbered(fee, checks.part),
        leg=checks.leg,
        period=checks.due,
        unit_price=price,
        quantity=np.where(less, percent * checks.percent, percent),
        of=np.where(less, 10_000, 100),
        amount=np.where(less, share(amount, checks.percent, whole(100)), amount),
        evidence=checks.check_id,
    )
