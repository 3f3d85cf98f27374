"""The rules of the choice, read from their tables of cases; no database."""

from __future__ import annotations

import tomllib
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.demo.people import JOBBPENG
from core.chapters import Book
from core.dates import add_months, is_working_day, last_of_month
from core.refusal import Refusal
from vouchers.rules import choice, reporting, results
from vouchers.rules.pauses import Span
from vouchers.rules.terms import Terms, read_terms

CASES = Path(__file__).parent / "cases"
TERMS = read_terms(Book(JOBBPENG.read_text("utf-8")).root)
DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))

Case = dict[str, Any]


def cases(name: str) -> pytest.MarkDecorator:
    rows = tomllib.loads((CASES / f"{name}.toml").read_text("utf-8"))["case"]
    assert len({row["name"] for row in rows}) == len(rows)
    return pytest.mark.parametrize("case", rows, ids=[row["name"] for row in rows])


def terms(case: Case, **names: str) -> Terms:
    """The rulebook's terms, with what the case says instead; `names` are the case's words for fields."""
    changes: Any = {field: case[word] for word, field in names.items() if word in case}
    for field, value in changes.items():
        changes[field] = tuple(value) if isinstance(value, list) else value
    return replace(TERMS, **changes)


class _Refused:
    """A block that must be refused with the case's code, or not at all; every case says something."""

    def __init__(self, case: Case) -> None:
        self.case = case

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> bool:
        if kind is not None and not issubclass(kind, Refusal):
            return False
        found = error.code if isinstance(error, Refusal) else None
        assert found == self.case.get("refused"), str(error or "it was allowed")
        if "says" in self.case:
            assert self.case["says"] in str(error)
        return True


def as_told(case: Case) -> AbstractContextManager[None]:
    return _Refused(case) if case.get("refused") else nullcontext()


@cases("windows")
def test_window_reminder_and_start(case: Case):
    rules = terms(
        case,
        window="choice_window_working_days",
        reminder="reminder_working_day",
        start="start_within_working_days",
        answer="answer_within_working_days",
    )
    assert choice.choose_by(case["day"], rules) == case["choose_by"]
    assert choice.remind_on(case["day"], rules) == case["remind_on"]
    assert choice.start_by(case["day"], rules) == case["start_by"]
    assert choice.answer_by(case["day"], rules) == case.get("answer_by", case["choose_by"])


@given(DAYS)
def test_the_reminder_comes_before_the_last_day_and_both_are_working_days(day: date):
    last, reminded = choice.choose_by(day, TERMS), choice.remind_on(day, TERMS)
    assert day < reminded < last
    assert is_working_day(last)
    assert is_working_day(reminded)


@cases("choosing")
def test_choosing(case: Case):
    with as_told(case):
        choice.may_choose(
            state=case.get("state", "choice_open"),
            last_day=case.get("last_day", date(2026, 3, 9)),
            accredited=case.get("accredited", True),
            intake_open=case.get("intake_open", True),
            has_place=case.get("has_place", True),
            today=case.get("today", date(2026, 3, 5)),
        )


@cases("due")
def test_due_day_of_a_report(case: Case):
    rules = terms(case, by_working_day="report_by_working_day")
    assert reporting.due_on(case["month"], rules) == case["due_on"]


@cases("reporting")
def test_reporting(case: Case):
    with as_told(case):
        reporting.may_report(
            month=case["month"],
            started_on=case.get("started", date(2026, 3, 16)) or None,
            ended_on=case.get("ended"),
            terms=TERMS,
            today=case["today"],
        )


@cases("months")
def test_months_to_report(case: Case):
    paused = [Span(days[0], days[1] if len(days) > 1 else None) for days in case.get("pauses", [])]
    found = reporting.months_to_report(case["started"], case.get("ended"), case["today"], paused)
    assert found == case["months"]


@given(DAYS, st.none() | st.integers(0, 500), st.integers(0, 300))
def test_every_month_that_is_to_be_reported_may_be_reported(started: date, length: int | None, later: int):
    today = date.fromordinal(started.toordinal() + later)
    ended = None if length is None else min(today, date.fromordinal(started.toordinal() + length))
    for month in reporting.months_to_report(started, ended, today):
        reporting.may_report(month=month, started_on=started, ended_on=ended, terms=TERMS, today=today)
        assert reporting.due_on(month, TERMS) > last_of_month(month)


@cases("claims")
def test_claims(case: Case):
    with as_told(case):
        results.may_claim(
            kind=case.get("kind", "work"),
            service=TERMS.services[case.get("service", "matching")],
            starts_on=case.get("starts_on", date(2026, 9, 1)),
            last_day=case.get("last_day", date(2026, 8, 31)),
            started_on=case.get("started", date(2026, 3, 2)) or None,
            terms=TERMS,
            today=case.get("today", date(2026, 9, 10)),
        )


@cases("days")
def test_due_days_of_results(case: Case):
    rules = terms(case, after_months="result_after_months")
    assert results.result_dates(case["day"], rules) == tuple(case["parts"])
    assert results.bonus_date(case["day"], rules) == case["bonus"]


@given(DAYS)
def test_the_bonus_never_opens_before_six_calendar_months(ended: date):
    opened = results.bonus_date(ended, TERMS)
    assert opened <= add_months(ended, 6)
    assert (opened.year * 12 + opened.month) - (ended.year * 12 + ended.month) == 6


@cases("judgements")
def test_judgements(case: Case):
    with as_told(case):
        results.may_judge(
            due_on=date(2027, 2, 28),
            passed=case.get("passed", True),
            source=case.get("source", "employment_contract") or None,
            code=case.get("code"),
            terms=TERMS,
            today=case.get("today", date(2027, 2, 28)),
        )


def read_by(name: str, texts: str) -> bool:
    return f'@cases("{name}")' in texts or f'"{name}.toml"' in texts


def test_no_table_of_cases_is_left_unread():
    read = {"windows", "choosing", "due", "reporting", "months", "claims", "days", "judgements"}
    assert {file.stem for file in CASES.glob("*.toml")} >= read
    texts = "".join(file.read_text("utf-8") for file in Path(__file__).parent.glob("test_*.py"))
    assert not [file.stem for file in CASES.glob("*.toml") if not read_by(file.stem, texts)]


# ── the order in which providers are shown ────────────────────────────────────────────────────────


@given(st.text(max_size=40), st.lists(st.integers(1, 2**62), unique=True, max_size=30))
def test_a_visitor_sees_everybody_in_the_same_order_however_they_were_listed(seed: str, ids: list[int]):
    shown = choice.neutral_order(seed, ids)
    assert sorted(shown) == sorted(ids)
    assert shown == choice.neutral_order(seed, ids[::-1])


def test_nobody_is_first_more_often_than_chance():
    ids = [11, 22, 33, 44]
    first = [choice.neutral_order(f"visitor {number}", ids)[0] for number in range(4_000)]
    assert all(880 < first.count(key) < 1_120 for key in ids)  # ±4.4 standard deviations of a fair draw


def test_a_new_provider_does_not_shuffle_the_others():
    before = choice.neutral_order("s", [1, 2, 3, 4])
    after = choice.neutral_order("s", [1, 2, 3, 4, 5])
    assert [key for key in after if key != 5] == before
