"""What is earned over a time: months, days, instalments, what is held back; and what holds of them all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import count, pairwise
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.dates import add_months, month_code
from payouts.rules import completion, instalments, monthly, spans, weekdays
from payouts.rules.columns import BROKEN_OFF, COMPLETED, FAR, GOES_ON, Changes, Deal, Dues, Facts, days, whole
from payouts.rules.duedays import due_by, due_day, service_end
from payouts.rules.fees import (
    COMPONENTS,
    FEE,
    SWITCHES,
    Completion,
    Instalments,
    Monthly,
    Policy,
    Tariff,
    Weekdays,
)
from payouts.rules.instalments import BALANCE
from payouts.rules.plans import course, plan
from payouts.rules.settlement import earn, looks, settle
from tests.payouts import strategies
from tests.payouts.once import PROVIDERS, SERVICE, facts_of, shuffled, table, tariff_of
from tests.payouts.strategies import World, a_life, a_policy, a_tariff, a_world
from tests.payouts.test_settlement import Ledger, no_lines
from tests.payouts.walked import Walk
from vouchers.rules.pauses import planned_end

TABLES = (
    "instalments",
    "anniversaries",
    "changes",
    "paused_instalments",
    "early_finish",
    "completion",
    "switches_of_month",
    "qualifying",
    "resumed",
    "days",
)
CASES = [pytest.param(case, id=f"{name}: {case['name']}") for name in TABLES for case in table(name)]
FINISH = {"": GOES_ON, "completed": COMPLETED, "broken off": BROKEN_OFF}
SPANS = ("monthly", "weekdays", "daily", "instalments", "completion")
RULES = (monthly, weekdays, instalments, completion)
randoms = st.randoms(use_true_random=False)
some_days = st.sampled_from(strategies.EDGES) | st.dates(date(2023, 1, 1), date(2027, 12, 31))
Row = tuple[str, str, int, str, str]


# ── the tables ───────────────────────────────────────────────────────────────────────────────────


def known_of(case: dict[str, Any]) -> Facts:
    """The facts of a case, with what is planned and agreed."""
    legs = [
        {**leg, "results": [{"due": due} for due in leg["results"]]} if "results" in leg else leg
        for leg in case["legs"]
    ]
    known = facts_of({**case, "legs": legs})
    changes = [(at, change) for at, leg in enumerate(legs) for change in leg.get("changes", [])]
    return replace(
        known,
        legs=replace(
            known.legs,
            months=np.full(len(legs), case.get("months", 12), dtype=np.int64),
            planned=days([leg.get("planned", FAR) for leg in legs]),
            finish=whole([FINISH[leg.get("finish", "")] for leg in legs]),
        ),
        changes=Changes(
            leg=whole([at for at, _ in changes]),
            on=days([change["on"] for _, change in changes]),
            price=whole([change.get("price", -1) for _, change in changes]),
            planned=days([change.get("planned", FAR) for _, change in changes]),
        ),
    )


def told(known: Facts, dues: Any) -> list[Row]:
    """(what, month, öre, provider, day) of dues, or of ledger lines; `what` is empty for a month."""
    tariff = known.deals[0].tariff
    legs = dict(zip(known.legs.leg_id.tolist(), known.legs.provider_id.tolist(), strict=True))
    rows = []
    for at in range(len(dues)):
        part, day = int(dues.part[at]), dues.period[at].astype(date)
        fee = tariff.fee_of(COMPONENTS[int(dues.component[at])], part)
        assert fee is not None
        what, month = "", f"{part % FEE // 100}-{part % 100:02}"
        if part % FEE == BALANCE or isinstance(fee.terms, Completion):
            what, month = "balance" if part % FEE == BALANCE else fee.code, f"{day:%Y-%m}"
        leg_id = int(known.legs.leg_id[dues.leg[at]]) if isinstance(dues, Dues) else int(dues.leg_id[at])
        rows.append((what, month, int(dues.amount[at]), PROVIDERS[legs[leg_id]], str(day)))
    return sorted(rows)


def expected(pays: list[list[Any]]) -> list[Row]:
    """The same of what a case says; the day is empty where it says the month alone."""
    rows = []
    for when, ore, *by in pays:
        what, _, span = when.partition(" ") if when[0].isalpha() else ("", "", when)
        first, _, last = span.partition(" to ")
        month = date.fromisoformat(f"{first[:7]}-01")
        for number in count():
            on = f"{add_months(month, number):%Y-%m}"
            rows.append((what, on, ore, by[0] if by else "A", first if len(first) > 7 else ""))
            if on == (last or first)[:7]:
                break
    return sorted(rows)


def agree(found: list[Row], wanted: list[Row]) -> None:
    assert [row[:4] for row in found] == [row[:4] for row in wanted]
    assert all(said[4] in ("", row[4]) for row, said in zip(found, wanted, strict=True))


@pytest.mark.parametrize("case", CASES)
def test_the_tables_of_cases(case):
    known = known_of(case)
    agree(told(known, earn(known)), expected(case["pays"]))


@pytest.mark.parametrize("case", CASES)
def test_the_order_of_the_rows_does_not_matter(case):
    known = known_of(case)
    for seed in range(2):
        random = np.random.default_rng(seed)
        mixed = mix(known, random, seed)
        agree(told(mixed, earn(mixed)), expected(case["pays"]))


def mix(known: Facts, random: np.random.Generator, seed: int) -> Facts:
    """The same facts in another order, the changes too."""
    mixed = shuffled(known, seed)
    place = {leg_id: at for at, leg_id in enumerate(mixed.legs.leg_id.tolist())}
    changes = known.changes.where(random.permutation(len(known.changes)))
    moved = [place[leg_id] for leg_id in known.legs.leg_id[changes.leg].tolist()]
    return replace(mixed, changes=replace(changes, leg=whole(moved)))


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in table("late")])
def test_what_is_told_late(case):
    ledger = Ledger()
    for step in case["steps"]:
        known = known_of({**case, **step})
        lines = ledger.run(known)
        assert len(lines) == step.get("lines", len(lines))
        last = ledger.last()
        standing = last.where(last.sequence % 2 == 0)
        agree(told(known, standing), expected(step["net"]))
        assert len(ledger.run(known)) == 0


# ── what holds whatever the facts ────────────────────────────────────────────────────────────────


def a_tariff_of_spans(random: Random, *, policy: Policy | None = None) -> Tariff:
    """A tariff with fees of these kinds alone, instalments among them."""
    random = Random(random.randrange(10**9))  # many are thrown away: hypothesis should not have to draw them
    while True:
        found = a_tariff(random, policy=policy)
        fees = tuple(fee for fee in found.fees if isinstance(fee.terms, KINDS))
        codes = {fee.code for fee in fees}
        if any(isinstance(fee.terms, Instalments) for fee in fees) and all(
            getattr(fee.terms, "of", None) in (None, *codes) for fee in fees
        ):
            return replace(found, fees=fees)


KINDS = (Monthly, Weekdays, Instalments, Completion)


def of_these(known: Facts) -> list[tuple[int, ...]]:
    """What these rules earn, as sorted rows."""
    rows = []
    for rule in RULES:
        dues = rule.earned(known)
        names = ("scope", "component", "part", "leg", "unit_price", "quantity", "of", "amount", "evidence")
        rows += list(zip(*(getattr(dues, name).tolist() for name in names), strict=True))
    return sorted(rows)


@settings(max_examples=60)
@given(randoms, some_days)
def test_instalments_are_what_a_person_counts_with_a_calendar(random: Random, as_of: date):
    tariff = a_tariff_of_spans(random)
    world = a_world(random, 1, (tariff,))
    dues = instalments.earned(world.facts(as_of))
    for fee in tariff.fees:
        if isinstance(fee.terms, Instalments):
            mine = dues.where(dues.part // FEE == fee.number)
            keys = zip(mine.scope.tolist(), (mine.part % FEE).tolist(), strict=True)
            paid = dict(zip(keys, mine.amount.tolist(), strict=True))
            assert paid == Walk(world, tariff, fee, as_of).paid()


@settings(max_examples=40)
@given(randoms, some_days, st.integers(0, 400))
def test_between_two_looks_nothing_changes(random: Random, as_of: date, later: int):
    """What is earned on any later day is what was earned on the last day that the rules had named."""
    world = a_world(random, 3, (a_tariff(random),))
    known = world.facts(as_of)
    named = {day for day in looks(known).day.astype(date).tolist() if day > as_of}
    day = as_of + timedelta(days=later)
    last = max((look for look in named if look <= day), default=as_of)
    assert of_these(replace(known, as_of=day)) == of_these(replace(known, as_of=last))


@settings(max_examples=40)
@given(randoms, some_days)
def test_the_rules_name_every_day_on_which_something_turns(random: Random, as_of: date):
    """On the day before each named one it is as it was on the one before that."""
    world = a_world(random, 1, (a_tariff(random),))
    known = world.facts(as_of)
    named = sorted({as_of, *(day for day in looks(known).day.astype(date).tolist() if day > as_of)})
    for first, after in pairwise(named):
        before = replace(known, as_of=after - timedelta(days=1))
        assert of_these(before) == of_these(replace(known, as_of=first)), (first, after)


def test_a_balance_that_waits_for_a_result_is_seen_coming():
    """The second leg has no instalment, and its qualifying days never run: the result's day is named."""
    fees = {
        "policy": {"early_finish": "paid", "qualifying": "waived_by_result"},
        "span": {
            "kind": "instalments",
            "by": "month_ends",
            "qualifying_days": 42,
            "amounts": [{"ore": 1_200_000}],
        },
    }
    first = {"started": date(2026, 1, 1), "planned": date(2026, 12, 31), "ended": date(2026, 3, 31)}
    second: dict[str, Any] = {"started": date(2026, 4, 1), "planned": date(2026, 12, 31)}
    second |= {"ended": date(2026, 4, 10), "by": "B", "finish": "completed", "results": [date(2026, 7, 10)]}
    known = known_of({"fees": fees, "legs": [first, second], "as_of": date(2026, 7, 9)})
    assert told(known, instalments.earned(known)) == expected(
        [["2026-01-31", 100_000], ["2026-02-28", 100_000], ["2026-03-31", 100_000]]
    )
    assert date(2026, 7, 10) in instalments.looks(known).day.astype(date).tolist()
    then = replace(known, as_of=date(2026, 7, 10))
    assert told(then, instalments.earned(then))[-1] == ("balance", "2026-04", 900_000, "B", "2026-04-10")


