"""Completion: the percent of a price that was held back from the instalments, when the service is completed.

It is paid once a voucher, on the service's last day, to the provider then in charge, when the service has run
the qualifying days of the fee it was held back from: those of all its providers together. The price is what
holds on that day; plans.py. Where the percents make a hundred it is the rest of the price, or with
`remainder = "first"` the instalments are. Broken off: nothing.

With `bars = "provider"` the category is base and each provider can have it once.
"""

from __future__ import annotations

import numpy as np

from core.money import share
from payouts.rules.columns import (
    COMPLETED,
    Day,
    Dues,
    Facts,
    Having,
    Looks,
    Whole,
    component_of,
    dues,
    gathered,
    no_dues,
    numbered,
    seen,
    whole,
)
from payouts.rules.fees import Completion, Instalments
from payouts.rules.pairs import pairs
from payouts.rules.pauses import paused_days
from payouts.rules.plans import course, plan, prices_on
from payouts.rules.spans import held_back, total
from payouts.rules.start import first_of_each


def earned(facts: Facts) -> Dues:
    """What was held back, earned; part 1, evidence the leg. Scope is the voucher, or the leg in the category
    base."""
    return gathered(_of(facts, having) for having in facts.having(Completion))


def looks(facts: Facts) -> Looks:
    """The last days of what is completed."""
    done = np.flatnonzero(facts.legs.finish == COMPLETED)
    return seen([(done, facts.legs.ended[done])])


def _instalments(having: Having[Completion]) -> Having[Instalments] | None:
    fee = having.tariff.coded(having.terms.of)
    if fee is None or not isinstance(fee.terms, Instalments):
        return None
    return Having(fee, fee.terms, having.tariff, having.deals)


def _of(facts: Facts, having: Having[Completion]) -> Dues:
    legs, fee = facts.legs, having.fee
    of_fee = _instalments(having)
    if of_fee is None:
        return no_dues()
    as_of = np.datetime64(facts.as_of, "D")
    of = course(facts, of_fee)
    done = np.flatnonzero((legs.finish[of.leg] == COMPLETED) & (legs.ended[of.leg] <= as_of))
    leg, day = of.leg[done], legs.ended[of.leg[done]]
    ran = _days_run(facts, leg, day) >= of_fee.terms.qualifying_days
    done, leg, day = done[ran], leg[ran], day[ran]
    first = first_of_each(facts, having.tariff, leg, day, np.ones_like(leg))
    done, leg, day = done[first], leg[first], day[first]
    price = prices_on(plan(facts, of_fee, of, as_of), of.voucher[done], day)
    return dues(
        scope=legs.leg_id[leg] if fee.component == "base" else legs.voucher_id[leg],
        component=component_of(fee),
        part=numbered(fee, whole(np.ones(len(leg)))),
        leg=leg,
        period=day,
        unit_price=price,
        quantity=having.terms.percent,
        of=100,
        amount=_amount(having, of_fee, price),
        evidence=legs.leg_id[leg],
    )


def _amount(having: Having[Completion], of_fee: Having[Instalments], price: Whole) -> Whole:
    """The fee's percent of each price, or for the last of those that make a hundred the rest."""
    tariff = having.tariff
    held = held_back(tariff, of_fee.fee.code)
    amount = share(price, np.full_like(price, having.terms.percent), np.full_like(price, 100))
    last = [
        fee for fee in tariff.fees if isinstance(fee.terms, Completion) and fee.terms.of == of_fee.fee.code
    ]
    rest = tariff.policy.remainder == "last" and of_fee.terms.percent + sum(held) == 100
    if not rest or last[-1] is not having.fee:
        return amount
    others = [share(price, np.full_like(price, percent), np.full_like(price, 100)) for percent in held[:-1]]
    left = price - total(tariff, of_fee, price) - sum(others, np.zeros_like(price))
    return whole(np.maximum(left, 0))


def _days_run(facts: Facts, leg: Whole, day: Day) -> Whole:
    """The days that each leg's voucher had a provider and was not paused, up to a day."""
    legs = facts.legs
    row, other = pairs(legs.voucher_id[leg], legs.voucher_id)
    first = legs.started[other]
    last = np.maximum(np.minimum(legs.ended[other], day[row]), first - 1)
    ran = np.zeros(len(leg), dtype=np.int64)
    np.add.at(ran, row, (last - first).astype(np.int64) + 1 - paused_days(facts, other, first, last))
    return ran
