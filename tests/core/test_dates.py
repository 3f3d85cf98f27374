"""Days, months and working days, with the Swedish year's own traps."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from core import dates

DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2026-08-31", 6, "2027-02-28"),
        ("2027-08-31", 6, "2028-02-29"),  # a leap year
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-01-15", -1, "2025-12-15"),
        ("2026-05-05", 0, "2026-05-05"),
    ],
)
def test_calendar_months_stop_at_the_last_of_a_short_month(day: str, months: int, expected: str):
    assert dates.add_months(date.fromisoformat(day), months) == date.fromisoformat(expected)


@given(DAYS, st.integers(-60, 60))
def test_months_later_is_that_many_months_later(day: date, months: int):
    later = dates.add_months(day, months)
    assert later.year * 12 + later.month == day.year * 12 + day.month + months
    assert later.day == min(day.day, dates.last_of_month(later).day)


@given(DAYS)
def test_a_month_has_a_first_and_a_last_day_and_a_code_that_reads_back(day: date):
    first, last = dates.first_of_month(day), dates.last_of_month(day)
    assert first <= day <= last
    assert (first - timedelta(days=1)).month != day.month
    assert (last + timedelta(days=1)).month != day.month
    assert dates.month_of(dates.month_code(day)) == first


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2026-01-01", "New Year's Day"),
        ("2026-01-06", "Epiphany"),
        ("2026-04-03", "Good Friday"),
        ("2026-04-06", "Easter Monday"),
        ("2026-05-01", "May Day"),
        ("2026-05-14", "Ascension Day"),
        ("2025-06-06", "the national day, a Friday"),
        ("2026-06-19", "midsummer eve, a Friday"),
        ("2026-12-24", "Christmas Eve, a Thursday"),
        ("2026-12-25", "Christmas Day"),
        ("2026-12-31", "New Year's Eve"),
        ("2026-11-21", "a Saturday"),
        ("2026-11-22", "a Sunday"),
    ],
)
def test_the_banks_are_closed_on(day: str, name: str):
    assert not dates.is_working_day(date.fromisoformat(day)), name


@pytest.mark.parametrize(
    "day", ["2026-04-02", "2026-04-07", "2026-06-18", "2026-12-23", "2026-12-28", "2026-05-15"]
)
def test_the_banks_are_open_beside_the_holidays(day: str):
    assert dates.is_working_day(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        ("2026-03-02", 5, "2026-03-09"),
        ("2026-03-31", 5, "2026-04-09"),  # Good Friday and Easter Monday between
        ("2026-04-02", 1, "2026-04-07"),
        ("2026-06-18", 1, "2026-06-22"),  # midsummer eve is no working day
        ("2026-12-23", 1, "2026-12-28"),
        ("2026-12-30", 1, "2027-01-04"),  # New Year's Eve, New Year's Day, a weekend
        ("2027-01-04", 2, "2027-01-07"),  # Epiphany
        ("2026-03-07", 1, "2026-03-09"),  # from a Saturday, Monday is the first
        ("2026-03-07", 0, "2026-03-09"),
        ("2026-03-09", 0, "2026-03-09"),
        ("2026-12-24", 0, "2026-12-28"),
    ],
)
def test_working_days_go_round_the_holidays(day: str, count: int, expected: str):
    assert dates.add_working_days(date.fromisoformat(day), count) == date.fromisoformat(expected)


def test_working_days_are_never_counted_backwards():
    with pytest.raises(ValueError, match="zero or more"):
        dates.add_working_days(date(2026, 3, 2), -1)


@given(DAYS, st.integers(1, 40))
def test_the_working_days_left_are_those_that_were_added(day: date, count: int):
    until = dates.add_working_days(day, count)
    assert dates.is_working_day(until)
    assert dates.working_days_left(until, day) == count


@pytest.mark.parametrize(
    ("until", "today", "expected"),
    [
        ("2026-04-09", "2026-03-31", 5),
        ("2026-03-09", "2026-03-09", 0),
        ("2026-03-09", "2026-03-06", 1),
        ("2026-03-08", "2026-03-06", 0),  # only a weekend is left
        ("2026-03-09", "2026-03-10", -1),
        ("2026-04-02", "2026-04-07", -1),  # Easter lies between
        ("2026-03-09", "2026-03-16", -5),
    ],
)
def test_working_days_left_are_counted_from_tomorrow_and_negative_when_passed(
    until: str, today: str, expected: int
):
    assert dates.working_days_left(date.fromisoformat(until), date.fromisoformat(today)) == expected


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-06-30T21:59:59", "2026-06-30"),
        ("2026-06-30T22:00:00", "2026-07-01"),  # summer: two hours ahead
        ("2026-12-31T22:59:59", "2026-12-31"),
        ("2026-12-31T23:00:00", "2027-01-01"),  # winter: one
    ],
)
def test_today_is_the_swedish_day_whatever_zone_a_moment_is_told_in(moment: str, day: str):
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert dates.day_of(at) == date.fromisoformat(day)
    assert dates.day_of(at.astimezone(timezone(timedelta(hours=-8)))) == date.fromisoformat(day)
    with time_machine.travel(at, tick=False):
        assert dates.today() == date.fromisoformat(day)
        assert dates.now() == at
        assert dates.now().utcoffset() == timedelta(0)
