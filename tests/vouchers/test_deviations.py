"""An absence is told one row an occasion, by the person's own provider, and judged by another person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.audit import AuditEntry
from core.refusal import Forbidden, Missing
from tests.support.refusing import refused, refused_by_the_database
from tests.support.town import Town
from tests.vouchers.test_rules import TERMS, Case, as_told, cases
from vouchers import actions
from vouchers.actions import DeviationForm
from vouchers.models import Deviation
from vouchers.rules import deviations, fields
from vouchers.rules.pauses import Span
from vouchers.rules.terms import Terms

DAY = date(2026, 3, 18)
FORM = DeviationForm(DAY, "Jobbsökarträff", 540, 660, 540, 600, "sick", "Hörde av sig på förmiddagen.")


def rules(case: Case) -> Terms:
    """The rulebook, with what the case says of being late, or without the chapter."""
    if case.get("mode") == "none":
        return replace(TERMS, reports=None)
    assert TERMS.reports
    return replace(TERMS, reports=replace(TERMS.reports, late=case.get("mode", TERMS.reports.late)))


@cases("deviations")
def test_what_may_be_told_and_when_it_is_late(case: Case):
    terms = rules(case)
    with as_told(case):
        deviations.may_tell(
            happened_on=case["happened"],
            started_on=case.get("started", date(2026, 3, 16)) or None,
            ended_on=case.get("ended"),
            paused=[Span(days[0], days[1] if len(days) > 1 else None) for days in case.get("pauses", ())],
            terms=terms,
            today=case["today"],
        )
    if "late" in case:
        assert deviations.is_late(case["happened"], terms, case["today"]) is case["late"]


@cases("absences")
def test_what_the_times_must_say_together(case: Case):
    clock = fields.Field("time", "time", "")
    names = ("expected_from", "expected_to", "absent_from", "absent_to")
    times = [fields.read(clock, text) for text in case["booked"] + case["away"]]
    told = {**dict(zip(names, times, strict=True)), "happened_on": DAY}
    assert list(fields.together("deviation", told, TERMS)) == case["faults"]


@pytest.fixture
def leg_id(session: Session, town: Town) -> int:
    """The seeker has started at the first provider."""
    return town.started(session)


def tell(session: Session, town: Town, leg_id: int, **changes: object) -> Deviation:
    form = replace(FORM, **changes)  # type: ignore[arg-type]  # a test may say wrong things
    return actions.tell_deviation(session, leg_id, form, by=town.coach, today=date(2026, 3, 19))


def test_what_is_told_waits_for_a_guide_and_the_trail_keeps_no_words(session: Session, town: Town, leg_id):
    found = tell(session, town, leg_id)
    assert (found.state, found.is_late, found.via, found.reported_by) == (
        "unjudged", False, "page", town.coach.account_id,
    )  # fmt: skip
    entry = session.scalars(select(AuditEntry).where(AuditEntry.what == "deviation.told")).one()
    assert entry.subject_id == found.id
    assert "Hörde" not in entry.details
    assert "sick" not in entry.details


def test_one_occasion_is_told_once_until_it_is_taken_back(session: Session, town: Town, leg_id):
    first = tell(session, town, leg_id)
    with refused("deviation_exists"):
        tell(session, town, leg_id, absent_to=590)
    tell(session, town, leg_id, expected_from=600, absent_from=610, absent_to=660)
    actions.withdraw_deviation(session, first.id, by=town.coach, today=DAY)
    again = tell(session, town, leg_id, absent_to=590)
    assert again.id != first.id
    with refused("deviation_step_not_possible"):
        actions.withdraw_deviation(session, first.id, by=town.coach, today=DAY)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"absent_to": 555}, "absence_short"),
        ({"absent_to": 700}, "absent_outside"),
        ({"happened_on": date(2026, 3, 20)}, "deviation_in_future"),
    ],
)
def test_the_rules_are_asked(session: Session, town: Town, leg_id, changes: dict[str, object], code: str):
    with refused(code):
        tell(session, town, leg_id, **changes)


def test_only_the_persons_own_provider_tells_and_takes_back(session: Session, town: Town, leg_id):
    found = tell(session, town, leg_id)
    for by in (town.other_coach, town.seeker, town.guide):
        with pytest.raises(Forbidden):
            actions.tell_deviation(session, leg_id, replace(FORM, expected_from=500), by=by, today=DAY)
    for by in (town.other_coach, town.seeker):
        with pytest.raises(Forbidden):
            actions.withdraw_deviation(session, found.id, by=by, today=DAY)
    with pytest.raises(Missing):
        actions.withdraw_deviation(session, 4_000_000_000, by=town.coach, today=DAY)


def test_a_guide_judges_once_and_says_why_a_reason_is_not_enough(session: Session, town: Town, leg_id):
    first, second = tell(session, town, leg_id), tell(session, town, leg_id, happened_on=date(2026, 3, 17))
    actions.judge_deviation(session, first.id, valid=True, by=town.guide, today=DAY)
    with refused("note_missing"):
        actions.judge_deviation(session, second.id, valid=False, note=" ", by=town.guide, today=DAY)
    actions.judge_deviation(session, second.id, valid=False, note="Inget intyg.", by=town.guide, today=DAY)
    assert (first.state, second.state, second.note) == ("valid", "not_valid", "Inget intyg.")
    with refused("deviation_step_not_possible"):
        actions.judge_deviation(session, first.id, valid=False, note="Nej.", by=town.guide, today=DAY)
    for by in (town.coach, town.manager, town.seeker):
        with pytest.raises(Forbidden):
            actions.judge_deviation(session, first.id, valid=True, by=by, today=DAY)


def test_the_database_keeps_one_row_an_occasion_as_it_was_told(session: Session, town: Town, leg_id):
    found = tell(session, town, leg_id)
    session.flush()
    here = update(Deviation).where(Deviation.id == found.id)
    refused_by_the_database(session, "as it was told", here.values(absent_to=650))
    refused_by_the_database(
        session,
        "another_person_judged",
        here.values(state="valid", judged_by=town.coach.account_id, judged_on=DAY),
    )
