"""A price in equal instalments over a planned span: which fall due, with what amounts; see instalments.py.

What is to be paid over a stretch is the fee's percent of the price, less what has fallen due before it; each
of its n instalments is that ÷ n, and the last (or first) takes what rounding left. An instalment that has
fallen due stays as it was, to the öre, whatever changes later; so the sum is the new price's percent, but
never less than what had fallen due. Where no day is left, what is left falls due in one on the new last day,
or on the day of the change if that is later.

Pauses. `stops`: a month paused in whole has no instalment, and the last ones fall due as many months later.
`runs`: what falls due on a paused day is lost. `spread`: nothing falls due on a paused day, and from the day
the person goes on what is left is spread over the days that remain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.money import share
from payouts.rules.columns import Columns, Day, Facts, Having, Whole, days, whole
from payouts.rules.duedays import due_by, due_day, first_of, month_of
from payouts.rules.fees import Completion, Instalments, Tariff
from payouts.rules.pairs import counted, fresh
from payouts.rules.pauses import idle_counts, idle_months, lost_between, paused_days
from payouts.rules.plans import BEGINS, RESUMES, Course, Plan, course, in_charge, plan


@dataclass(frozen=True)
class Instalment(Columns):
    """One row an instalment that has fallen due, or the balance of a completed service.

    `row` is the row of Course of the leg in charge on the day, −1 where there is none; `lost` whether a pause
    took it. `amount` is a part of `left` (öre), of which there are `of`, for a price of `price`; `whole` says
    that `left` is the price's percent, nothing having fallen due before.
    """

    voucher: Whole
    row: Whole
    day: Day
    amount: Whole
    left: Whole
    of: Whole
    price: Whole
    whole: NDArray[np.bool_]
    balance: NDArray[np.bool_]
    lost: NDArray[np.bool_]


def spread(facts: Facts, having: Having[Instalments], upto: np.datetime64) -> tuple[Course, list[Instalment]]:
    """All that has fallen due by a day, paid for or not: by the number of the voucher's stretch."""
    of = course(facts, having)
    stretches = plan(facts, having, of, upto)
    walk = _Walk(facts, having, of)
    first = np.flatnonzero(fresh(stretches.voucher))
    many = np.diff(np.append(first, len(stretches)))
    found = []
    for number in range(int(many.max()) if len(many) else 0):
        found += walk.step(stretches.where(first[many > number] + number))
    return of, found


def total(tariff: Tariff, having: Having[Instalments], price: Whole) -> Whole:
    """The instalments' percent of each price, in öre.

    Where what is held back makes it a hundred percent, one of them is the rest: the part held back, or with
    `remainder = "first"` the instalments.
    """
    held = held_back(tariff, having.fee.code)
    if tariff.policy.remainder == "first" and having.terms.percent + sum(held) == 100:
        return price - sum((_percent(price, percent) for percent in held), np.zeros_like(price))
    return _percent(price, having.terms.percent)


def held_back(tariff: Tariff, code: str) -> list[int]:
    """The percents of a fee's price that are paid when the service is completed."""
    terms = [fee.terms for fee in tariff.fees]
    return [one.percent for one in terms if isinstance(one, Completion) and one.of == code]


def _percent(price: Whole, percent: int) -> Whole:
    return share(price, np.full_like(price, percent), np.full_like(price, 100))


def part(amount: Whole, number: Whole, of: Whole, remainder: str) -> Whole:
    """The öre of part `number` of `of` equal ones; the last takes what rounding left, or the first."""
    if remainder == "first":
        number = of + 1 - number
    each = share(amount, np.ones_like(amount), of)
    upto = np.minimum(each * number, amount)
    before = np.minimum(each * (number - 1), amount)
    return whole(np.where(number == of, amount, upto) - before)