@settings(max_examples=60)
@given(randoms)
def test_a_service_never_costs_more_than_its_dearest_price(random: Random):
    """Instalments, balance and what is held back, all providers and returns together."""
    tariff = a_tariff_of_spans(random)
    known = a_world(random, 1, (tariff,)).facts(date(2027, 12, 31))
    dues = instalments.earned(known)
    for having in known.having(Instalments):
        of = course(known, having)
        agreed = plan(known, having, of, FAR)
        dearest = spans.total(tariff, having, agreed.price).max(initial=0)
        assert dues.amount[dues.part // FEE == having.fee.number].sum() <= dearest


@settings(max_examples=60)
@given(
    st.integers(1, 10_000_000),
    st.integers(1, 60),
    st.sampled_from(["last", "first"]),
    st.sampled_from([80, 100, 33, 1]),
    st.sampled_from(["month_ends", "anniversaries"]),
)
def test_a_completed_service_costs_its_price_to_the_ore(ore, months, remainder, percent, by):
    fees: dict[str, Any] = {
        "policy": {"remainder": remainder, "early_finish": "paid"},
        "span": {"kind": "instalments", "percent": percent, "by": by, "amounts": [{"ore": ore}]},
    }
    if percent < 100:
        fees["held"] = {"kind": "completion", "percent": 100 - percent, "of": "span"}
    started = date(2024, 1, 31)
    ended = add_months(started, months // 2) + timedelta(days=3)
    leg = {"started": started, "ended": ended, "finish": "completed"}
    case = {"legs": [leg], "months": months, "as_of": date(2040, 1, 1)}
    known = known_of({**case, "fees": fees})
    assert earn(known).amount.sum() == ore


@given(st.integers(0, 10**9), st.integers(1, 240), st.sampled_from(["last", "first"]))
def test_equal_parts_sum_to_the_whole_and_none_is_below_zero(ore, of, remainder):
    number = np.arange(1, of + 1)
    parts = spans.part(np.full(of, ore), number, np.full(of, of), remainder)
    assert parts.sum() == ore
    assert parts.min() >= 0
    if ore > of * of:
        usual = parts[:-1] if remainder == "last" else parts[1:]
        assert len(set(usual.tolist())) <= 1


@settings(max_examples=40)
@given(randoms, some_days)
def test_a_return_takes_nothing_back_from_the_months_before_the_break(random: Random, as_of: date):
    """Trap 5."""
    tariff = a_tariff_of_spans(random)
    new = count(10_001)
    world = World((tariff,))
    for fact in a_life(random, 1, new):
        world.tell(fact)
    last = max(world.stays.values(), key=lambda stay: stay.started)
    ended = last.ended or last.started + timedelta(days=100)
    world.tell(replace(last, ended=ended, finish=0))
    ledger = Ledger()
    ledger.run(world.facts(max(as_of, ended + timedelta(days=40))))
    back = ended + timedelta(days=random.choice((3, 40, 200)))
    planned = random.choice((None, back + timedelta(days=200)))
    again = replace(last, leg_id=next(new), started=back, ended=None, planned=planned, finish=0)
    world.tell(again)
    lines = ledger.run(world.facts(back + timedelta(days=400)))
    if tariff.policy.switch_month == "last_day":
        lines = lines.where(lines.period.astype("datetime64[M]") != np.datetime64(back, "M"))
    assert lines.where(lines.sequence % 2 == 1).leg_id.tolist() == []


def test_the_first_word_of_a_switch_is_what_holds_unsaid():
    assert all(getattr(Policy(), name) == words[0] for name, words in SWITCHES.items())


def test_three_hundred_persons_by_these_fees_are_three_hundred_single_ones():
    random = Random(11)
    tariffs = tuple(a_tariff(random, policy=a_policy(random)) for _ in range(8))
    world, as_of = a_world(random, 300, tariffs), date(2025, 3, 31)
    together = as_rows(world.facts(as_of))
    single = [
        row
        for voucher_id in range(1, 301)
        for row in as_rows(strategies.alone(world, voucher_id).facts(as_of))
    ]
    assert len(together) > 200
    assert sorted(together) == sorted(single)


def as_rows(known: Facts) -> list[tuple[int, ...]]:
    return [(row[0], row[1], row[2], *row[4:]) for row in of_these(known)]


def test_a_month_of_service_ends_where_the_service_itself_would():
    for offset in range(800):
        first = date(2023, 12, 1) + timedelta(days=offset)
        numbers = np.arange(1, 14)
        ends = service_end(days([first] * 13), numbers).tolist()
        assert ends == [planned_end(first, number) for number in numbers.tolist()]
        for by in ("month_ends", "anniversaries"):
            due = due_day(by, days([first] * 13), numbers).tolist()
            assert len({month_code(day) for day in due}) == 13
            assert due_by(by, days([first] * 13), days(due)).tolist() == numbers.tolist()
            assert due_by(by, days([first] * 13), days(due) - 1).tolist() == (numbers - 1).tolist()


def test_nothing_known_is_nothing_earned():
    rest = {"qualifying_days": 42, "amounts": [{"ore": 100}]}
    fees: dict[str, Any] = {
        "policy": {"resumed": "anew", "switch_month": "last_day", "early_finish": "paid"},
        "span": {"kind": "instalments", "by": "month_ends", "needs_report": True, **rest},
        "held": {"kind": "completion", "percent": 20, "of": "span"},
        "base": {"kind": "weekdays", "instalments": 1, "block": {"months": 1, "cap_ore": 1}, **rest},
    }
    for pause in ("stops", "runs", "spread"):
        fees["policy"]["pause"] = pause
        known = known_of({"legs": [], "fees": fees, "as_of": date(2026, 1, 1)})
        known = replace(known, deals=(Deal(1, SERVICE, "basic", tariff_of(fees)),))
        assert of_these(known) == []
        assert len(looks(known)) == 0
        assert len(settle(known, no_lines())) == 0
