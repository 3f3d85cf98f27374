"""The job seeker's plan, on screen and on one sheet of paper, and who may see what."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from core.database import Database
from core.dates import today
from core.identity import Protection
from tests.accounts.people import signed_in
from tests.public.test_pages import text_of
from tests.support.browser import NARROW, Listener, assert_clean_console, assert_stands, go, let_in
from tests.support.town import Town, noon
from vouchers import actions
from vouchers.actions import ConsentForm, MeetingForm, PartForm
from vouchers.models import Consent, Participant

TODAY = today()
SOON = TODAY + timedelta(days=5)
STEP = PartForm("participant", "Ring tre skolkök.", SOON)


@pytest.fixture
def decided_on() -> date:
    """A month ago, so that the service has begun."""
    return TODAY - timedelta(days=30)


@pytest.fixture
def leg_id(database: Database, town: Town) -> int:
    """The seeker goes at the first provider and has a plan."""
    with database.transaction(1) as session:
        found = town.started(session)
        own = town.participant_id
        actions.set_goal(session, own, "Jag vill laga mat åt många.", by=town.guide, today=TODAY)
        actions.add_part(session, own, STEP, by=town.guide, today=TODAY)
        other = PartForm("insurance_agency", "Svarar om ersättning.", SOON, contact="Kim, 070-174 06 40")
        actions.add_part(session, own, other, by=town.guide, today=TODAY)
    return found


def given(database: Database) -> list[Consent]:
    with database.reading() as session:
        return list(session.scalars(select(Consent).order_by(Consent.id)))


def test_without_a_plan_the_page_says_how_one_comes(client: FlaskClient, town: Town):
    assert "Du har ingen plan än" in text_of(client, "/seeker/plan")


def test_the_plan_names_each_actor_what_they_do_and_what_they_see(client: FlaskClient, leg_id: int):
    page = text_of(client, "/seeker/plan")
    for words in (
        "Jag vill laga mat åt många.",
        "Ring tre skolkök.",
        "Försäkringskassan",
        "Fråga: Kim, 070-174 06 40",
        "Ser inget.",
        "Kontaktuppgifterna, rapporterna, resultaten: genom avtalet.",
    ):
        assert words in page
    assert page.index("Nästa steg") < page.index("Mitt mål")


def test_the_person_reads_their_meetings(client: FlaskClient, leg_id: int, town: Town, database: Database):
    met = MeetingForm("follow_up", TODAY, ("participant", "municipality"), "Det går framåt.", STEP)
    with database.transaction(1) as session:
        actions.record_meeting(session, town.participant_id, met, by=town.guide, today=TODAY)
    page = text_of(client, "/seeker/plan")
    assert "Det går framåt." in page
    assert "Med var : du, Kommunen" in page or "Med var: du, Kommunen" in page


def test_nobody_reads_the_plan_of_another(app: Flask, leg_id: int, town: Town):
    other = signed_in(app, town.other_seeker.account_id)
    assert "Ring tre skolkök." not in other.get("/seeker/plan").text


def test_a_switch_lets_somebody_see_and_takes_it_back(client: FlaskClient, leg_id, town, database):
    page = client.get("/seeker/consents").text
    assert "Låt Stigfinnarna se planen" in page
    assert "Låt Stigfinnarna se kontaktuppgifterna" not in page
    assert "Du får samma hjälp om du säger nej." in page
    wanted = {"who": f"provider:{town.provider_id}", "what": "plan"}
    answer = client.post("/seeker/consents", data=wanted, follow_redirects=True).text
    assert "Du sa ja" in answer
    (consent,) = given(database)
    assert (consent.given_how, consent.to_on) == ("signed_in", None)
    assert "Planen: du sa ja" in text_of(client, "/seeker/plan")
    answer = client.post("/seeker/consents", data={"consent": str(consent.id)}, follow_redirects=True).text
    assert "Det är taget tillbaka." in answer
    assert given(database)[0].withdrawn_on == TODAY


def test_a_yes_can_have_a_last_day(client: FlaskClient, leg_id, town, database):
    asked = "/seeker/consents?who=region&what=plan"
    assert 'name="to_on"' in client.get(asked).text
    wrong = {"who": "region", "what": "plan", "to_on": (TODAY - timedelta(days=1)).isoformat()}
    answer = client.post("/seeker/consents", data=wrong)
    assert (answer.status_code, "Den sista dagen har redan varit." in answer.text) == (422, True)
    assert wrong["to_on"] in answer.text
    unreadable = client.post("/seeker/consents", data=wrong | {"to_on": "snart"})
    assert (unreadable.status_code, "Skriv en dag" in unreadable.text) == (422, True)
    answer = client.post("/seeker/consents", data=wrong | {"to_on": SOON.isoformat()}, follow_redirects=True)
    assert "Det gäller till och med" in answer.text
    assert [one.to_on for one in given(database)] == [SOON]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"who": "", "what": ""},
        {"who": "church", "what": "plan"},
        {"who": "municipality", "what": "plan"},
        {"who": "region", "what": "secrets"},
        {"who": "provider:4000000000", "what": "plan"},
        {"who": "provider:x", "what": "plan"},
        {"who": "region:1", "what": "plan", "to_on": "9999-12-31"},
        {"consent": "1"},
        {"consent": "x"},
    ],
)
def test_what_makes_no_sense_changes_nothing(client: FlaskClient, leg_id, database, data):
    assert client.post("/seeker/consents", data=data).status_code in (404, 422)
    assert given(database) == []


def test_nobody_takes_back_for_another(app: Flask, leg_id, town, database):
    with database.transaction(1) as session:
        wanted = ConsentForm("region", "plan")
        consent = actions.give_consent(session, town.participant_id, wanted, by=town.seeker, at=noon(TODAY))
    other = signed_in(app, town.other_seeker.account_id)
    assert other.post("/seeker/consents", data={"consent": str(consent.id)}).status_code == 404
    assert given(database)[0].withdrawn_on is None


def test_a_protected_person_decides_the_same_way(client: FlaskClient, leg_id, town, database):
    with database.transaction(1) as session:
        person = session.get_one(Participant, (1, town.participant_id))
        person.protection = Protection.CONFIDENTIAL.value
    wanted = {"who": f"provider:{town.provider_id}", "what": "plan"}
    assert "Du sa ja" in client.post("/seeker/consents", data=wanted, follow_redirects=True).text


# ── in a browser ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_plan_and_the_switches_stand(
    page: Page, live_server: str, client: FlaskClient, leg_id: int, town: Town, language: str
):
    client.get(f"/language/{language}")
    let_in(page.context, client, live_server)
    heard = Listener(page, live_server)
    for path in ("plan", "consents", f"consents?who=provider:{town.provider_id}&what=plan"):
        page.goto(f"{live_server}/seeker/{path}")
        expect(page.locator("html")).to_have_attribute("lang", language)
        assert page.locator("h1").count() == 1
        assert_stands(page)
    page.locator("summary").last.click()
    assert_stands(page)
    assert_clean_console(heard)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_without_javascript_a_switch_is_pressed_and_pressed_back(
    browser: Browser, live_server: str, app: Flask, client: FlaskClient, leg_id: int
):
    app.config["WTF_CSRF_ENABLED"] = True
    context = browser.new_context(java_script_enabled=False, viewport=NARROW, locale="sv-SE")
    let_in(context, client, live_server)
    page = context.new_page()
    page.goto(f"{live_server}/seeker/plan")
    go(page, page.get_by_role("link", name="Ändra vem som får se"))
    go(page, page.get_by_role("button", name="Låt Stigfinnarna se planen"))
    expect(page.get_by_role("status")).to_contain_text("Ja är sparat.")
    go(page, page.get_by_role("button", name="Ta tillbaka att Stigfinnarna ser planen"))
    expect(page.get_by_role("status")).to_contain_text("Det är taget tillbaka.")
    expect(page.get_by_role("button", name="Låt Stigfinnarna se planen")).to_be_visible()
    context.close()


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_short_plan_is_one_sheet_of_paper(page: Page, live_server: str, client: FlaskClient, leg_id: int):
    let_in(page.context, client, live_server)
    page.goto(f"{live_server}/seeker/plan")
    paper = page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
