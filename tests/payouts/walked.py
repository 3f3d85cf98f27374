"""Instalments of one voucher counted day by day, as a person would with a calendar: what the columns are held
against. Slow, and written without looking at how they do it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from core.dates import last_of_month, month_code
from core.money import share
from payouts.rules.fees import Completion, Fee, Instalments, Tariff
from tests.payouts.strategies import KEY, Agreed, Stay, World
from vouchers.rules.pauses import planned_end

DAY = timedelta(days=1)
Paid = dict[tuple[int, int], int]
BALANCE = 900_000


@dataclass
class Walk:
    """One voucher of a world, by one fee."""

    world: World
    tariff: Tariff
    fee: Fee
    as_of: date

    @property
    def terms(self) -> Instalments:
        """The fee's terms."""
        assert isinstance(self.fee.terms, Instalments)
        return self.fee.terms

    def paid(self) -> Paid:
        """Öre by leg and part."""
        legs = sorted(self.world.stays.values(), key=lambda leg: leg.started)
        self.fallen = 0
        self.found: Paid = {}
        self.price, self.planned = 0, date.min
        self.voucher_first = legs[0].started
        for stay in self.stays(legs):
            self.walk(stay)
        return {key: ore for key, ore in self.found.items() if ore > 0}

    def stays(self, legs: list[Stay]) -> Iterator[list[Stay]]:
        """Legs without a break between them."""
        stay: list[Stay] = []
        for leg in legs:
            gap = []
            if stay and stay[-1].ended:
                gap = list(_between(stay[-1].ended + DAY, leg.started - DAY))
            if self.tariff.policy.resumed == "anew" and any(day.weekday() < 5 for day in gap):
                yield stay
                stay = []
            stay.append(leg)
        yield stay

    def walk(self, stay: list[Stay]) -> None:
        """Every day of a stay, from its first to its last or today."""
        policy, since = self.tariff.policy, stay[0].started
        last = stay[-1].ended or date.max
        plans = self.plans(stay)
        to_pay = parts = number = 0
        begun = False
        for day in _between(since, min(last, self.as_of)):
            news = plans.get(day)
            resumed = policy.pause == "spread" and self.resumes(stay, since, day)
            if news or resumed or not begun:
                before = (self.price, self.planned)
                for price, planned in news or ():
                    self.price = self.price if price is None else price
                    self.planned = planned or self.planned
                changed = not begun or before != (self.price, self.planned)
                if changed or resumed:
                    to_pay = max(self.whole() - self.fallen, 0)
                    left = sum(self.falls(since, one) for one in _between(day, self.planned))
                    replanned = not begun or before[1] != self.planned
                    parts = parts - number if policy.pause == "stops" and not replanned else left
                    number, begun = 0, True
                    at_once = max(day, self.planned) if changed and parts == 0 else None
            if day == at_once and not self.idle(stay, day):
                self.falls_due(stay, day, to_pay)
                at_once = None
            elif number < parts and self.falls(since, day) and not self.idle(stay, day):
                if policy.pause == "spread" and self.is_paused(stay, day):
                    continue
                number += 1
                self.falls_due(stay, day, self.part(to_pay, number, parts))
        done = stay[-1]
        if done.finish == 1 and done.ended and done.ended <= self.as_of and policy.early_finish == "paid":
            left = max(self.whole() - self.fallen, 0)
            self.fallen += left
            if self.is_qualified(done) and self.is_told(done, done.ended):
                self.found[done.leg_id, BALANCE] = left

    def plans(self, stay: list[Stay]) -> dict[date, list[tuple[int | None, date | None]]]:
        """What is news on each day: prices and planned days in the order they were told."""
        found: dict[date, list[tuple[int | None, date | None]]] = {}
        since, known = stay[0].started, None
        before: date | None = None
        for leg in stay:
            known = leg.planned or known
            planned = known or planned_end(since, leg.months)
            if leg is stay[0] and planned < since and since != self.voucher_first:
                planned = planned_end(since, leg.months)
            price = None if self.terms.agreed else self.tariff_price(since)
            rows = [(leg.started, price, None if planned == before else planned)]
            before = planned
            for row in self.agreed(leg):
                price = row.price if self.terms.agreed and row.price >= 0 else None
                rows.append((max(row.on, leg.started), price, row.planned))
            rows = [row for row in rows if row[0] <= self.as_of]
            if self.tariff.policy.changes == "anew":
                rows = [(leg.started, *row[1:]) for row in rows]
            for on, price, planned_on in rows:
                found.setdefault(on, []).append((price, planned_on))
        return found

    def agreed(self, leg: Stay) -> list[Agreed]:
        """What was agreed for a leg, in order."""
        rows = [row for row in self.world.agreed if row.leg_id == leg.leg_id]
        return sorted((row for row in rows if row.on <= (leg.ended or date.max)), key=lambda row: row.on)

    def tariff_price(self, since: date) -> int:
        """The rate of a day with its factor and index."""
        day = self.voucher_first if self.tariff.policy.rates_by == "start" else since
        rates = [rate for rate in self.fee.rates[KEY] if (rate.from_on or date.min) <= day]
        ore = rates[-1].price.ore if rates else 0
        times, of = self.fee.factors.level.get("basic", 10_000), 10_000
        index = self.tariff.index
        if self.fee.indexed and index:
            points = [index.base_points, *(value for from_on, value in index.points if from_on <= day)]
            times, of = times * points[-1], of * index.base_points
        return share(ore, times, of)

    def whole(self) -> int:
        """What the instalments are to be in all, at the price of the day."""
        held = [
            fee.terms.percent
            for fee in self.tariff.fees
            if isinstance(fee.terms, Completion) and fee.terms.of == self.fee.code
        ]
        if self.tariff.policy.remainder == "first" and sum(held) + self.terms.percent == 100:
            return self.price - sum(share(self.price, percent, 100) for percent in held)
        return share(self.price, self.terms.percent, 100)

    def part(self, to_pay: int, number: int, parts: int) -> int:
        """One of so many parts; each but the last (or first) is rounded, none goes over."""
        ore, left = [], to_pay
        for _ in range(parts - 1):
            ore.append(min(share(to_pay, 1, parts), left))
            left -= ore[-1]
        ore.append(left)
        return (ore if self.tariff.policy.remainder == "last" else ore[::-1])[number - 1]

    def falls(self, since: date, day: date) -> bool:
        """Whether an instalment falls due on a day."""
        if self.terms.by == "month_ends":
            return day == last_of_month(day)
        months = (day.year - since.year) * 12 + day.month - since.month
        return any(planned_end(since, count) == day for count in (months, months + 1) if count > 0)

    def is_paused(self, stay: list[Stay], day: date) -> bool:
        """Whether the person was in a leg and paused."""
        legs = {leg.leg_id for leg in stay if leg.started <= day <= (leg.ended or date.max)}
        return any(
            row.leg_id in legs and row.first <= day <= (row.last or date.max) for row in self.world.rests
        )

    def idle(self, stay: list[Stay], day: date) -> bool:
        """Whether the month of a day was paused in whole, where the clock stops."""
        if self.tariff.policy.pause != "stops":
            return False
        legs = list(self.world.stays.values())
        month = list(_between(day.replace(day=1), last_of_month(day)))
        there = [one for one in month if any(leg.started <= one <= (leg.ended or date.max) for leg in legs)]
        return bool(there) and all(self.is_paused(legs, one) for one in there)

    def resumes(self, stay: list[Stay], since: date, day: date) -> bool:
        """Whether a pause was over yesterday that an instalment would have fallen due in."""
        for row in self.world.rests:
            for leg in stay:
                if row.leg_id == leg.leg_id and row.first <= day - DAY:
                    last = min(row.last or date.max, leg.ended or date.max)
                    first = max(row.first, leg.started)
                    if last == day - DAY and any(self.falls(since, one) for one in _between(first, last)):
                        return True
        return False

    def is_qualified(self, leg: Stay) -> bool:
        """Whether a leg has run its qualifying days by today, or a result stands in for them."""
        until = min(leg.ended or date.max, self.as_of)
        ran = sum(not self.is_paused([leg], day) for day in _between(leg.started, until))
        enough = self.terms.qualifying_days <= ran
        if self.tariff.policy.qualifying == "waived_by_result":
            seen = self.world.seen.values()
            enough |= any(
                row.leg_id == leg.leg_id and not row.bonus and row.due <= self.as_of for row in seen
            )
        return enough

    def falls_due(self, stay: list[Stay], day: date, ore: int) -> None:
        """An instalment: paid for when somebody is in charge and nothing stands in the way."""
        self.fallen += ore
        legs = [leg for leg in stay if leg.started <= day <= (leg.ended or date.max)]
        if not legs or not self.is_qualified(legs[0]):
            return
        if self.tariff.policy.pause == "runs" and self.is_paused(stay, day):
            return
        if self.is_told(legs[0], day):
            key = (legs[0].leg_id, month_code(day))
            self.found[key] = self.found.get(key, 0) + ore

    def is_told(self, leg: Stay, day: date) -> bool:
        """Whether the month of a day is reported and approved, or need not be."""
        told = [row for row in self.world.told.values() if row.leg_id == leg.leg_id and row.approved]
        return not self.terms.needs_report or day.replace(day=1) in {row.month for row in told}


def _between(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += DAY
