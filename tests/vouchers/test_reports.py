"""A month's report: handed in once, returned and mended, approved by another person, taken back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.database import fetch, new_id, part_of
from core.refusal import Forbidden
from tests.support.refusing import refused, refused_by_the_database
from tests.support.town import Town, report_form
from vouchers import actions
from vouchers.models import Report

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
TODAY = date(2026, 4, 1)


def submitted(session: Session, town: Town) -> Report:
    leg_id = town.started(session)
    return actions.submit_report(session, leg_id, report_form(MARCH), by=town.coach, today=TODAY)


def columns(report: Report) -> dict[str, object]:
    return {column.name: getattr(report, column.name) for column in Report.__table__.columns}


def test_a_second_report_for_the_same_month_is_refused_and_the_first_one_is_intact(
    town: Town, session: Session
):
    first = submitted(session, town)
    session.flush()
    before = columns(first)
    other = report_form(MARCH, activity_minutes=1, meetings=0, physical_meetings=0, progress="Annat.")
    for by in (town.coach, town.manager):
        with refused("report_exists"):
            actions.submit_report(session, first.leg_id, other, by=by, today=TODAY)
    actions.approve_report(session, first.id, by=town.guide, today=TODAY)
    with refused("report_exists"):
        actions.submit_report(session, first.leg_id, other, by=town.coach, today=TODAY)
    session.flush()
    session.expire_all()
    (kept,) = session.scalars(select(Report))
    changed = {"state": "approved", "judged_by": town.guide.account_id, "judged_on": TODAY}
    changed["updated_at"] = kept.updated_at
    assert columns(kept) == {**before, **changed}


def test_any_day_of_the_month_means_the_month(town: Town, session: Session):
    first = submitted(session, town)
    with refused("report_exists"):
        form = report_form(date(2026, 3, 17))
        actions.submit_report(session, first.leg_id, form, by=town.coach, today=TODAY)


def test_the_database_keeps_one_living_report_a_month(town: Town, session: Session):
    first = submitted(session, town)
    session.flush()
    again = {**columns(first), "id": new_id()}
    with pytest.raises(IntegrityError), part_of(session):
        session.execute(insert(Report).values(again))
    session.execute(insert(Report).values({**again, "state": "withdrawn"}))  # a withdrawn one is kept beside


@pytest.mark.parametrize(
    ("today", "late"), [("2026-03-31", False), ("2026-04-09", False), ("2026-04-10", True)]
)
def test_a_report_after_its_due_day_is_late(town: Town, session: Session, today: str, late: bool):
    leg_id = town.started(session)
    report = actions.submit_report(
        session, leg_id, report_form(MARCH), by=town.coach, today=date.fromisoformat(today)
    )
    assert report.is_late is late


@pytest.mark.parametrize(
    ("month", "code"),
    [
        ("2026-02-01", "report_outside_service"),
        ("2026-04-01", "report_too_early"),
        ("2026-05-01", "report_in_future"),
    ],
)
def test_a_month_that_cannot_be_reported_stores_nothing(town: Town, session: Session, month: str, code: str):
    leg_id = town.started(session)
    with refused(code):
        form = report_form(date.fromisoformat(month))
        actions.submit_report(session, leg_id, form, by=town.coach, today=date(2026, 4, 10))
    assert session.query(Report).count() == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"activity_minutes": -1}, "number_outside"),
        ({"activity_minutes": 31 * 24 * 60 + 1}, "number_outside"),
        ({"physical_meetings": 5}, "meetings_wrong"),
        ({"physical_meetings": -1}, "number_outside"),
        ({"meetings": 501}, "number_outside"),
        ({"progress": " "}, "field_missing"),
        ({"next_step": "\n"}, "field_missing"),
        ({"activities": ()}, "field_missing"),
        ({"activities": ("singing",)}, "choice_wrong"),
        ({"against_plan": "well"}, "choice_wrong"),
        ({"booked_minutes": 1_199}, "attended_more_than_booked"),
        ({"physical_minutes": 1_201}, "physical_more_than_all"),
        ({"progress": "x" * 4_001}, "text_long"),
        ({"next_step_on": date(2026, 2, 28)}, "next_step_past"),
    ],
)
def test_a_report_that_cannot_be_true_is_refused(
    town: Town, session: Session, changes: dict[str, object], code: str
):
    leg_id = town.started(session)
    with refused(code):
        form = report_form(MARCH, **changes)
        actions.submit_report(session, leg_id, form, by=town.coach, today=TODAY)
    assert session.query(Report).count() == 0


def test_a_returned_report_is_mended_and_judged_anew(town: Town, session: Session):
    report = submitted(session, town)
    with refused("comment_missing"):
        actions.return_report(session, report.id, "  ", by=town.guide, today=TODAY)
    actions.return_report(session, report.id, "Skriv mer om mötena.", by=town.guide, today=TODAY)
    assert (report.state, report.comment) == ("returned", "Skriv mer om mötena.")
    with refused("report_step_not_possible"):
        actions.approve_report(session, report.id, by=town.guide, today=TODAY)
    later = TODAY + timedelta(days=2)
    mended = actions.submit_report(
        session,
        report.leg_id,
        report_form(MARCH, progress="Fyra möten hos oss."),
        by=town.manager,
        today=later,
    )
    assert mended.id == report.id
    assert (mended.state, mended.progress, mended.submitted_on) == ("submitted", "Fyra möten hos oss.", later)
    assert (mended.judged_by, mended.judged_on) == (None, None)
    actions.approve_report(session, report.id, by=town.guide, today=later)
    assert report.state == "approved"


@pytest.mark.parametrize("who", ["coach", "manager", "other_coach", "seeker", "inspector", "maker", "signer"])
def test_only_a_guide_approves_or_returns(town: Town, session: Session, who: str):
    report = submitted(session, town)
    by = getattr(town, who)
    with pytest.raises(Forbidden):
        actions.approve_report(session, report.id, by=by, today=TODAY)
    with pytest.raises(Forbidden):
        actions.return_report(session, report.id, "Nej.", by=by, today=TODAY)


def test_the_database_refuses_approval_by_the_one_who_reported_and_by_nobody(town: Town, session: Session):
    report = submitted(session, town)
    session.flush()
    this = update(Report).where(Report.id == report.id)
    own = this.values(state="approved", judged_by=report.submitted_by, judged_on=TODAY)
    refused_by_the_database(session, "another_person_approved", own)
    refused_by_the_database(session, "a_person_approved", this.values(state="approved"))
    session.execute(this.values(state="approved", judged_by=town.guide.account_id, judged_on=TODAY))


def test_a_report_is_taken_back_and_a_new_one_may_come(town: Town, session: Session):
    report = submitted(session, town)
    actions.approve_report(session, report.id, by=town.guide, today=TODAY)
    actions.withdraw_report(session, report.id, by=town.manager, today=TODAY)
    assert (report.state, report.withdrawn_by) == ("withdrawn", town.manager.account_id)
    with refused("report_step_not_possible"):
        actions.withdraw_report(session, report.id, by=town.manager, today=TODAY)
    again = actions.submit_report(session, report.leg_id, report_form(MARCH), by=town.coach, today=TODAY)
    assert again.id != report.id
    actions.withdraw_report(session, again.id, by=town.guide, today=TODAY)
    with pytest.raises(Forbidden):
        actions.withdraw_report(session, again.id, by=town.maker, today=TODAY)
    assert fetch(session, Report, 1, report.id).progress == report_form(MARCH).progress
