"""What a case waits for: the rule, case by case."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from app.demo.people import JOBBPENG
from core.chapters import Book
from vouchers.rules.terms import Terms, read_terms
from vouchers.rules.waiting import Standing, Wait, waits

NOW = date(2026, 11, 24)  # a Tuesday
FAR = date(2026, 12, 4)


@pytest.fixture(scope="module")
def terms() -> Terms:
    return read_terms(Book(Path(JOBBPENG).read_text("utf-8")).root)


@pytest.mark.parametrize(
    ("choose_by", "expected"),
    [
        (date(2026, 11, 23), [Wait("window_passed", date(2026, 11, 23))]),
        (date(2026, 11, 24), [Wait("window_soon", date(2026, 11, 24))]),
        (date(2026, 11, 26), [Wait("window_soon", date(2026, 11, 26))]),
        (date(2026, 11, 27), []),
    ],
)
def test_somebody_who_has_not_chosen_is_called_when_the_reminder_is_due(terms, choose_by, expected):
    assert waits(Standing("choice_open", choose_by), terms, NOW) == expected


@pytest.mark.parametrize("state", ["chosen", "assigned", "received"])
def test_a_start_is_late_the_day_after_its_last_day(terms, state):
    on_time = Standing(state, FAR, start_by=NOW)
    late = Standing(state, FAR, start_by=date(2026, 11, 23))
    assert waits(on_time, terms, NOW) == []
    assert waits(late, terms, NOW) == [Wait("start_late", date(2026, 11, 23))]


def test_a_month_without_a_report_is_late_after_its_fifth_working_day(terms):
    standing = Standing("active", FAR, started_on=date(2026, 9, 10), reported=frozenset({date(2026, 9, 1)}))
    due = date(2026, 11, 6)
    assert waits(standing, terms, due) == []
    assert waits(standing, terms, date(2026, 11, 9)) == [Wait("report_missing", due, month=date(2026, 10, 1))]


def test_a_month_that_can_no_longer_be_reported_waits_for_nobody(terms):
    standing = Standing("ended", FAR, started_on=date(2025, 3, 3), ended_on=date(2025, 3, 20))
    assert waits(standing, terms, NOW) == []


def test_a_call_with_a_deadline_comes_before_what_has_waited_longer():
    call, report = Wait("window_soon", FAR), Wait("report_to_judge", date(2026, 11, 2))
    assert min(report, call, key=lambda wait: wait.urgency) is call
