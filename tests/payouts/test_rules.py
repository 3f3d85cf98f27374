"""Every row of the tables of cases, and what holds whatever the facts."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.dates import add_months, first_of_month, last_of_month
from payouts.rules import monthly, outcome, sustained, weekdays
from payouts.rules.columns import Dues
from payouts.rules.settlement import earn
from tests.payouts.facts import Leg, by_weekday, cases, facts, tariff


def by_part(dues: Dues) -> dict[str, int]:
    return dict(zip(map(str, dues.part.tolist()), dues.amount.tolist(), strict=True))


@pytest.mark.parametrize("case", cases("base"), ids=lambda case: case["name"])
def test_base_fee(case):
    fees = tariff(
        case.get("price", 368600),
        qualifying_days=case.get("qualifying_days", 14),
        instalments=case.get("instalments", 12),
        by_days=case.get("pro_rata", "calendar_days") == "calendar_days",
    )
    leg = Leg(
        case["started"],
        case.get("ended"),
        case.get("first"),
        case.get("months", 12),
        reported=case["reported"],
    )
    assert by_part(monthly.earned(facts(case["as_of"], [leg], fees))) == case["pays"]


@pytest.mark.parametrize("case", cases("weekdays"), ids=lambda case: case["name"])
def test_base_fee_by_weekday(case):
    fees = by_weekday(case.get("price", 28000), 3, 1_820_000)
    leg = Leg(case["started"], case.get("ended"), reported=case["reported"])
    assert by_part(weekdays.earned(facts(case["as_of"], [leg], fees))) == case["pays"]


@pytest.mark.parametrize("case", cases("pauses"), ids=lambda case: case["name"])
def test_pauses(case):
    clock_stops = case.get("clock", "stops") == "stops"
    fees = tariff(by_days=case.get("pro_rata", "calendar_days") == "calendar_days", clock_stops=clock_stops)
    earned = monthly.earned
    if case.get("weekdays"):
        fees, earned = by_weekday(28000, 3, 1_820_000), weekdays.earned
    first = case["legs"][0]["started"]
    legs = [Leg(first=first, months=case.get("months", 12), voucher=77, **leg) for leg in case["legs"]]
    found = earned(facts(case["as_of"], legs, fees))
    assert [by_part(found.where(found.leg == place)) for place in range(len(legs))] == case["pays"]


def test_the_cap_is_the_vouchers_also_after_a_switch():
    first = Leg(date(2026, 6, 1), date(2026, 8, 14), voucher=77, provider=1)
    first.reported = [date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 1)]
    second = Leg(date(2026, 8, 15), first=date(2026, 6, 1), voucher=77, provider=2)
    second.reported = [date(2026, 8, 1), date(2026, 9, 1)]
    found = weekdays.earned(facts(date(2026, 9, 30), [first, second], by_weekday(28000, 3, 1_820_000)))
    told = zip(found.leg.tolist(), found.part.tolist(), found.amount.tolist(), strict=True)
    assert sorted(told) == [
        (0, 202606, 616000),
        (0, 202607, 644000),
        (0, 202608, 280000),
        (1, 202608, 280000),
        (1, 202609, 616000),
    ]


@pytest.mark.parametrize("case", cases("result"), ids=lambda case: case["name"])
def test_result_fee(case):
    fees = tariff(result=case.get("price", 1_000_001), shares=tuple(case.get("shares", (50, 50))))
    leg = Leg(date(2025, 1, 1), results=[tuple(row) for row in case["checks"]])
    assert by_part(outcome.earned(facts(case["as_of"], [leg], fees))) == case["pays"]


@pytest.mark.parametrize("case", cases("bonus"), ids=lambda case: case["name"])
def test_bonus(case):
    leg = Leg(date(2025, 1, 1), bonuses=[tuple(row) for row in case["checks"]])
    found = sustained.earned(facts(case["as_of"], [leg], tariff(bonus=case.get("price", 800_000))))
    assert by_part(found) == case["pays"]


def test_a_part_paid_to_the_first_provider_is_not_paid_to_the_second():
    first = Leg(date(2026, 1, 1), date(2026, 3, 1), voucher=77, provider=1, results=[(1, date(2026, 3, 2))])
    second = Leg(date(2026, 3, 2), voucher=77, provider=2, results=[(1, date(2026, 9, 1))])
    found = outcome.earned(facts(date(2026, 12, 31), [first, second]))
    assert (found.scope.tolist(), found.leg.tolist()) == ([77], [0])


def test_a_month_of_a_switch_is_split_by_days_and_never_more_than_the_price():
    first = Leg(date(2026, 1, 1), date(2026, 4, 9), voucher=77, provider=1, reported=[date(2026, 4, 1)])
    second = Leg(
        date(2026, 4, 10), first=date(2026, 1, 1), voucher=77, provider=2, reported=[date(2026, 4, 1)]
    )
    found = monthly.earned(facts(date(2026, 4, 30), [first, second]))
    assert found.amount.tolist() == [110580, 258020]


starts = st.dates(date(2023, 1, 1), date(2028, 12, 31)) | st.sampled_from(
    [date(2024, 1, 31), date(2024, 2, 29), date(2023, 2, 28), date(2023, 12, 31), date(2028, 8, 31)]
)


@st.composite
def a_leg(draw: st.DrawFn) -> Leg:
    started = draw(starts)
    length = draw(st.none() | st.integers(0, 500) | st.sampled_from([12, 13, 14]))
    ended = None if length is None else started + timedelta(days=length)
    offsets = draw(st.sets(st.integers(-2, 15), max_size=12))
    reported = [add_months(first_of_month(started), offset) for offset in sorted(offsets)]
    results = draw(st.lists(st.tuples(st.integers(1, 3), starts), max_size=3))
    bonuses = draw(st.lists(st.tuples(st.just(1), starts), max_size=2))
    days = sorted(draw(st.sets(st.integers(0, 400), max_size=6)))
    pauses = [[started + timedelta(days=day) for day in days[at : at + 2]] for at in range(0, len(days), 2)]
    return Leg(
        started,
        ended,
        months=draw(st.integers(1, 14)),
        reported=reported,
        results=results,
        bonuses=bonuses,
        pauses=pauses,
    )


@given(st.lists(a_leg(), min_size=1, max_size=8), starts)
def test_columns_of_many_give_the_same_as_many_single_ones(legs, as_of):
    many = earn(facts(as_of, legs))
    single = sorted(
        (500 + at, int(dues.component[row]), int(dues.part[row]), int(dues.amount[row]))
        for at, leg in enumerate(legs)
        for dues in [earn(facts(as_of, [leg]))]
        for row in range(len(dues))
    )
    together = sorted(
        (500 + int(many.leg[row]), int(many.component[row]), int(many.part[row]), int(many.amount[row]))
        for row in range(len(many))
    )
    assert together == single


@given(a_leg(), starts)
@example(
    Leg(
        date(2024, 1, 31),
        months=5,
        reported=[date(2024, 7, 1)],
        pauses=[[date(2024, 1, 31), date(2024, 3, 1)]],
    ),
    date(2025, 1, 1),
)
def test_a_pause_pays_nobody_more_than_no_pause_in_that_month(leg, as_of):
    """Nor does it take a month away, but for those it stands in: the clock stops, so what is compared with is
    long enough to reach the last month that was paid."""
    paused = by_part(monthly.earned(facts(as_of, [leg])))
    leg.pauses, leg.months = [], 99
    freely = by_part(monthly.earned(facts(as_of, [leg], tariff(instalments=99))))
    assert all(amount <= freely.get(part, 0) for part, amount in paused.items())


@given(a_leg(), starts)
def test_a_month_never_pays_more_than_its_price_and_never_before_it_is_over_or_the_service_ended(leg, as_of):
    found = monthly.earned(facts(as_of, [leg]))
    for amount, period in zip(found.amount.tolist(), found.period.tolist(), strict=True):
        assert 0 < amount <= 368600
        assert min(leg.ended or date.max, last_of_month(period)) <= as_of
        assert period >= first_of_month(leg.started)
    assert len(found) <= min(12, leg.months)


@given(st.lists(a_leg(), min_size=1, max_size=5), starts)
def test_no_key_is_earned_twice(legs, as_of):
    found = earn(facts(as_of, legs))
    keys = list(zip(found.scope.tolist(), found.component.tolist(), found.part.tolist(), strict=True))
    assert len(keys) == len(set(keys))
    assert np.all(found.amount > 0)
