"""Start fee: once, on the day that the service has run its qualifying days.

For how the days are counted see runs.py; without any it is the leg's first. The fee is the voucher's, and
goes to the provider who gets there first; or with `bars = "provider"` each provider's, on its first leg that
gets there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from payouts.rules.columns import (
    FAR,
    Day,
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
from payouts.rules.fees import Start, Tariff
from payouts.rules.pairs import fresh
from payouts.rules.prices import unit_prices
from payouts.rules.runs import qualifies_on


def earned(facts: Facts) -> Dues:
    """The fees earned; part 1, evidence the leg. Scope is the voucher, or the leg in the category base."""
    return gathered(_of(facts, having) for having in facts.having(Start))


def looks(facts: Facts) -> Looks:
    """The days that it is earned."""
    return seen([_reached(facts, having) for having in facts.having(Start)])


def first_of_each(facts: Facts, tariff: Tariff, leg: Whole, day: Day, part: Whole) -> NDArray[np.bool_]:
    """A mask over rows: those that are first of their part for the voucher, or for each of its providers.

    Of two on the same day it is the leg that began first.
    """
    legs = facts.legs
    voucher = legs.voucher_id[leg]
    provider = legs.provider_id[leg] if tariff.policy.bars == "provider" else np.zeros_like(voucher)
    order = np.lexsort((legs.leg_id[leg], legs.started[leg], day, part, provider, voucher))
    first = np.empty(len(order), dtype=bool)
    first[order] = fresh(voucher[order], provider[order], part[order])
    return first


def _reached(facts: Facts, having: Having[Start]) -> tuple[Whole, Day]:
    """Leg and day of each fee that is earned, or will be if nothing more is told."""
    day = qualifies_on(facts, having.tariff, having.terms.qualifying_days)
    leg = np.flatnonzero(having.deals[facts.legs.deal] & (day < FAR))
    day = day[leg]
    first = first_of_each(facts, having.tariff, leg, day, np.ones_like(leg))
    return leg[first], day[first]


def _of(facts: Facts, having: Having[Start]) -> Dues:
    fee = having.fee
    leg, day = _reached(facts, having)
    due = day <= np.datetime64(facts.as_of, "D")
    leg, day = leg[due], day[due]
    price = unit_prices(facts, fee, having.tariff, leg, day)
    return dues(
        scope=facts.legs.leg_id[leg] if fee.component == "base" else facts.legs.voucher_id[leg],
        component=component_of(fee),
        part=numbered(fee, whole(np.ones(len(leg)))),
        leg=leg,
        period=day,
        unit_price=price,
        quantity=1,
        of=1,
        amount=price,
        evidence=facts.legs.leg_id[leg],
    )
