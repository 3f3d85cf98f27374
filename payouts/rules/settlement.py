"""Owed = earned − booked. The difference becomes lines; nothing booked is ever changed.

The lines of one key alternate: 0 books, 1 takes back 0, 2 books anew, 3 takes back 2 … So an even sequence is
above zero, an odd one is the same amount below zero and points at the line before it, and a line can be taken
back once. A second booking of the same thing would need a number that is already taken.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from payouts.rules import monthly, outcome, sustained, weekdays
from payouts.rules.columns import BASE, Columns, Day, Dues, Facts, Whole, whole

RULES = (monthly, weekdays, outcome, sustained)
REASONS = ("earned", "no_longer_earned", "changed")
EARNED, GONE, CHANGED = range(len(REASONS))


@dataclass(frozen=True)
class Lines(Columns):
    """Ledger lines by column, booked or to be booked; `component` and `reason` are indexes of their words."""

    scope: Whole
    component: Whole
    part: Whole
    sequence: Whole
    voucher_id: Whole
    leg_id: Whole
    provider_id: Whole
    rulebook_id: Whole
    period: Day
    unit_price: Whole
    quantity: Whole
    of: Whole
    amount: Whole
    reason: Whole
    evidence: Whole


def earn(facts: Facts) -> Dues:
    """All that is earned, by every rule."""
    parts: list[Dues] = [rule.earned(facts) for rule in RULES]
    return parts[0].followed_by(*parts[1:])


def settle(facts: Facts, booked: Lines) -> Lines:
    """The lines that bring the ledger in step. `booked` holds the last line of each key of these vouchers.

    Takes back what is no longer earned or has changed, at the price it was booked at; books what is new. A
    month that the person contests waits as it is in the ledger, booked or not, until somebody has judged it.
    """
    wanted = as_lines(facts, earn(facts))
    waits = (wanted.component == BASE) & np.isin(wanted.evidence, facts.contested)
    place = _match(wanted, booked)
    found = place >= 0
    last = booked.where(np.maximum(place, 0)) if len(booked) else wanted
    standing = found & (last.sequence % 2 == 0)
    same = standing & (last.amount == wanted.amount) & (last.leg_id == wanted.leg_id)
    sequence = np.where(found, last.sequence + np.where(standing, 2, 1), 0)
    same |= standing & waits
    fresh = _with(wanted, sequence=sequence).where(~same & ~waits)

    keeps = np.zeros(len(booked), dtype=bool)
    keeps[place[same]] = True
    renewed = np.zeros(len(booked), dtype=bool)
    renewed[place[standing & ~same]] = True
    standing_booked = booked.sequence % 2 == 0
    back = _with(
        booked,
        sequence=booked.sequence + 1,
        amount=-booked.amount,
        reason=np.where(renewed, CHANGED, GONE).astype(np.int64),
    ).where(standing_booked & ~keeps)
    return back.followed_by(fresh)


def as_lines(facts: Facts, dues: Dues) -> Lines:
    """Dues with the names of their leg, as first bookings."""
    legs = facts.legs.where(dues.leg)
    rulebooks = whole([deal.rulebook_id for deal in facts.deals])
    nothing = np.zeros(len(dues), dtype=np.int64)
    return Lines(
        scope=dues.scope,
        component=dues.component,
        part=dues.part,
        sequence=nothing,
        voucher_id=legs.voucher_id,
        leg_id=legs.leg_id,
        provider_id=legs.provider_id,
        rulebook_id=rulebooks[legs.deal],
        period=dues.period,
        unit_price=dues.unit_price,
        quantity=dues.quantity,
        of=dues.of,
        amount=dues.amount,
        reason=nothing + EARNED,
        evidence=dues.evidence,
    )


def _with(lines: Lines, **columns: NDArray[np.int64]) -> Lines:
    values = {name: columns.get(name, getattr(lines, name)) for name in Lines.__dataclass_fields__}
    return Lines(**values)


def _match(wanted: Lines, booked: Lines) -> Whole:
    """For each wanted key its position among the booked, −1 where there is none. Keys are unique in both."""
    columns = [
        np.concatenate([getattr(booked, name), getattr(wanted, name)])
        for name in ("part", "component", "scope")
    ]
    order = np.lexsort(columns)
    ordered = [column[order] for column in columns]
    twin = np.logical_and.reduce([column[1:] == column[:-1] for column in ordered])
    place = np.full(len(wanted), -1, dtype=np.int64)
    firsts, seconds = order[:-1][twin], order[1:][twin]
    if np.any(seconds < len(booked)) or np.any(firsts >= len(booked)):
        raise AssertionError("a key stands twice among what is earned or what is booked")
    place[seconds - len(booked)] = firsts
    return place
