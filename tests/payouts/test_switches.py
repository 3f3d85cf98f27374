"""What peers do differently, and the rulebook says: each switch of `[fees.policy]` by its name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from payouts.rules.fees import (
    SWITCHES,
    Completion,
    Fee,
    Instalments,
    Monthly,
    OutcomeFee,
    Policy,
    Price,
    Rate,
    Start,
    Tariff,
    Terms,
)
from payouts.rules.settlement import earn
from tests.payouts.strategies import KEY, Agreed, Fact, Rest, Seen, Stay, Told, World
from tests.payouts.test_settlement import Ledger

JANUARY, FEBRUARY, MARCH, APRIL, MAY = (date(2026, month, 1) for month in range(1, 6))
AS_OF = date(2026, 12, 31)


def _fee(number: int, terms: Terms, ore: int, component: str = "", code: str = "") -> Fee:
    category = {Monthly: "base", Instalments: "base", OutcomeFee: "result"}.get(type(terms), "milestone")
    rates: dict[tuple[str, str], tuple[Rate, ...]] = (
        {} if isinstance(terms, Completion) else {KEY: (Rate(None, Price(ore, "example", "a test")),)}
    )
    return Fee(code or f"fee{number}", component or category, number, terms, rates)


def fees_of(*terms: Terms, policy: Policy | None = None, ore: int = 300_000, bars: str = "voucher") -> Tariff:
    policy = policy or Policy()
    fees: list[Fee] = []
    for each in terms:
        fee = _fee(0, each, ore, code=f"fee{len(fees)}")
        if fee.component == "milestone" and policy.bars == "provider":
            fee = replace(fee, component="base")
        fees.append(replace(fee, number=sum(other.component == fee.component for other in fees)))
    return Tariff(tuple(fees), policy)


def world_of(fees: Tariff, *told: Fact) -> World:
    world = World((fees,))
    for fact in told:
        world.tell(fact)
    return world


def _earned(fees: Tariff, *told: Fact, as_of: date = AS_OF) -> list[tuple[int, int, int]]:
    """(month or part, provider, öre) of all that is earned."""
    known = world_of(fees, *told).facts(as_of)
    dues = earn(known)
    providers = known.legs.provider_id[dues.leg].tolist()
    return sorted(zip(dues.part.tolist(), providers, dues.amount.tolist(), strict=True))


def total(rows: list[tuple[int, int, int]]) -> int:
    return sum(ore for _, _, ore in rows)


YEAR = Stay(11, 1, 1, JANUARY, planned=date(2026, 12, 31))


@pytest.mark.parametrize(("word", "ore"), [("dropped", 300_000), ("paid", 1_200_000)])
def test_switch_early_finish_drops_or_pays_what_is_left_of_the_base_fee(word: str, ore: int):
    fees = fees_of(Instalments(100, 0), policy=Policy(early_finish=word), ore=1_200_000)
    done = replace(YEAR, ended=date(2026, 3, 31), finish=1)
    assert total(_earned(fees, done)) == ore
    assert total(_earned(fees, replace(done, finish=2))) == 300_000


@pytest.mark.parametrize(
    ("word", "shares"), [("by_days", [(1, 90_000), (2, 210_000)]), ("last_day", [(2, 300_000)])]
)
def test_switch_switch_month_says_who_earns_the_month_of_a_switch(word: str, shares: list[tuple[int, int]]):
    fees = fees_of(Monthly(0, 12), policy=Policy(switch_month=word))
    told = (
        Stay(11, 1, 1, date(2026, 4, 1), date(2026, 4, 9)),
        Stay(12, 1, 2, date(2026, 4, 10)),
        Told(71, 11, APRIL),
        Told(72, 12, APRIL),
    )
    assert [(provider, ore) for _, provider, ore in _earned(fees, *told)] == shares


@pytest.mark.parametrize(("word", "ore"), [("always", 0), ("waived_by_result", 300_000)])
def test_switch_qualifying_says_whether_a_result_overrides_the_qualifying_days(word: str, ore: int):
    fees = fees_of(Start(42), policy=Policy(qualifying=word))
    told = (Stay(11, 1, 1, JANUARY, date(2026, 1, 10)), Seen(81, 11, False, 1, date(2026, 1, 10)))
    assert total(_earned(fees, *told)) == ore


@pytest.mark.parametrize(("word", "paid_to"), [("voucher", [1]), ("provider", [1, 2])])
def test_switch_bars_says_whether_a_milestone_paid_to_one_bars_the_next(word: str, paid_to: list[int]):
    fees = fees_of(Start(0), policy=Policy(bars=word))
    told = (Stay(11, 1, 1, JANUARY, date(2026, 2, 1)), Stay(12, 1, 2, date(2026, 2, 2)))
    assert [provider for _, provider, _ in _earned(fees, *told)] == paid_to


@pytest.mark.parametrize(("word", "parts"), [("last", [33, 33, 35]), ("first", [35, 33, 33])])
def test_switch_remainder_says_which_part_takes_what_rounding_left(word: str, parts: list[int]):
    fees = fees_of(OutcomeFee((33, 33, 34)), policy=Policy(remainder=word), ore=101)
    if word == "first":
        fees = fees_of(OutcomeFee((34, 33, 33)), policy=Policy(remainder=word), ore=101)
    seen = [Seen(80 + part, 11, False, part, MARCH) for part in (1, 2, 3)]
    assert [ore for _, _, ore in _earned(fees, YEAR, *seen)] == parts


@pytest.mark.parametrize(
    ("word", "march", "whole"), [("stops", 0, 1_200_000), ("runs", 0, 1_100_000), ("spread", 0, 1_200_000)]
)
def test_switch_pause_says_whether_a_pause_stops_the_instalments_clock(word: str, march: int, whole: int):
    fees = fees_of(Instalments(100, 0), policy=Policy(pause=word), ore=1_200_000)
    found = _earned(fees, YEAR, Rest(11, MARCH, date(2026, 3, 31)), as_of=date(2027, 3, 31))
    assert sum(ore for part, _, ore in found if part == 202603) == march
    assert total(found) == whole


@pytest.mark.parametrize(("months", "left"), [(0, 0), (6, 600_000)])
def test_switch_clawback_months_says_how_far_back_a_clawback_reaches(months: int, left: int):
    fees = fees_of(Monthly(0, 12), policy=Policy(clawback_months=months))
    ledger, world = Ledger(), world_of(fees, YEAR, Told(71, 11, JANUARY), Told(72, 11, FEBRUARY))
    ledger.run(world.facts(MAY))
    world.told.clear()
    ledger.run(world.facts(AS_OF))
    assert sum(ledger.net().values()) == left


@pytest.mark.parametrize(("word", "count"), [("continues", 2), ("anew", 4)])
def test_switch_resumed_says_whether_a_return_begins_the_numbering_again(word: str, count: int):
    fees = fees_of(Monthly(0, 2), policy=Policy(resumed=word))
    told = [Stay(11, 1, 1, JANUARY, date(2026, 2, 28)), Stay(12, 1, 1, date(2026, 7, 1))]
    reports = [
        Told(70 + place, leg, date(2026, month, 1))
        for place, (leg, month) in enumerate([(11, 1), (11, 2), (12, 7), (12, 8), (12, 9)])
    ]
    assert len(_earned(fees, *told, *reports)) == count


@pytest.mark.parametrize(("word", "ore"), [("period", 400_000), ("start", 300_000)])
def test_switch_rates_by_says_whether_a_new_price_holds_for_those_who_began_before(word: str, ore: int):
    fees = fees_of(Monthly(0, 12), policy=Policy(rates_by=word))
    dated = (*fees.fees[0].rates[KEY], Rate(APRIL, Price(400_000, "example", "a test")))
    fees = replace(fees, fees=(replace(fees.fees[0], rates={KEY: dated}),))
    assert _earned(fees, YEAR, Told(71, 11, APRIL)) == [(202604, 1, ore)]


@pytest.mark.parametrize("word", SWITCHES["changes"])
def test_switch_changes_says_whether_a_changed_price_is_spread_or_counts_from_the_beginning(word: str):
    fees = fees_of(Instalments(100, 0, agreed=True), policy=Policy(changes=word), ore=0)
    told = (YEAR, Agreed(11, JANUARY, 1_200_000), Agreed(11, date(2026, 7, 1), 600_000))
    found = {part: ore for part, _, ore in _earned(fees, *told)}
    assert sum(found.values()) == 600_000
    assert found[202601] == {"spread": 100_000, "anew": 50_000}[word]


def test_every_switch_has_a_test_that_names_it():
    named = {name for name in globals() if name.startswith("test_switch_")}
    for switch in (*SWITCHES, "pause", "clawback_months"):
        assert [name for name in named if name.startswith(f"test_switch_{switch}_")], switch
