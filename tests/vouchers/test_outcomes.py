"""Honest figures: Wilson's interval, silence about the few, who is counted, and how long one waits."""

from __future__ import annotations

from datetime import date, timedelta
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dates import add_months
from tests.vouchers.test_rules import Case, cases
from vouchers.rules.outcomes import (
    LATER_MONTHS,
    Figure,
    Left,
    Tally,
    Wait,
    chance,
    expected_wait,
    figure,
    last_ripe_day,
    led_on,
    still_there,
)

PEOPLE = st.integers(1, 20_000).flatmap(lambda people: st.tuples(st.integers(0, people), st.just(people)))


@pytest.mark.parametrize(
    ("good", "people", "low", "middle", "high"),
    [
        (0, 10, 0, 0, 28),  # 0 and 10 of 10: 27.75
        (10, 10, 72, 100, 100),
        (5, 10, 24, 50, 76),  # 23.66 to 76.34
        (1, 10, 2, 10, 40),  # 1.79 to 40.42
        (81, 263, 26, 31, 37),  # Newcombe 1998: 0.2553 to 0.3662
        (15, 148, 6, 10, 16),  # Newcombe 1998: 0.0624 to 0.1605
        (0, 20, 0, 0, 16),  # Newcombe 1998: 0.0000 to 0.1611
        (1, 29, 1, 3, 17),  # Newcombe 1998: 0.0061 to 0.1718
    ],
)
def test_the_interval_is_wilsons(good: int, people: int, low: int, middle: int, high: int):
    found = chance(good, people, 1)
    assert found is not None
    assert (found.low, found.middle, found.high) == (low, middle, high)


def bound(good: int, people: int, from_: float, to: float) -> float:
    """Where the score test just turns: (share − p)² = z² p (1 − p) / n, found by halving."""
    z = NormalDist().inv_cdf(0.975)

    def is_refused(p: float) -> bool:
        return (good / people - p) ** 2 > z * z * p * (1 - p) / people

    for _ in range(60):
        middle = (from_ + to) / 2
        from_, to = (middle, to) if is_refused(middle) else (from_, middle)
    return 100 * to


def test_outside_the_interval_is_what_the_score_test_refuses():
    for people in (10, 11, 37, 100, 999):
        for good in range(0, people + 1, max(1, people // 20)):
            found = chance(good, people, 10)
            assert found is not None
            assert abs(found.low - bound(good, people, 0, good / people)) <= 0.501
            assert abs(found.high - bound(good, people, 1, good / people)) <= 0.501


@given(PEOPLE)
def test_the_share_lies_in_its_interval_and_the_interval_between_0_and_100(row: tuple[int, int]):
    found = chance(*row, 1)
    assert found is not None
    assert 0 <= found.low <= found.middle <= found.high <= 100


@given(PEOPLE)
def test_the_interval_of_the_others_is_the_mirror(row: tuple[int, int]):
    good, people = row
    mine, theirs = chance(good, people, 1), chance(people - good, people, 1)
    assert mine is not None
    assert theirs is not None
    assert abs(mine.low - (100 - theirs.high)) <= 1
    assert abs(mine.high - (100 - theirs.low)) <= 1


@given(st.integers(0, 100), st.integers(1, 50))
def test_more_people_say_more(percent: int, times: int):
    few, many = chance(percent, 100, 1), chance(percent * (times + 1), 100 * (times + 1), 1)
    assert few is not None
    assert many is not None
    assert many.high - many.low <= few.high - few.low


@pytest.mark.parametrize("people", [0, 1, 9])
def test_fewer_than_the_minimum_say_nothing(people: int):
    assert chance(0, people, 10) is None


def test_the_minimum_itself_says_something_and_nobody_says_nothing():
    assert chance(3, 10, 10) is not None
    assert chance(0, 0, 0) is None


def test_half_is_rounded_up_in_the_share():
    found = chance(1, 200, 1)  # 0.5 of 100
    assert found is not None
    assert found.middle == 1


@cases("waits")
def test_the_wait_is_the_middle_one_or_what_is_promised(case: Case):
    waited = dict(case["waited"])
    found = expected_wait(waited, case.get("minimum", 10), case.get("promised", 10))
    assert found == Wait(case["working_days"], case.get("people", 0), case.get("is_promise", False))


@given(st.dictionaries(st.integers(0, 200), st.integers(1, 40), min_size=1, max_size=12))
def test_half_have_begun_within_the_wait_and_half_have_waited_as_long(waited: dict[int, int]):
    found = expected_wait(waited, 1, 10)
    everybody = sorted(days for days, people in waited.items() for _ in range(people))
    assert found.working_days == everybody[len(everybody) // 2]
    assert found.people == len(everybody)


@cases("later")
def test_who_is_counted_and_who_is_there(case: Case):
    rows = [Left(*row) for row in case["left"]]
    assert led_on(rows) == Tally(*case["results"])
    assert still_there(rows) == Tally(*case["still"])


@cases("ripe")
def test_the_last_day_that_lies_six_months_back(case: Case):
    assert last_ripe_day(case["today"]) == case["last"]


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_six_months_after_the_last_ripe_day_is_today_and_after_the_next_is_not(today: date):
    last = last_ripe_day(today)
    assert add_months(last, LATER_MONTHS) <= today < add_months(last + timedelta(days=1), LATER_MONTHS)


def test_a_figure_below_the_minimum_is_silent():
    assert figure(Tally(9, 9), 10) == Figure(None, 10)
    found = figure(Tally(4, 10), 10).chance
    assert found is not None
    assert (found.good, found.people, found.low, found.high) == (4, 10, 17, 69)
    assert figure(Tally(0, 0), 5).chance is None
