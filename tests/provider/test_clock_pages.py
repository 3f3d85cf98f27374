"""The pages of meetings, of coaches and of what the contract asks: to a provider, and to the municipality."""

from __future__ import annotations

import html
import re
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core.identity import Protection
from providers.models import ProviderMember
from tests.provider.stage import Stage, full_week
from tests.provider.test_clock import held
from vouchers.models import Leg, Occasion

BEGAN = date(2026, 5, 4)
GOOD = {
    "kind": "individual",
    "held_on": "2026-06-02",
    "started": "09:30",
    "minutes": "45",
    "is_physical": "y",
}


@pytest.fixture
def coach(app: Flask, stage: Stage) -> FlaskClient:
    return stage.client(app, "handledare")


@pytest.fixture
def manager(app: Flask, stage: Stage) -> FlaskClient:
    return stage.client(app, "chef")


def text(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)))


def rows(stage: Stage) -> list[Occasion]:
    with stage.database.reading() as session:
        return list(session.scalars(select(Occasion).order_by(Occasion.id)))


def test_a_meeting_is_written_down_and_taken_back(stage: Stage, coach: FlaskClient):
    leg_id = stage.started("Amal Provlund", day=BEGAN)
    address = f"/provider/participants/{leg_id}/occasions"
    assert "Inget är uppskrivet än" in text(coach, address)
    answer = coach.post(address, data=GOOD)
    assert (answer.status_code, answer.location) == (302, address)
    (row,) = rows(stage)
    assert (row.held_on, row.started, row.kind, row.is_physical, row.minutes) == (
        date(2026, 6, 2), 570, "individual", True, 45,
    )  # fmt: skip
    page = text(coach, address)
    assert "tisdag 2 juni kl. 09.30" in page
    assert "Individuellt möte: senast tisdag 16 juni" in page
    answer = coach.post(f"/provider/occasions/{row.id}/withdraw")
    assert (answer.status_code, answer.location) == (302, address)
    assert "Inget är uppskrivet än" in text(coach, address)
    assert coach.post(f"/provider/occasions/{row.id}/withdraw").status_code == 409


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"held_on": "2026-06-04"}, "Dagen har inte varit än."),
        ({"held_on": "2026-05-03"}, "Personen var inte hos er den dagen."),
        ({"held_on": "i tisdags"}, "Skriv en dag, till exempel 2026-11-27."),
        ({"started": "halv tio"}, "Skriv ett klockslag, till exempel 09:30."),
        ({"minutes": "en timme"}, "Skriv ett helt tal med siffror"),
        ({"minutes": "0"}, "Skriv ett tal från 1 till 1440."),
        ({"started": "23:30"}, "Tillfället måste sluta samma dag"),
        ({"kind": "holiday"}, "Välj ett av svaren som finns."),
        ({"kind": None}, "Fyll i: Vad var det?"),
        ({"minutes": "9" * 400}, "Skriv ett helt tal med siffror"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(stage: Stage, coach: FlaskClient, change, says):
    leg_id = stage.started("Amal Provlund", day=BEGAN)
    data = {name: value for name, value in {**GOOD, **change}.items() if value is not None}
    answer = coach.post(f"/provider/participants/{leg_id}/occasions", data=data)
    assert answer.status_code == 422
    assert says in html.unescape(answer.text)
    for name in ("held_on", "started", "minutes"):
        assert f'value="{data[name]}"' in answer.text, name
    assert not rows(stage)


def test_the_same_time_twice_is_refused_with_a_sentence(stage: Stage, coach: FlaskClient):
    leg_id = stage.started("Amal Provlund", day=BEGAN)
    address = f"/provider/participants/{leg_id}/occasions"
    coach.post(address, data=GOOD)
    answer = coach.post(address, data={**GOOD, "started": "10:00"})
    assert answer.status_code == 422
    assert "Personen var redan med på något den tiden." in html.unescape(answer.text)
    assert len(rows(stage)) == 1


def test_of_others_people_nothing_is_seen_or_changed(stage: Stage, app: Flask, coach: FlaskClient):
    leg_id = stage.started("Amal Provlund", day=BEGAN)
    occasion_id = held(stage, leg_id, date(2026, 6, 1))
    other = stage.client(app, "handledare2")
    address = f"/provider/participants/{leg_id}/occasions"
    assert other.get(address).status_code == 404
    assert other.post(address, data=GOOD).status_code == 404
    assert other.post(f"/provider/occasions/{occasion_id}/withdraw").status_code == 404
    assert other.post("/provider/occasions/4000000000/withdraw").status_code == 404
    assert [row.withdrawn_on for row in rows(stage)] == [None]
    assert "Provlund" not in other.get("/provider/caseload").text


def test_somebody_who_has_not_begun_has_no_meetings_to_write_down(stage: Stage, coach: FlaskClient):
    leg_id = stage.accepted("Amal Provlund")
    page = text(coach, f"/provider/participants/{leg_id}/occasions")
    assert "Registrera starten först." in page
    answer = coach.post(f"/provider/participants/{leg_id}/occasions", data=GOOD)
    assert answer.status_code == 422
    assert not rows(stage)


# ── the week ──────────────────────────────────────────────────────────────────────────────────────


def test_the_week_shows_meetings_and_what_the_rest_gives(stage: Stage, coach: FlaskClient):
    leg_id = stage.started("Amal Provlund", day=BEGAN)
    page = text(coach, "/provider/")
    assert "Träffa Amal Provlund" in page
    assert "Individuellt möte: skulle ha varit senast måndag 18 maj" in page
    assert "Gör en gemensam planering med Amal Provlund" in page
    assert "För en deltagare är ett krav missat." in page
    assert f"/provider/participants/{leg_id}/written/joint_plan" in coach.get("/provider/").text
    assert re.search(r"Rapportera maj 2026: Amal Provlund\s+ger [\d\s,]+kr", page)
    assert "ger ingen ersättning" not in page


def test_the_week_is_sifted_by_kind_and_by_whose(stage: Stage, coach: FlaskClient, manager: FlaskClient):
    full_week(stage)
    everything = text(coach, "/provider/")
    meetings = text(coach, "/provider/?group=meetings")
    assert "Träffa" in meetings
    assert "Rapportera maj" not in meetings
    assert "Rapportera maj" in everything
    assert "Inget sådant att göra just nu" in text(manager, "/provider/?group=meetings&whose=mine")
    mine = text(manager, "/provider/?whose=mine")
    assert "Träffa" not in mine
    assert "Inget att göra just nu" in mine
    assert text(coach, "/provider/?group=nonsense&whose=nonsense")


def test_a_persons_page_shows_the_same_requirements(stage: Stage, app: Flask, coach: FlaskClient):
    leg_id = stage.started("Amal Provlund", day=BEGAN)
    held(stage, leg_id, date(2026, 5, 28), minutes=60)
    guide = stage.client(app, "vagledare")
    wanted = "senast torsdag 11 juni (6 arbetsdagar kvar)"
    assert f"Individuellt möte: {wanted}" in text(coach, f"/provider/participants/{leg_id}")
    assert f"Individuellt möte: {wanted}" in text(coach, f"/provider/participants/{leg_id}/occasions")
    for page in (text(coach, "/provider/caseload"), text(guide, "/casework/clock")):
        assert "Amal Provlund" in page
        assert "20 av minst 60" not in page
        assert "0 av minst 60 minuter, senast söndag 7 juni" in page


# ── coaches ───────────────────────────────────────────────────────────────────────────────────────


def test_a_manager_says_how_much_a_coach_works_and_a_coach_does_not(
    stage: Stage, coach: FlaskClient, manager: FlaskClient
):
    account_id = stage.town.coach.account_id
    assert 'name="percent"' not in coach.get("/provider/caseload").text
    assert coach.post("/provider/caseload", data={"account": account_id, "percent": "50"}).status_code == 403
    assert (
        manager.post("/provider/caseload", data={"account": account_id, "percent": "50"}).status_code == 302
    )
    with stage.database.reading() as session:
        assert session.get_one(ProviderMember, (1, account_id)).percent == 50
    for wrong in ("0", "101", "mycket", ""):
        answer = manager.post("/provider/caseload", data={"account": account_id, "percent": wrong})
        assert answer.status_code == 422, wrong
        assert f'value="{wrong}"' in answer.text
    for other in (stage.town.other_coach.account_id, stage.town.guide.account_id, "x", "9" * 30):
        answer = manager.post("/provider/caseload", data={"account": other, "percent": "10"})
        assert answer.status_code == 404, other
    with stage.database.reading() as session:
        percents = {row.account_id: row.percent for row in session.scalars(select(ProviderMember))}
    assert percents.pop(account_id) == 50
    assert set(percents.values()) == {100}


def test_the_coaches_page_counts_and_sifts(stage: Stage, coach: FlaskClient, manager: FlaskClient):
    mine = stage.started("Amal Provlund", day=BEGAN)
    stage.started("Chen Mönsterby", day=date(2026, 6, 1))
    assert (
        manager.post(
            f"/provider/participants/{mine}/coach", data={"coach": stage.town.coach.account_id}
        ).status_code
        == 302
    )
    page = text(coach, "/provider/caseload")
    assert "1 av högst 50" in page
    assert "1 deltagare har ingen handledare." in page
    assert "Amal Provlund" in page
    assert "Chen Mönsterby" in page
    own = text(coach, f"/provider/caseload?coach={stage.town.coach.account_id}")
    assert "Amal Provlund" in own
    assert "Chen Mönsterby" not in own
    assert "Chen Mönsterby" in text(coach, "/provider/caseload?coach=none")
    missed = text(coach, "/provider/caseload?state=broken")
    assert "Amal Provlund" in missed
    assert "Chen Mönsterby" not in missed
    assert text(coach, "/provider/caseload?coach=9999999999999999999999&state=x&page=-4")


# ── the municipality ──────────────────────────────────────────────────────────────────────────────


def test_the_municipality_sees_who_is_behind_by_provider(stage: Stage, app: Flask):
    stage.started("Amal Provlund", day=BEGAN)
    stage.started("Edit Annan", day=BEGAN, other=True)
    guide, inspector = stage.client(app, "vagledare"), stage.client(app, "granskare")
    for client in (guide, inspector):
        page = text(client, "/casework/clock?whose=all")
        assert "Amal Provlund" in page
        assert "Edit Annan" in page
    there = text(guide, f"/casework/clock?provider={stage.town.other_provider_id}")
    assert "Edit Annan" in there
    assert "Amal Provlund" not in there
    assert "Amal Provlund" not in text(guide, "/casework/clock?state=well")
    assert text(guide, "/casework/clock?provider=x&state=x&whose=x&page=99")


def test_a_protected_person_is_named_to_the_own_guide_alone(stage: Stage, app: Flask):
    leg_id = stage.started("Hemlig Person", day=BEGAN, protection=Protection.CONFIDENTIAL)
    stage.started("Edit Annan", day=BEGAN, other=True)
    own, other = (stage.client(app, who) for who in ("vagledare", "granskare"))
    assert "Hemlig Person" in text(own, "/casework/clock")
    page = other.get("/casework/clock").text
    assert "Hemlig" not in page
    assert "Skyddad person" in page
    with stage.database.reading() as session:
        voucher_id = session.get_one(Leg, (1, leg_id)).voucher_id
    assert str(voucher_id) not in page
    filtered = other.get(f"/casework/clock?provider={stage.town.provider_id}").text
    assert filtered.count("Skyddad person") == page.count("Skyddad person") == 1


def test_a_coach_above_the_ceiling_is_seen_by_both(stage: Stage, app: Flask, manager: FlaskClient):
    leg_id = stage.started("Amal Provlund", day=BEGAN)
    account_id = stage.town.coach.account_id
    manager.post(f"/provider/participants/{leg_id}/coach", data={"coach": account_id})
    guide = stage.client(app, "vagledare")
    assert "Handledare med fler deltagare än taket" not in text(guide, "/casework/clock")
    manager.post("/provider/caseload", data={"account": account_id, "percent": "1"})
    assert "1 av högst 0 Över taket" in text(manager, "/provider/caseload")
    page = text(guide, "/casework/clock")
    assert "Handledare med fler deltagare än taket" in page
    assert "1 av högst 0 Över taket" in page


def test_an_empty_house_says_what_comes(stage: Stage, app: Flask, coach: FlaskClient):
    assert "Här kommer deltagare som har börjat" in text(coach, "/provider/caseload")
    assert "Här kommer de som går hos en anordnare" in text(stage.client(app, "vagledare"), "/casework/clock")
    assert "Inget att göra just nu" in text(coach, "/provider/")


def test_the_case_shows_the_guide_what_the_provider_sees(stage: Stage, app: Flask):
    leg_id = stage.started("Amal Provlund", day=BEGAN)
    held(stage, leg_id, date(2026, 5, 28), minutes=60)
    with stage.database.reading() as session:
        voucher_id = session.get_one(Leg, (1, leg_id)).voucher_id
    page = text(stage.client(app, "vagledare"), f"/casework/cases/{voucher_id}")
    assert "Individuellt möte: senast torsdag 11 juni (6 arbetsdagar kvar)" in page
    assert "/casework/clock" in stage.client(app, "granskare").get("/casework/").text
