"""What is earned once: starts, milestones, results, speed, bonuses; and the prices that all fees have."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random
from time import process_time

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from core.dates import add_months
from payouts.rules.columns import Checks, Deal, Facts, Legs, days, no_months, whole
from payouts.rules.fees import (
    UNITS,
    Cap,
    Fee,
    Index,
    Milestone,
    Offset,
    OutcomeFee,
    Policy,
    Price,
    Rate,
    Speed,
    Start,
    Sustained,
    Tariff,
)
from payouts.rules.offsets import later
from payouts.rules.outcome import parted
from payouts.rules.prices import unit_prices
from payouts.rules.settlement import earn, looks
from tests.payouts import strategies
from tests.payouts.facts import KEY, rates
from tests.payouts.once import expected, facts_of, shuffled, table, tariff_of, told

TABLES = (
    "start",
    "milestones",
    "parts",
    "windows",
    "partial",
    "speed",
    "sustainment",
    "factors",
    "index",
    "rates",
)
CASES = [pytest.param(case, id=f"{name}: {case['name']}") for name in TABLES for case in table(name)]
ONCE = ("start", "milestone", "outcome", "speed", "sustained")
NEW_YEAR = date(2026, 1, 1)
randoms = st.randoms(use_true_random=False)
some_days = st.sampled_from(strategies.EDGES) | st.dates(date(2023, 1, 1), date(2027, 12, 31))


@pytest.mark.parametrize("case", CASES)
def test_the_tables_of_cases(case):
    known = facts_of(case)
    assert told(known, earn(known)) == expected(case)


@pytest.mark.parametrize("case", CASES)
def test_the_order_of_the_rows_does_not_matter(case):
    for seed in range(3):
        known = shuffled(facts_of(case), seed)
        assert told(known, earn(known)) == expected(case)


@pytest.mark.parametrize("case", CASES)
def test_what_is_paid_one_day_was_seen_coming_the_day_before(case):
    """Asked on the first day, the rules name each later day on which something is earned."""
    paid = {row[1] for row in expected(case)}
    first = min(leg["started"] for leg in case["legs"]) - timedelta(days=1)
    seen = set(looks(facts_of(case, as_of=first)).day.astype(date).tolist())
    assert {day for day in paid if day > first} <= seen


# ── days and parts ───────────────────────────────────────────────────────────────────────────────


@given(some_days, st.integers(0, 120), st.sampled_from(UNITS))
@example(date(2026, 8, 31), 6, "months")
@example(date(2027, 8, 31), 6, "months")
@example(date(2028, 2, 29), 12, "months")
def test_a_time_after_a_day_is_the_same_by_columns_and_by_the_calendar(day, count, unit):
    by_calendar = {
        "days": lambda: day + timedelta(days=count),
        "weeks": lambda: day + timedelta(weeks=count),
        "months": lambda: add_months(day, count),
    }[unit]()
    assert later(days([day]), Offset(count, unit)).astype(date).tolist() == [by_calendar]


def test_a_day_that_nobody_knows_stays_unknown_however_much_later():
    assert later(days(["9999-12-31"]), Offset(60)).astype(str).tolist() == ["9999-12-31"]


@given(
    st.lists(st.integers(0, 5_000_000), min_size=1, max_size=5),
    st.sampled_from([(100,), (50, 50), (33, 33, 34), (1, 99), (1,) * 40 + (60,), (5,) * 20]),
    st.sampled_from(["last", "first"]),
)
@example([10], (5,) * 20, "last")
def test_the_parts_of_a_price_are_the_price(prices, shares, remainder):
    """Also of prices so small that every part is rounded up."""
    parts = whole(range(1, len(shares) + 1))
    for ore in prices:
        amount, percent = parted(whole([ore] * len(shares)), shares, parts, remainder)
        assert (int(amount.sum()), percent.tolist()) == (ore, list(shares))
        assert (amount >= 0).all()


def test_a_part_that_there_is_none_of_is_nothing():
    assert parted(whole([100, 100]), (50, 50), whole([0, 3]), "last")[0].tolist() == [0, 0]


# ── once ─────────────────────────────────────────────────────────────────────────────────────────


def once(random: Random, *, caps: bool = False) -> Tariff:
    """A tariff whose fees are all of the kinds that are earned once."""
    while True:
        found = strategies.a_tariff(random, caps=caps)
        fees = [fee for fee in found.fees if _kind(fee) in ONCE]
        if fees:
            numbers: dict[str, int] = {}
            for at, fee in enumerate(fees):
                number = numbers.get(fee.component, 0)
                numbers[fee.component] = number + 1
                fees[at] = replace(fee, number=number)
            codes = {fee.code for fee in fees}
            kept = tuple(cap for cap in found.caps if not cap.fees or set(cap.fees) & codes)
            return replace(found, fees=tuple(fees), caps=kept)


def _kind(fee: Fee) -> str:
    return {"OutcomeFee": "outcome"}.get(type(fee.terms).__name__, type(fee.terms).__name__.lower())


@settings(max_examples=60)
@given(randoms, some_days)
def test_a_part_is_earned_once_a_voucher_or_once_with_each_provider(random, as_of):
    world = strategies.a_world(random, 4, (once(random),))
    known = world.facts(as_of)
    found, legs = earn(known), known.legs
    bars = known.deals[0].tariff.policy.bars
    keys = [
        (
            int(legs.voucher_id[leg]),
            component,
            part,
            int(legs.provider_id[leg]) if component == 0 and bars == "provider" else 0,
        )
        for leg, component, part in zip(
            found.leg.tolist(), found.component.tolist(), found.part.tolist(), strict=True
        )
    ]
    assert len(keys) == len(set(keys))


@settings(max_examples=60)
@given(randoms)
def test_what_is_earned_changes_by_itself_on_the_days_that_are_looked_at_and_no_others(random):
    """On any later day it is what it was on the last such day."""
    world = strategies.a_world(random, 3, (once(random, caps=True), once(random)))
    at = strategies.a_day(random)
    seen = sorted(set(looks(world.facts(at)).day.astype(date).tolist()))
    assert all(day > at for day in seen)
    for _ in range(6):
        day = random.choice(
            [at + timedelta(days=random.randrange(1500)), *seen, *(day - timedelta(days=1) for day in seen)]
        )
        if day < at:
            continue
        last = max((look for look in seen if look <= day), default=at)
        then, now = world.facts(last), world.facts(day)
        assert told_all(now) == told_all(then)


def told_all(known: Facts) -> list[tuple[int, ...]]:
    found = earn(known)
    names = ("scope", "component", "part", "leg", "period", "unit_price", "quantity", "of", "amount")
    return sorted(zip(*(getattr(found, name).astype(np.int64).tolist() for name in names), strict=True))


def test_columns_of_a_thousand_give_the_same_as_a_thousand_single_ones():
    """By two tariffs with a fee of every kind that is earned once, and caps per person."""
    random = Random(11)
    world = strategies.a_world(random, 1000, tuple(every_kind(random) for _ in range(2)))
    known = world.facts(date(2025, 12, 31))
    together = told_all_by_id(known)
    single = (told_all_by_id(known.of_vouchers(whole([number]))) for number in range(1, 1001))
    assert together == sorted(row for rows in single for row in rows)
    assert len(together) > 2000
    assert len({row[0] for row in together}) > 500


def every_kind(random: Random) -> Tariff:
    """A fee of each kind that is earned once, some twice, and a cap that few reach."""
    policy = strategies.a_policy(random)
    of_milestones = "base" if policy.bars == "provider" else "milestone"
    fees = tuple(
        replace(fee, component=of_milestones) if fee.component == "milestone" else fee
        for fee in (*once_each(), *soon_and_bonus())
    )
    caps = (Cap("person", "all", random.randrange(1_000_000, 3_000_000)), Cap("person", "month", 900_000))
    return Tariff(fees, policy, caps, Index(1000, ((date(2024, 6, 1), 1031),)))


def told_all_by_id(known: Facts) -> list[tuple[int, ...]]:
    found = earn(known)
    names = ("scope", "component", "part", "period", "unit_price", "quantity", "of", "amount", "evidence")
    columns = [getattr(found, name).astype(np.int64).tolist() for name in names]
    return sorted(zip(known.legs.leg_id[found.leg].tolist(), *columns, strict=True))


# ── prices ───────────────────────────────────────────────────────────────────────────────────────


def test_the_price_of_a_fee_that_a_tariff_does_not_have_is_nothing():
    mine, other = (Tariff((Fee("start", "milestone", 0, Start(0), rates(100)),)) for _ in range(2))
    known = facts_of({"legs": [{"started": NEW_YEAR}], "as_of": NEW_YEAR}, other)
    assert unit_prices(known, mine.fees[0], mine, whole([0]), days([NEW_YEAR])).tolist() == [0]


@given(
    st.integers(0, 10**9),
    st.integers(1, 10**6),
    st.integers(1, 10**6),
    st.integers(1, 10**4),
    st.integers(1, 10**4),
)
def test_a_price_is_rounded_once_half_up(ore, level, region, base, points):
    """Exactly, also where the numbers on the way are too large for 64 bits."""
    fees = {
        "start": {
            "kind": "start",
            "indexed": True,
            "factors": {"level": {"basic": level}, "region": {"north": region}},
            "amounts": [{"ore": ore}],
        },
        "index": {"base_points": base, "points": [{"from": date(2025, 1, 1), "points": points}]},
    }
    assume(ore * max(level, 10**4) * max(region, 10**4) * points // (10**8 * base) < 10**12)
    exact = (2 * ore * level * region * points + 10**8 * base) // (2 * 10**8 * base)
    case = {"legs": [{"started": NEW_YEAR, "region": "north"}], "as_of": NEW_YEAR}
    known = facts_of(case, tariff_of(fees))
    assert earn(known).amount.tolist() == ([exact] if exact else [])


def test_three_hundred_thousand_checks_take_about_a_second():
    """Parts, speed, bonus and milestones of a hundred thousand vouchers; twice that would still pass."""
    count = 100_000
    tariff = Tariff((*once_each(), *soon_and_bonus()), Policy(), (), Index(1000, ((date(2024, 6, 1), 1031),)))
    number = np.arange(count, dtype=np.int64)
    started = np.datetime64("2024-01-01", "D") + number % 365
    leg, part = np.repeat(number, 3), np.tile(whole([1, 2, 1]), count)
    began = started[leg] + leg % 200
    known = Facts(
        date(2025, 12, 31),
        (Deal(1, *KEY, tariff),),
        Legs(
            leg_id=number + 1,
            voucher_id=number + 1,
            provider_id=number % 40 + 1,
            deal=np.zeros(count, dtype=np.int64),
            first=started,
            started=started,
            ended=days(np.full(count, np.datetime64("9999-12-31"))),
            months=np.full(count, 12),
        ),
        no_months(),
        Checks(
            leg=leg,
            bonus=np.tile(whole([0, 0, 1]), count),
            part=part,
            due=began + 90 * part,
            check_id=np.arange(3 * count, dtype=np.int64) + 1,
            began=began,
        ),
    )
    before = process_time()
    found = earn(known)
    assert process_time() - before < 2.5
    assert len(found) > 5 * count


def once_each() -> tuple[Fee, ...]:
    """A start, milestones and a result in parts."""
    half, times = (50, 50), (Offset(3), Offset(6))
    prices = (
        Rate(from_on, Price(ore, "example", "a test"))
        for from_on, ore in ((None, 100_000), (date(2024, 9, 1), 120_000))
    )
    dated = {KEY: tuple(prices)}
    return (
        Fee("start", "milestone", 0, Start(14), rates(400_000)),
        Fee("stay", "milestone", 1, Milestone(times, half), dated, indexed=True),
        Fee("result", "result", 0, OutcomeFee(half, times, 30, partial=True), dated),
    )


def soon_and_bonus() -> tuple[Fee, ...]:
    """Two bonuses."""
    return (
        Fee("soon", "bonus", 0, Speed(((90, 100), (180, 50))), rates(500_000)),
        Fee("bonus", "bonus", 1, Sustained(), rates(800_000)),
    )
