"""Caps: what is over them is not earned.

Everything earned under a rulebook version is put in order: the earliest period first, then by category, part
and leg. One after the other gets what is left under every cap that it falls under. So what is for a later
time takes nothing from what is for an earlier one, and when something earlier is told late, what comes after
gives way.

A cap per person is the voucher's: a person with two has two. A month and a year are those of the period that
the amount is for. What is cut keeps its price and quantity; only the amount is less.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from payouts.rules.columns import Dues, Facts, Whole, whole
from payouts.rules.fees import COMPONENTS, FEE, Cap, Tariff

UNITS = {"month": "datetime64[M]", "year": "datetime64[Y]"}


def needs_whole(tariff: Tariff) -> bool:
    """Whether what is earned for one person hangs on others: the facts must then hold the whole rulebook.

    A look of one leg then concerns all the provider's.
    """
    return any(cap.per == "provider" for cap in tariff.caps)


def capped(facts: Facts, dues: Dues) -> Dues:
    """Dues with their amounts cut to the tariffs' caps; what nothing is left of is gone.

    `facts` must hold every voucher of a rulebook version where `needs_whole` says so.
    """
    if not len(dues) or not any(deal.tariff.caps for deal in facts.deals):
        return dues
    legs = facts.legs
    order = np.lexsort((legs.leg_id[dues.leg], dues.part, dues.component, dues.period))
    ordered = dues.where(order)
    tariffs = {id(deal.tariff): deal.tariff for deal in facts.deals}
    under = [
        found
        for tariff in tariffs.values()
        for cap in tariff.caps
        if len((found := _Under(facts, ordered, tariff, cap)).rows)
    ]
    paid = _left(ordered.amount, under)
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    amount = paid[back]
    return replace(dues, amount=amount).where(amount > 0)


class _Under:
    """The rows (positions) that a cap holds for, group by group and in order within each."""

    def __init__(self, facts: Facts, dues: Dues, tariff: Tariff, cap: Cap) -> None:
        deal = facts.legs.deal[dues.leg]
        of_tariff = np.array([known.tariff is tariff for known in facts.deals], dtype=bool)[deal]
        rows = np.flatnonzero(of_tariff & _of_fees(dues, tariff, cap))
        leg = dues.leg[rows]
        rulebook = whole([known.rulebook_id for known in facts.deals])[deal[rows]]
        owner = facts.legs.provider_id[leg] if cap.per == "provider" else facts.legs.voucher_id[leg]
        unit = UNITS.get(cap.period)
        time = dues.period[rows].astype(unit).astype(np.int64) if unit else np.zeros_like(owner)
        order = np.lexsort((time, owner, rulebook))
        keys = [key[order] for key in (rulebook, owner, time)]
        begins = np.ones(len(order), dtype=bool)
        begins[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
        self.ore = cap.ore
        self.rows: Whole = rows[order]
        heads = np.where(begins, np.arange(len(order)), 0)
        self.head: Whole = np.maximum.accumulate(heads) if len(order) else order

    def room(self, paid: Whole) -> Whole:
        """What is left for each row when the rows before it in its group have been paid so much."""
        amount = paid[self.rows]
        before = np.cumsum(amount) - amount
        room: Whole = np.maximum(self.ore - (before - before[self.head]), 0)
        return room


def _left(amount: Whole, under: list[_Under]) -> Whole:
    """What each row gets, when every row before it has got what it gets.

    The first guess is that all are paid in full. A guess is right up to the first row where it was wrong, so
    each round gets at least one row further, and mostly nearly all of them; one cap alone takes one round.
    """
    paid = amount
    for _ in range(len(amount) + 1):
        guess = amount.copy()
        for cap in under:
            guess[cap.rows] = np.minimum(guess[cap.rows], cap.room(paid))
        if np.array_equal(guess, paid):
            return paid
        paid = guess
    raise AssertionError("each round settles a row")


def _of_fees(dues: Dues, tariff: Tariff, cap: Cap) -> NDArray[np.bool_]:
    if not cap.fees:
        return np.ones(len(dues), dtype=bool)
    found = np.zeros(len(dues), dtype=bool)
    for code in cap.fees:
        fee = tariff.coded(code)
        if fee is not None:
            found |= (dues.component == COMPONENTS.index(fee.component)) & (dues.part // FEE == fee.number)
    return found
