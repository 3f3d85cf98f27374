"""A provider tells of an absence on a page, and sees what the person and the municipality say of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from core.audit import AuditEntry
from core.identity import Protection
from tests.provider.stage import MAY, Stage
from tests.support.town import noon
from vouchers import actions
from vouchers.models import Deviation, Report

FORM = {
    "happened_on": "2026-06-02",
    "activity": "Jobbsökarträff",
    "expected_from": "09:00",
    "expected_to": "11:00",
    "absent_from": "09:00",
    "absent_to": "10:30",
    "reason": "sick",
    "words": "Ringde på morgonen.",
}


@pytest.fixture
def leg_id(stage: Stage) -> int:
    """Somebody who has begun."""
    return stage.started("Amal Provlund")


@pytest.fixture
def coach(app, stage: Stage) -> FlaskClient:
    return stage.client(app, "handledare")


def told(stage: Stage) -> list[Deviation]:
    with stage.database.reading() as session:
        return list(session.scalars(select(Deviation).order_by(Deviation.id)))


def address(leg_id: int) -> str:
    return f"/provider/participants/{leg_id}/deviations"


def test_an_absence_is_told_listed_and_taken_back(stage: Stage, coach: FlaskClient, leg_id: int):
    assert address(leg_id) in coach.get(f"/provider/participants/{leg_id}").text
    assert "Ingen frånvaro är anmäld" in coach.get(address(leg_id)).text
    answer = coach.post(address(leg_id), data=FORM)
    assert (answer.status_code, answer.location) == (302, address(leg_id))
    page = coach.get(address(leg_id)).text
    for text in ("Frånvaron tisdag 2 juni är anmäld.", "Inte bedömd än", "09.00–10.30", "Sjuk"):
        assert text in page
    (row,) = told(stage)
    assert (row.absent_from, row.absent_to, row.via, row.is_late) == (540, 630, "page", False)
    assert coach.post(f"/provider/deviations/{row.id}/withdraw").location == address(leg_id)
    assert [one.state for one in told(stage)] == ["withdrawn"]
    assert coach.post(f"/provider/deviations/{row.id}/withdraw").status_code == 409


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"happened_on": "igår"}, "Skriv en dag, till exempel 2026-11-27."),
        ({"happened_on": "2026-06-04"}, "Dagen har inte varit än."),
        ({"happened_on": "2026-05-28"}, "Personen var inte hos er den dagen."),
        ({"activity": ""}, "Fyll i: Möte eller aktivitet"),
        ({"expected_to": "klockan elva"}, "Skriv ett klockslag, till exempel 09:30."),
        ({"expected_to": "08:00"}, "Sluttiden måste ligga efter starttiden."),
        ({"absent_to": "11:30"}, "Frånvaron måste ligga inom tiden"),
        ({"absent_to": "09:15"}, "Bara frånvaro som är längre än 15 minuter anmäls."),
        ({"reason": "semester"}, "Välj ett av svaren som finns."),
        ({"words": "x" * 1_001}, "Skriv högst 1000 tecken."),
        ({"activity": "\x00\x00"}, "Fyll i: Möte eller aktivitet"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    stage: Stage, coach: FlaskClient, leg_id: int, changes: dict[str, Any], says: str
):
    answer = coach.post(address(leg_id), data={**FORM, **changes})
    assert answer.status_code == 422
    assert says in answer.text
    if "words" not in changes:
        assert "Ringde på morgonen." in answer.text
    assert not told(stage)


def test_the_same_occasion_twice_is_said_to_be_known(stage: Stage, coach: FlaskClient, leg_id: int):
    coach.post(address(leg_id), data=FORM)
    again = coach.post(address(leg_id), data=FORM)
    assert again.status_code == 422
    assert "Frånvaron är redan anmäld" in again.text
    assert len(told(stage)) == 1


def test_somebody_who_has_not_begun_cannot_have_been_away(stage: Stage, coach: FlaskClient):
    leg_id = stage.accepted("Birk Exempelman")
    page = coach.get(address(leg_id)).text
    assert "Insatsen har inte startat" in page
    assert "<form" not in page.split("<main")[1].split("</main>")[0]
    assert coach.post(address(leg_id), data=FORM).status_code == 422


def test_the_municipalitys_words_are_read_and_the_persons_are_not(
    stage: Stage, coach: FlaskClient, leg_id: int
):
    town = stage.town
    coach.post(address(leg_id), data=FORM)
    (row,) = told(stage)
    with stage.database.transaction(1) as session:
        actions.judge_deviation(
            session, row.id, valid=False, note="Inget intyg kom.", by=town.guide, today=date(2026, 6, 3)
        )
    page = coach.get(address(leg_id)).text
    assert "Inte giltigt skäl" in page
    assert "Inget intyg kom." in page


def test_a_contested_month_is_marked_and_the_words_stay_with_the_guide(stage: Stage, app):
    town = stage.town
    with stage.database.transaction(1) as session:
        leg_id = town.started(session)
    stage.reported(leg_id, MAY)
    with stage.database.transaction(1) as session:
        report_id = session.scalars(select(Report.id)).one()
        answer = actions.answer_month(
            session, report_id, "contested", "Hemliga ord.", by=town.seeker, at=noon(date(2026, 6, 2))
        )
    coach = stage.client(app, "handledare")
    page = coach.get(f"/provider/participants/{leg_id}").text
    assert "Personen säger emot" in page
    assert "Hemliga ord" not in page
    with stage.database.transaction(1) as session:
        actions.judge_contest(
            session, answer.id, "wrong", "Listan visar tio.", by=town.guide, today=date(2026, 6, 3)
        )
    page = coach.get(f"/provider/participants/{leg_id}").text
    assert "Prövat: det var fel" in page
    assert "Listan visar tio." in page
    assert "Hemliga ord" not in page


def test_another_provider_finds_nothing(app, stage: Stage, coach: FlaskClient, leg_id: int):
    coach.post(address(leg_id), data=FORM)
    (row,) = told(stage)
    other = stage.client(app, "handledare2")
    assert other.get(address(leg_id)).status_code == 404
    assert other.post(address(leg_id), data=FORM).status_code == 404
    assert other.post(f"/provider/deviations/{row.id}/withdraw").status_code == 404
    assert coach.post("/provider/deviations/4000000000/withdraw").status_code == 404
    assert [one.state for one in told(stage)] == ["unjudged"]


def test_a_protected_persons_page_is_for_the_named_coach_and_noted(app, stage: Stage):
    leg_id = stage.started("Hemlig Person", protection=Protection.CONFIDENTIAL)
    assert stage.client(app, "handledare").get(address(leg_id)).status_code == 200
    with stage.database.transaction(1) as session:
        read = select(AuditEntry).where(AuditEntry.what == "participant.read")
        assert "provider.deviations" in session.scalars(read).all()[-1].details
