"""A draft in a browser that survives signing out, and the pages of the written reports."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from app import create_app
from tests.provider.stage import TODAY, Stage
from tests.provider.test_look import look, sign_in
from tests.provider.test_written import EVENT, PLAN
from tests.support import browser
from tests.support.town import noon
from vouchers import actions


@pytest.fixture
def database_kind() -> str:
    """What a page looks like does not depend on the database."""
    return "sqlite"


@pytest.fixture
def app(settings, stage):
    """The app with its form tokens."""
    made = create_app(settings)
    yield made
    made.extensions["database"].dispose()


def test_a_plan_is_begun_left_and_finished_by_a_colleague(page: Page, live_server: str, stage: Stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 5, 25))
    address = f"{live_server}/provider/participants/{leg_id}/written/joint_plan"
    sign_in(page, live_server, "handledare")
    page.goto(address)
    page.get_by_label("Vad vill personen nå?").fill("Ett arbete i ett skolkök.")
    page.get_by_label("Samtal och vägledning").check()
    browser.go(page, page.get_by_role("button", name="Spara utkast"))
    expect(page.get_by_role("main")).to_contain_text("Utkastet är sparat.")
    browser.go(page, page.get_by_role("button", name="Logga ut"))
    sign_in(page, live_server, "chef")
    page.goto(address)
    expect(page.get_by_role("main")).to_contain_text("Det här är ett utkast")
    expect(page.get_by_label("Vad vill personen nå?")).to_have_value("Ett arbete i ett skolkök.")
    expect(page.get_by_label("Samtal och vägledning")).to_be_checked()
    browser.go(page, page.get_by_role("button", name="Skicka", exact=True))
    expect(page.locator(".error-summary")).to_contain_text("Fyll i: Minuter i veckan")
    browser.assert_accessible(page)
    page.get_by_label("Vilken dag gjorde ni planen tillsammans?").fill("2026-06-01")
    page.get_by_label("Minuter i veckan").fill("180")
    page.get_by_label("Vad är nästa steg?").fill("Ringa tre skolkök.")
    page.get_by_label("När ska nästa steg vara gjort?").fill("2026-06-12")
    browser.go(page, page.get_by_role("button", name="Skicka", exact=True))
    expect(page.get_by_role("main")).to_contain_text("Gemensam planering är inskickad.")


def test_the_pages_of_the_written_reports(page: Page, live_server: str, stage: Stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 5, 4))
    left = stage.started("Birgitta Testgren", day=date(2026, 4, 1))
    coach = stage.town.coach
    with stage.database.transaction(1) as session:
        plan = actions.submit_written(session, leg_id, "joint_plan", PLAN, by=coach, today=TODAY)
        event = actions.submit_written(session, leg_id, "informative", EVENT, by=coach, today=TODAY)
        actions.return_written(session, event.id, "Skriv hos vem.", by=stage.town.guide, today=TODAY)
        actions.end_service(session, left, date(2026, 6, 2), "moved", by=coach, today=TODAY)
        actions.save_draft(session, left, "final", "", {"done": "Halv"}, by=coach, at=noon(TODAY))
    sign_in(page, live_server, "handledare")
    people = "/provider/participants"
    look(
        page,
        live_server,
        [
            f"{people}/{leg_id}/written/joint_plan",
            f"{people}/{leg_id}/written/informative?n={event.id}",
            f"{people}/{leg_id}/written/final",
            f"{people}/{left}/written/final",
            f"/provider/written/{plan.id}/withdraw",
        ],
    )
    sign_in(page, live_server, "vagledare")
    look(page, live_server, [f"/casework/written/{plan.id}", f"/casework/written/{event.id}"])
