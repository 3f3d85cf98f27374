"""A guide finds what people contest and what is not judged, and judges it with the money in sight."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from core import dates
from core.database import Database
from core.identity import Protection
from tests.support.town import Town, noon
from vouchers import actions
from vouchers.models import AttendanceAnswer, Deviation, Report


@pytest.fixture
def leg_id(database: Database, town: Town) -> int:
    """The seeker has begun, two months ago."""
    with database.transaction(1) as session:
        return town.started(session)


@pytest.fixture
def answer_id(database: Database, town: Town, leg_id: int) -> int:
    """The first month is approved, and the person says that it is wrong."""
    with database.transaction(1) as session:
        month = dates.first_of_month(town.decided_on)
        report_id = town.reported(session, leg_id, month)
        at = noon(dates.last_of_month(month))
        return actions.answer_month(
            session, report_id, "contested", "Jag var där i tio dagar.", by=town.seeker, at=at
        ).id


@pytest.fixture
def deviation_id(database: Database, town: Town, leg_id: int) -> int:
    """Away one morning."""
    form = actions.DeviationForm(
        town.decided_on, "Jobbsökarträff", 540, 660, 540, 600, "other", "Tandläkare."
    )
    with database.transaction(1) as session:
        return actions.tell_deviation(session, leg_id, form, by=town.coach, today=town.decided_on).id


def test_both_wait_in_the_guides_day_and_in_lists_of_their_own(
    guide: FlaskClient, answer_id: int, deviation_id: int
):
    day = guide.get("/casework/?waits=attendance").text
    assert f"/casework/contests/{answer_id}" in day
    assert f"/casework/deviations/{deviation_id}" in day
    listed = guide.get("/casework/contests").text
    assert f"/casework/contests/{answer_id}" in listed
    assert "Närvaron i" in listed
    listed = guide.get("/casework/deviations").text
    assert f"/casework/deviations/{deviation_id}" in listed
    assert "Annat skäl" in listed


def test_an_empty_list_says_what_will_come(guide: FlaskClient, leg_id: int):
    assert "Ingen säger emot" in guide.get("/casework/contests").text
    assert "Ingen frånvaro väntar" in guide.get("/casework/deviations?whose=all&page=99").text


def test_an_absence_is_judged_once(guide: FlaskClient, database: Database, town: Town, deviation_id: int):
    address = f"/casework/deviations/{deviation_id}"
    page = guide.get(address).text
    assert "Tandläkare." in page
    missing = guide.post(address, data={"answer": "not_valid", "note": " "})
    assert missing.status_code == 422
    assert "Skriv varför skälet inte räcker." in missing.text
    assert guide.post(address, data={}).status_code == 422
    done = guide.post(address, data={"answer": "not_valid", "note": "Tiden gick att flytta."})
    assert done.location == f"/casework/cases/{town.voucher_id}"
    with database.reading() as session:
        found = session.get_one(Deviation, (1, deviation_id))
        assert (found.state, found.note) == ("not_valid", "Tiden gick att flytta.")
    page = guide.get(address).text
    assert "Spara bedömningen" not in page
    assert "Tiden gick att flytta." in page
    assert guide.post(address, data={"answer": "valid"}).status_code == 422
    case = guide.get(f"/casework/cases/{town.voucher_id}").text
    assert "Inte giltigt skäl" in case
    assert "En frånvaro bedömdes: skälet var inte giltigt." in case


def test_a_contest_is_read_beside_what_was_told_and_judged(
    guide: FlaskClient, database: Database, town: Town, answer_id: int
):
    address = f"/casework/contests/{answer_id}"
    page = guide.get(address).text
    for text in ("Jag var där i tio dagar.", "22 timmar", "väntar på ditt svar", "Rapporten tas tillbaka."):
        assert text in page, text
    with database.reading() as session:
        report_id = session.scalars(select(Report.id)).one()
    assert f'href="{address}"' in guide.get(f"/casework/reports/{report_id}").text
    empty = guide.post(address, data={"verdict": "wrong", "reasons": ""})
    assert empty.status_code == 422
    assert "Skriv varför." in empty.text
    done = guide.post(address, data={"verdict": "wrong", "reasons": "Listan visar tio dagar."})
    assert done.location == f"/casework/cases/{town.voucher_id}"
    with database.reading() as session:
        assert session.get_one(Report, (1, report_id)).state == "withdrawn"
    page = guide.get(address).text
    assert "Listan visar tio dagar." in page
    assert "Spara bedömningen" not in page
    again = guide.post(address, data={"verdict": "stands", "reasons": "Nej."})
    assert again.status_code == 422
    assert "Det är redan avgjort" in again.text
    case = guide.get(f"/casework/cases/{town.voucher_id}").text
    assert "Kommunen prövade: det anordnaren hade skrivit var fel." in case
    assert "Personen sa emot det som anordnaren har skrivit." in case


def test_an_inspector_reads_and_does_not_judge(
    inspector: FlaskClient, database: Database, answer_id: int, deviation_id: int
):
    for address, data in (
        (f"/casework/contests/{answer_id}", {"verdict": "stands", "reasons": "Ja."}),
        (f"/casework/deviations/{deviation_id}", {"answer": "valid"}),
    ):
        page = inspector.get(address).text
        assert "Väntar på vägledarens bedömning" in page
        assert "Spara bedömningen" not in page
        assert inspector.post(address, data=data).status_code == 403
    with database.reading() as session:
        assert session.get_one(AttendanceAnswer, (1, answer_id)).verdict is None
        assert session.get_one(Deviation, (1, deviation_id)).state == "unjudged"


def test_what_nobody_has_said_is_not_there(guide: FlaskClient, leg_id: int):
    for address in ("/casework/contests/4000000000", "/casework/deviations/4000000000"):
        assert guide.get(address).status_code == 404
        assert guide.post(address, data={}).status_code == 404


def test_a_protected_persons_are_for_the_own_guide_alone(
    database: Database,
    town: Town,
    sign_in: Callable[[str], FlaskClient],
    answer_id: int,
    deviation_id: int,
    decided_on: date,
):
    with database.transaction(1) as session:
        actions.set_protection(session, town.participant_id, Protection.CONFIDENTIAL, by=town.guide)
    inspector, guide = sign_in("granskare"), sign_in("vagledare")
    for listed in ("/casework/contests", "/casework/deviations"):
        assert "Jag var där" not in inspector.get(listed).text
        assert f"{answer_id}" not in inspector.get(listed).text
        assert f"{deviation_id}" not in inspector.get(listed).text
        assert "Skyddad" in guide.get(listed).text
    for address in (f"/casework/contests/{answer_id}", f"/casework/deviations/{deviation_id}"):
        answer = inspector.get(address)
        assert answer.status_code == 403
        assert "Jag var där" not in answer.text
        assert guide.get(address).status_code == 200
