"""A guide reads a plan, an event or a final report, approves it or sends it back; it waits in the list."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core import dates
from core.database import Database
from tests.casework.conftest import Secret
from tests.support.town import Town
from vouchers import actions
from vouchers.models import WrittenReport
from vouchers.queries.cases import caseload


@pytest.fixture
def report_id(database: Database, town: Town, decided_on: date) -> int:
    """A joint plan that waits to be judged."""
    raw = {
        "met_on": decided_on.isoformat(),
        "goal": "Ett arbete i ett skolkök.",
        "activities": "guidance job_search",
        "minutes_a_week": "180",
        "adapted": "",
        "next_step": "Ringa tre skolkök.",
        "next_step_on": dates.today().isoformat(),
    }
    with database.transaction(town.municipality_id) as session:
        leg_id = town.started(session)
        return actions.submit_written(
            session, leg_id, "joint_plan", raw, by=town.coach, today=dates.today()
        ).id


def report(database: Database) -> WrittenReport:
    with database.reading() as session:
        return session.scalars(select(WrittenReport)).one()


def waiting(database: Database, town: Town) -> list[str]:
    with database.reading() as session:
        own = town.guide.account_id
        cases = caseload(session, 1, viewer_id=own, guide_id=own, today=dates.today())
    return [wait.kind for case in cases for wait in case.waits if case.voucher_id == town.voucher_id]


def test_it_waits_in_the_list_and_in_the_case(
    guide: FlaskClient, database: Database, town: Town, report_id: int
):
    assert "written_to_judge" in waiting(database, town)
    for address in ("/casework/", f"/casework/cases/{town.voucher_id}"):
        page = guide.get(address).text
        assert f"/casework/written/{report_id}" in page
        assert "Granska: gemensam planering" in page


def test_the_page_says_what_was_written_and_that_it_is_late(guide: FlaskClient, report_id: int):
    page = guide.get(f"/casework/written/{report_id}").text
    for said in ("Ett arbete i ett skolkök.", "Samtal och vägledning, söka arbete", "Efter sista dagen"):
        assert said in page, said


def test_a_guide_approves_once(guide: FlaskClient, database: Database, town: Town, report_id: int):
    answer = guide.post(f"/casework/written/{report_id}", data={"answer": "approve"})
    assert answer.location.endswith(f"/casework/cases/{town.voucher_id}")
    assert (report(database).state, report(database).judged_by) == ("approved", town.guide.account_id)
    again = guide.post(f"/casework/written/{report_id}", data={"answer": "approve"})
    assert (again.status_code, "Någon kan ha hunnit före" in again.text) == (422, True)
    assert "written_to_judge" not in waiting(database, town)
    page = guide.get(f"/casework/cases/{town.voucher_id}").text
    assert "En rapport godkändes: gemensam planering." in page


def test_it_goes_back_with_a_comment_and_never_without(
    guide: FlaskClient, database: Database, report_id: int
):
    page = f"/casework/written/{report_id}"
    empty = guide.post(page, data={"answer": "return", "comment": "  "})
    assert (empty.status_code, "Skriv vad som behöver ändras." in empty.text) == (422, True)
    assert report(database).state == "submitted"
    assert guide.post(page, data={"answer": "return", "comment": "Skriv målet."}).status_code == 302
    assert (report(database).state, report(database).comment) == ("returned", "Skriv målet.")
    assert "Skriv målet." in guide.get(page).text


def test_an_inspector_reads_and_cannot_judge(inspector: FlaskClient, database: Database, report_id: int):
    page = inspector.get(f"/casework/written/{report_id}").text
    assert "Ett arbete i ett skolkök." in page
    assert "Spara bedömningen" not in page
    assert inspector.post(f"/casework/written/{report_id}", data={"answer": "approve"}).status_code == 403
    assert report(database).state == "submitted"


def test_a_protected_persons_is_for_the_own_guide(
    app: Flask, guide: FlaskClient, database: Database, town: Town, secret: Secret
):
    today = dates.today()
    with database.transaction(town.municipality_id) as session:
        at = dates.noon(today)
        leg = actions.choose(session, secret.voucher_id, town.provider_id, {}, by=secret.guide, at=at)
        actions.accept(session, leg.id, by=town.manager, today=today)
        actions.start(session, leg.id, today, by=town.manager, today=today)
        raw = {"happened_on": today.isoformat(), "what": "Hemligt.", "proposal": ""}
        told = actions.submit_written(session, leg.id, "informative", raw, by=town.manager, today=today)
    answer = guide.get(f"/casework/written/{told.id}")
    assert (answer.status_code, "Hemligt." in answer.text) == (403, False)
    refused = guide.post(f"/casework/written/{told.id}", data={"answer": "approve"})
    assert refused.status_code == 403
    assert report(database).state == "submitted"
    assert guide.get("/casework/written/4000000000").status_code == 404
