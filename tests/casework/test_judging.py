"""Reports are approved or returned, results are found to stand or not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from babel.dates import format_date
from flask.testing import FlaskClient
from sqlalchemy import select

from core import dates
from core.database import Database
from core.dates import add_months, first_of_month
from tests.support.town import Town
from vouchers import actions
from vouchers.models import Check, Outcome, Report


@pytest.fixture
def month() -> date:
    """The month before this one."""
    return first_of_month(add_months(dates.today(), -1))


@pytest.fixture
def report_id(database: Database, town: Town, month: date) -> int:
    """A report that waits to be judged, and an approved one before it."""
    with database.transaction(town.municipality_id) as session:
        leg_id = town.started(session)
        town.reported(session, leg_id, add_months(month, -1))
        return town.reported(session, leg_id, month, approved=False)


def state_of(database: Database, report_id: int) -> Report:
    with database.reading() as session:
        return session.scalars(select(Report).where(Report.id == report_id)).one()


def test_the_report_says_what_a_yes_makes_payable(guide: FlaskClient, report_id: int):
    page = guide.get(f"/casework/reports/{report_id}").text.replace("\xa0", " ")
    assert "kan betalas" in page
    assert "Grundersättning för månaden: 3 686 kr" in page
    assert "Månaden före" in page


def test_a_guide_approves(guide: FlaskClient, database: Database, town: Town, report_id: int):
    answer = guide.post(f"/casework/reports/{report_id}", data={"answer": "approve"})
    assert answer.location.endswith(f"/casework/cases/{town.voucher_id}")
    report = state_of(database, report_id)
    assert (report.state, report.judged_by) == ("approved", town.guide.account_id)
    again = guide.post(f"/casework/reports/{report_id}", data={"answer": "approve"})
    assert again.status_code == 422
    assert "Någon kan ha hunnit före" in again.text


def test_a_report_goes_back_with_a_comment(guide: FlaskClient, database: Database, report_id: int):
    data = {"answer": "return", "comment": "Skriv vilka jobb."}
    assert guide.post(f"/casework/reports/{report_id}", data=data).status_code == 302
    report = state_of(database, report_id)
    assert (report.state, report.comment) == ("returned", "Skriv vilka jobb.")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"answer": "return", "comment": "  "}, "Skriv vad som behöver ändras"),
        ({"comment": "Jag skrev detta."}, "Välj om du godkänner eller skickar tillbaka"),
        ({"answer": "burn", "comment": "Jag skrev detta."}, "Välj om du godkänner eller skickar tillbaka"),
    ],
)
def test_half_a_judgement_is_none_and_loses_nothing(guide, database, report_id, data, sentence):
    answer = guide.post(f"/casework/reports/{report_id}", data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert data["comment"].strip() in answer.text
    assert state_of(database, report_id).state == "submitted"


def test_an_inspector_reads_but_does_not_approve(inspector: FlaskClient, database: Database, report_id: int):
    page = inspector.get(f"/casework/reports/{report_id}")
    assert page.status_code == 200
    assert "Spara bedömningen" not in page.text
    assert inspector.post(f"/casework/reports/{report_id}", data={"answer": "approve"}).status_code == 403
    assert state_of(database, report_id).state == "submitted"


# ── results ──────────────────────────────────────────────────────────────────────────────────────


def claimed(database: Database, town: Town, back_days: int = 3) -> int:
    """A check that is due since then, of studies claimed today."""
    today = dates.today()
    with database.transaction(town.municipality_id) as session:
        leg_id = town.started(session)
        begins = today - timedelta(days=back_days)
        form = actions.OutcomeForm("studies", begins, begins, 100)
        actions.claim_outcome(session, leg_id, form, by=town.coach, today=today)
        return session.scalars(select(Check.id)).one()


def test_a_result_stands_on_a_named_source(inspector: FlaskClient, database: Database, town: Town):
    check_id = claimed(database, town)
    page = inspector.get(f"/casework/checks/{check_id}").text.replace("\xa0", " ")
    assert "10 000 kr" in page
    assert "Exempelbelopp" in page
    data = {"answer": "pass", "source": "study_certificate"}
    assert inspector.post(f"/casework/checks/{check_id}", data=data).status_code == 302
    with database.reading() as session:
        check = session.scalars(select(Check).where(Check.id == check_id)).one()
        assert (check.state, check.source, check.judged_by) == (
            "passed",
            "study_certificate",
            town.inspector.account_id,
        )
        assert session.scalars(select(Outcome.state)).one() == "verified"
    assert "Godkänt" in inspector.get(f"/casework/checks/{check_id}").text


def test_a_result_that_does_not_stand_has_a_reason(guide: FlaskClient, database: Database, town: Town):
    check_id = claimed(database, town)
    assert (
        guide.post(f"/casework/checks/{check_id}", data={"answer": "fail", "code": "no_evidence"}).status_code
        == 302
    )
    assert "Underlag saknas" in guide.get(f"/casework/checks/{check_id}").text.replace("underlag", "Underlag")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"answer": "pass", "code": "no_evidence"}, "Ange vilket underlag du har sett"),
        ({"answer": "fail", "source": "payslip"}, "Ange varför det inte godkänns"),
        ({"answer": "pass", "source": "a good feeling"}, "Ange vilket underlag du har kontrollerat"),
        ({"answer": "fail", "code": "mood"}, "Ange varför resultatet inte godkänns"),
        ({}, "Välj om du godkänner eller inte"),
    ],
)
def test_a_judgement_without_its_ground_is_none(guide, database, town, data, sentence):
    check_id = claimed(database, town)
    answer = guide.post(f"/casework/checks/{check_id}", data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    with database.reading() as session:
        assert session.scalars(select(Check.state)).one() == "due"


def test_nothing_is_judged_before_its_day(guide: FlaskClient, database: Database, town: Town):
    check_id = claimed(database, town)
    guide.post(f"/casework/checks/{check_id}", data={"answer": "pass", "source": "study_certificate"})
    with database.reading() as session:
        bonus = session.scalars(select(Check).where(Check.purpose == "bonus")).one()
    page = guide.get(f"/casework/checks/{bonus.id}")
    assert page.status_code == 200
    assert "Kan inte prövas än" in page.text
    assert str(bonus.due_on.year) in page.text
    assert "Spara bedömningen" not in page.text
    answer = guide.post(f"/casework/checks/{bonus.id}", data={"answer": "pass", "source": "payslip"})
    assert answer.status_code == 422
    said = format_date(bonus.due_on, "EEEE d MMMM", locale="sv")
    assert f"Det kan prövas tidigast {said}" in answer.text
    assert f"/casework/checks/{bonus.id}" not in guide.get(f"/casework/cases/{town.voucher_id}").text


def test_a_result_that_was_taken_back_cannot_be_judged(guide: FlaskClient, database: Database, town: Town):
    check_id = claimed(database, town)
    with database.transaction(town.municipality_id) as session:
        outcome_id = session.scalars(select(Outcome.id)).one()
        actions.withdraw_outcome(session, outcome_id, by=town.coach, today=dates.today())
    assert "Resultatet gäller inte längre" in guide.get(f"/casework/checks/{check_id}").text
    data = {"answer": "pass", "source": "study_certificate"}
    assert guide.post(f"/casework/checks/{check_id}", data=data).status_code == 422