class _Walk:
    """Goes through the vouchers' stretches, the first of all, the second of all …: what has fallen due in
    öre, and where the clock stops how many instalments are left."""

    def __init__(self, facts: Facts, having: Having[Instalments], of: Course) -> None:
        self.facts, self.having, self.of = facts, having, of
        self.pause = having.tariff.policy.pause
        vouchers = int(of.voucher[-1]) + 1 if len(of) else 0
        self.fallen_due = np.zeros(vouchers, dtype=np.int64)
        self.left = np.zeros(vouchers, dtype=np.int64)
        self.planned = days(np.zeros(vouchers, dtype=np.int64))
        self.voucher_id = facts.legs.voucher_id[of.leg[fresh(of.voucher)]]
        self.idle = idle_months(facts) if self.pause == "stops" else whole([])
        self.any_idle = idle_counts(self.idle, self.voucher_id) > 0

    def step(self, at: Plan) -> list[Instalment]:
        """What falls due in one stretch of each of some vouchers."""
        by, voucher, since = self.having.terms.by, at.voucher, self.of.since[at.row]
        tariff = self.having.tariff
        nothing_yet = self.fallen_due[voucher] == 0
        left = np.maximum(total(tariff, self.having, at.price) - self.fallen_due[voucher], 0)
        before = due_by(by, since, at.on - 1)
        of = np.maximum(due_by(by, since, at.planned) - before, 0)
        if self.pause == "stops":
            replanned = (at.why == BEGINS) | (at.planned != self.planned[voucher])
            of = np.where(replanned, of, self.left[voucher])
        self.planned[voucher] = at.planned
        at_once = (of == 0) & (at.why != RESUMES)
        last = due_by(by, since, at.until) - before
        extra = self._lost(voucher, at.on, at.until + 1)
        many = np.where(at_once, 0, np.maximum(np.minimum(last, of + extra), 0))
        stretch = np.repeat(np.arange(len(at), dtype=np.int64), many)
        number = counted(many) + 1
        day = due_day(by, since[stretch], before[stretch] + number)
        some = np.flatnonzero(self.any_idle[voucher][stretch])
        if len(some):
            at_some = stretch[some]
            first = due_day(by, since, before + 1)[at_some]
            number[some] -= self._lost(voucher[at_some], first, day[some])
            kept = number <= of[stretch]
            after = first_of(month_of(day[some]) + 1)
            kept[some] &= self._lost(voucher[at_some], day[some], after) == 0
            stretch, number, day = stretch[kept], number[kept], day[kept]
        self.left[voucher] = np.where(at_once, 0, of - np.bincount(stretch, minlength=len(at)))

        of = np.where(at_once, 1, of)
        single = np.flatnonzero(at_once)
        on = np.maximum(at.on, at.planned)[single]
        due = (on <= at.until[single]) & (self._lost(voucher[single], on, first_of(month_of(on) + 1)) == 0)
        single, on = single[due], on[due]
        stretch, day = np.concatenate([stretch, single]), np.concatenate([day, on])
        number = np.concatenate([number, np.ones_like(single)])
        amount = part(left[stretch], number, of[stretch], tariff.policy.remainder)
        rows = self._rows(at, stretch, day, amount, left, of, nothing_yet)
        fallen = rows.amount if self.pause == "runs" else np.where(rows.lost, 0, rows.amount)
        np.add.at(self.fallen_due, rows.voucher, fallen)
        return [rows, *self._balance(at)]

    def _rows(
        self,
        at: Plan,
        stretch: Whole,
        day: Day,
        amount: Whole,
        left: Whole,
        of: Whole,
        is_whole: NDArray[np.bool_],
    ) -> Instalment:
        voucher = at.voucher[stretch]
        row = in_charge(self.facts, self.of, voucher, day)
        lost = np.zeros(len(row), dtype=bool)
        if self.pause != "stops" and len(self.facts.pauses):
            lost = (row >= 0) & (paused_days(self.facts, self.of.leg[row], day, day) > 0)
        return Instalment(
            voucher=voucher,
            row=row,
            day=day,
            amount=amount,
            left=left[stretch],
            of=of[stretch],
            price=at.price[stretch],
            whole=is_whole[stretch],
            balance=np.zeros(len(row), dtype=bool),
            lost=lost,
        )

    def _balance(self, at: Plan) -> list[Instalment]:
        """What is left of services that are completed, where it is paid."""
        at = at.where(at.completes >= 0)
        if self.having.tariff.policy.early_finish != "paid" or not len(at):
            return []
        left = np.maximum(total(self.having.tariff, self.having, at.price) - self.fallen_due[at.voucher], 0)
        np.add.at(self.fallen_due, at.voucher, left)
        yes, no = np.ones(len(at), dtype=bool), np.zeros(len(at), dtype=bool)
        one = np.ones(len(at), dtype=np.int64)
        day = self.facts.legs.ended[self.of.leg[at.completes]]
        return [Instalment(at.voucher, at.completes, day, left, left, one, at.price, no, yes, no)]

    def _lost(self, voucher: Whole, first: Day, after: Day) -> Whole:
        """How many months from that of `first` up to, not with, that of `after` were paused in whole."""
        if not len(self.idle):
            return np.zeros(len(voucher), dtype=np.int64)
        low, high = first.astype("datetime64[M]"), after.astype("datetime64[M]")
        return lost_between(self.idle, self.voucher_id[voucher], low, high)
