"""The rules of the reports that are not of a month, read from their tables of cases; no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.demo.people import JOBBPENG
from core.chapters import Book
from core.dates import is_working_day
from core.refusal import Refusal
from tests.vouchers.test_rules import TERMS, Case, as_told, cases
from vouchers.rules import fields, reporting, reports
from vouchers.rules.pauses import Span
from vouchers.rules.reports import Given, ReportTerms, Stay
from vouchers.rules.terms import Terms, read_terms

assert TERMS.reports is not None
RULES: ReportTerms = TERMS.reports
DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


def stay(
    case: Case, started: date | None = date(2026, 3, 2), planned: date | None = date(2027, 3, 1)
) -> Stay:
    begun = case.get("started", started)
    return Stay(
        chosen_on=case.get("chosen", date(2026, 2, 23)),
        started_on=begun or None,
        ended_on=case.get("ended"),
        planned_on=case.get("planned", planned),
        pauses=[Span(one["from"], one.get("to")) for one in case.get("pauses", [])],
    )


def given_of(rows: list[Case]) -> list[Given]:
    return [
        Given(number, row["kind"], row["state"], row["about"], row.get("due"), row.get("judged"))
        for number, row in enumerate(rows, 1)
    ]


@cases("written_due")
def test_the_last_day_of_a_written_report(case: Case):
    assert reports.due_on(case["kind"], stay(case, None, None), RULES) == case.get("due_on")


@cases("written_lacking")
def test_what_a_provider_has_to_write(case: Case):
    rules = RULES if case.get("chapter", True) else None
    found = reports.lacking(
        stay(case), given_of(case.get("given", [])), rules, TERMS.report_latest_months, case["today"]
    )
    assert [one.kind for one in found] == case["lacks"]
    assert [one.due_on for one in found] == case.get("due", [])
    assert [one.given is not None for one in found] == [case.get("mends", False)] * len(found)
    assert all(one.opens_on <= case["today"] for one in found)


@cases("written_allowed")
def test_what_may_be_written(case: Case):
    rules = replace(RULES, late=case.get("rule", "flagged")) if case.get("chapter", True) else None
    today, here, living = case.get("today", date(2026, 3, 10)), stay(case), case.get("living")
    name = {"joint_plan": "met_on", "informative": "happened_on", "final": "ended_on"}[case["kind"]]
    values = {name: case["on"]}
    with as_told(case):
        reports.may_write(
            case["kind"],
            stay=here,
            living=living,
            terms=rules,
            latest_months=TERMS.report_latest_months,
            today=today,
        )
        for refusal in reports.against_stay(case["kind"], values, here, today).values():
            raise refusal
        about = reports.about_on(case["kind"], values, here)
        assert rules is not None
        due = reports.owed_on(case["kind"], about, here, given_of(case.get("earlier", [])), rules)
        assert due == case.get("due")
        late = reports.is_late(due, living=living, terms=rules, today=today)
        assert late is case.get("late", False)


@given(DAYS, st.integers(1, 60))
def test_a_plan_is_due_on_a_working_day_after_the_start(day: date, count: int):
    due = reports.due_on("joint_plan", Stay(day, day), replace(RULES, joint_plan_days=count))
    assert due is not None
    assert due > day
    assert is_working_day(due)


@given(DAYS, st.integers(0, 400), st.integers(0, 800))
@example(date(2025, 3, 2), 236, 616)  # over for more than a year, its report due for less
def test_what_is_lacking_may_be_written(day: date, length: int, later: int):
    """Nobody is asked for what the rules then refuse."""
    here = Stay(day, day, day + timedelta(length) if length else None, None)
    today = day + timedelta(later)
    for one in reports.lacking(here, [], RULES, TERMS.report_latest_months, today):
        reports.may_write(
            one.kind,
            stay=here,
            living=None,
            terms=RULES,
            latest_months=TERMS.report_latest_months,
            today=today,
        )


def test_a_late_month_is_refused_where_the_rulebook_says_so():
    strict = replace(TERMS, reports=replace(RULES, late="refused"))

    def late(living: str | None, today: date, terms: Terms = strict) -> bool:
        return reporting.check_month(
            {"month": date(2026, 3, 1)},
            started_on=date(2026, 3, 1),
            ended_on=None,
            living=living,
            terms=terms,
            today=today,
        )

    last_day = reporting.due_on(date(2026, 3, 1), strict)
    after = last_day.fromordinal(last_day.toordinal() + 1)
    assert late(None, last_day) is False
    with pytest.raises(Refusal) as refused:
        late(None, after)
    assert refused.value.code == "report_after_last_day"
    assert late("returned", after) is True
    assert late(None, after, TERMS) is True


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [("21:30", 1_290), ("0:45", 45), ("744:00", 44_640), ("90", 90), (90, 90), ("08:05:00", 485)],
)
def test_a_time_is_written_as_hours_or_minutes(typed: object, minutes: int):
    field = next(one for one in fields.MONTHLY if one.name == "activity_minutes")
    assert fields.read(field, typed) == minutes


@pytest.mark.parametrize(
    "typed", ["21:60", "744:01", "-1:30", "21:3", "1:2:3", ":30", "21,5", True, "9999999999"]
)
def test_a_time_that_cannot_be_read_is_refused(typed: object):
    field = next(one for one in fields.MONTHLY if one.name == "activity_minutes")
    with pytest.raises(Refusal) as refused:
        fields.read(field, typed)
    assert refused.value.code in ("number_wrong", "number_outside")


def test_only_minutes_may_be_written_with_a_colon():
    field = next(one for one in fields.MONTHLY if one.name == "meetings")
    with pytest.raises(Refusal, match="helt tal"):
        fields.read(field, "1:30")


def test_the_codes_of_a_rulebooks_activities_fit_their_column():
    text = JOBBPENG.read_text("utf-8")
    for wrong in ('code = "two words"', f'code = "{"x" * 300}"'):
        book = Book(text.replace('code = "language"', wrong))
        read_terms(book.root)
        assert any("activities" in str(fault) for fault in book.faults), book.faults
