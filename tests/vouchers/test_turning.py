"""Every row of the tables of cases on switching, pauses, extension and closing; what holds for all days."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dates import is_working_day
from tests.vouchers.test_rules import CASES, DAYS, TERMS, Case, as_told
from vouchers.rules import extension, pauses, switching
from vouchers.rules.pauses import Span

TODAY = date(2026, 6, 12)


def cases(name: str, kind: str = "case") -> pytest.MarkDecorator:
    """The rows of one kind in a table of cases."""
    found = tomllib.loads((CASES / f"{name}.toml").read_text("utf-8"))[kind]
    assert len({row["name"] for row in found}) == len(found)
    return pytest.mark.parametrize("case", found, ids=[row["name"] for row in found])


def spans(told: list[list[date]]) -> list[Span]:
    return [Span(days[0], days[1] if len(days) > 1 else None) for days in told]


def chapter(case: Case, standing: Any, **names: str) -> Any:
    """The rulebook's chapter with what the case says instead, or None."""
    assert standing is not None
    changes = {field: case[word] for word, field in names.items() if word in case}
    return replace(standing, **changes) if case.get("chapter", True) else None


@cases("switching", "notice")
def test_notice(case: Case):
    rules = chapter(case, TERMS.switching, notice="notice_working_days")
    assert switching.last_day(case["asked"], rules) == case["last"]
    assert switching.first_day(case["last"]) == case["first"]


@given(DAYS)
def test_notice_is_over_on_a_working_day_and_the_next_begins_on_one_after_it(day: date):
    assert TERMS.switching is not None
    last = switching.last_day(day, TERMS.switching)
    first = switching.first_day(last)
    assert day < last < first
    assert is_working_day(last)
    assert is_working_day(first)
    assert not any(is_working_day(last + timedelta(days=n)) for n in range(1, (first - last).days))


@cases("switching")
def test_switching(case: Case):
    with as_told(case):
        switching.may_switch(
            terms=chapter(case, TERMS.switching, most="most", by="by"),
            asker=case.get("asker", "participant"),
            state=case.get("state", "active"),
            made=case.get("made", 0),
            days_left=case.get("days_left", 200),
            is_same=case.get("is_same", False),
        )


@cases("pauses", "end")
def test_the_last_day_with_what_pauses_have_moved(case: Case):
    rules = chapter(case, TERMS.pauses, clock="clock")
    found = pauses.moved_end(
        case["first"], case["months"], spans(case.get("pauses", [])), rules, today=case.get("today", TODAY)
    )
    assert found == case["last"]


def test_without_a_chapter_nothing_moves():
    told = [Span(date(2026, 5, 10), date(2026, 5, 20))]
    assert pauses.moved_end(date(2026, 3, 1), 12, told, None, today=TODAY) == date(2027, 2, 28)


@given(DAYS, st.integers(1, 24), st.lists(st.integers(0, 400), unique=True, max_size=6))
def test_the_days_that_are_not_paused_are_as_many_as_were_decided(
    first: date, months: int, offsets: list[int]
):
    days = sorted(first + timedelta(days=offset) for offset in offsets)
    told = [Span(days[at], days[at + 1]) for at in range(0, len(days) - 1, 2)]
    end, moved = (
        pauses.planned_end(first, months),
        pauses.moved_end(first, months, told, TERMS.pauses, today=first),
    )
    there = (moved - first).days + 1 - pauses.paused_days(told, first, moved)
    assert there == (end - first).days + 1


@cases("pauses", "begin")
def test_the_first_day_a_pause_can_begin(case: Case):
    found = pauses.earliest_pause(
        started_on=case["started"],
        approved_to=case.get("approved_to"),
        earlier=spans(case.get("earlier", [])),
        today=case["today"],
    )
    assert found == case["earliest"]


@cases("pauses")
def test_pausing(case: Case):
    with as_told(case):
        pauses.may_pause(
            terms=chapter(case, TERMS.pauses),
            reason=case.get("reason", "sick"),
            from_on=case.get("from", TODAY),
            expected_on=case.get("back", date(2026, 7, 1)),
            earliest=date(2026, 6, 1),
            last_on=case.get("last", date(2027, 3, 1)),
            today=TODAY,
        )


@cases("pauses", "resume")
def test_going_on(case: Case):
    with as_told(case):
        pauses.may_resume(from_on=case["from"], resumed_on=case["on"], today=TODAY)


@cases("extension")
def test_extending(case: Case):
    with as_told(case):
        extension.may_extend(
            terms=chapter(case, TERMS.extension),
            state=case.get("state", "active"),
            months=case.get("months", 12),
            adds=case.get("adds", 6),
            made=case.get("made", 0),
            last_on=case.get("last", date(2027, 3, 1)),
            decided_on=case.get("decided", date(2026, 3, 2)),
            met_on=case.get("met", date(2027, 1, 10)) or None,
            new_content=case.get("new_content", "En praktikplats i vården."),
            reasons=case.get("reasons", "Behöver längre tid."),
            today=case.get("today", date(2027, 1, 15)),
        )
