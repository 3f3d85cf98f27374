"""The pages of an accreditation's life in a real browser: on a desk, on a phone, in both languages."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from app import create_app
from app.demo.people import Names
from core.identity import Protection
from providers import actions
from tests.casework.lives_stage import TODAY, WHY, Stage, clock, one_id, row, stage
from tests.provider.test_look import look, sign_in
from tests.providers.lives import accreditation
from tests.providers.lives import look as watch
from tests.support.browser import assert_accessible
from tests.support.newer import newer_rulebook

__all__ = ["clock", "one_id", "stage"]

BASE = "/casework/accreditations"


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


@pytest.fixture
def full(stage: Stage, one_id: int) -> tuple[int, int]:
    """A warned provider with customers, a dormant one before the board. Gives two accreditations."""
    town, stage.names = stage.town, Names(515)
    stage.started("Amal Provlund")
    stage.started("Hemlig Testsson", protection=Protection.CONFIDENTIAL)
    stage.chosen("Omar Testhed")
    with stage.database.transaction(1) as session:
        prep = accreditation(session, town.provider_id, "preparatory").id
        actions.stop_intake(session, one_id, reasons=WHY, by=town.inspector, today=TODAY)
        due_on = date(2026, 6, 30)
        actions.warn(session, one_id, reasons=WHY, due_on=due_on, by=town.inspector, today=TODAY)
        actions.hand_in_plan(
            session, one_id, words="Vi anställer.", done_by=due_on, by=town.manager, today=TODAY
        )
        actions.penalty(session, one_id, "premises_closed", reasons=WHY, by=town.inspector, today=TODAY)
        actions.revoke_provisionally(
            session, prep, "false_information", reasons=WHY, by=town.chair, today=TODAY
        )
        watch(session, date(2027, 1, 4))
        return one_id, accreditation(session, town.other_provider_id).id


def test_every_page_stands(page: Page, live_server: str, stage: Stage, full: tuple[int, int]):
    one, dormant = full
    sign_in(page, live_server, "granskare")
    steps = ("intake", "lift-warning", "penalty", "propose")
    look(page, live_server, [f"{BASE}/{one}", *(f"{BASE}/{one}/{step}" for step in steps)])
    sign_in(page, live_server, "sekreterare")
    look(page, live_server, ["/casework/board", f"{BASE}/{dormant}", f"{BASE}/{dormant}/decide"])
    sign_in(page, live_server, "ordforande")
    look(page, live_server, ["/casework/board", f"{BASE}/{one}/suspend", "/casework/register"])
    with stage.database.transaction(1) as session:
        actions.withdraw(session, one, last_day=TODAY, by=stage.town.manager, today=TODAY)
        newer_rulebook(session, TODAY)
    sign_in(page, live_server, "sekreterare")
    look(page, live_server, ["/casework/reaccreditation"])
    sign_in(page, live_server, "granskare")
    look(page, live_server, [f"{BASE}/{one}/wind-down"])


def test_everybody_gets_a_plan_with_the_keyboard(page, live_server, stage: Stage, full: tuple[int, int]):
    one, _dormant = full
    with stage.database.transaction(1) as session:
        actions.withdraw(session, one, last_day=TODAY, by=stage.town.manager, today=TODAY)
    sign_in(page, live_server, "granskare")
    page.goto(f"{live_server}{BASE}/{one}")
    page.get_by_role("link", name="Planera för deltagarna").press("Enter")
    page.get_by_role("button", name="Fortsätt och kontrollera").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Välj en plan.")
    assert_accessible(page)
    page.get_by_role("group", name="Plan för alla").get_by_label("Väljer på nytt").press("Space")
    page.get_by_role("group", name="Plan för Amal Provlund").get_by_label("Stannar").press("Space")
    page.get_by_label("Sista dag, om Amal Provlund stannar").fill("2026-08-31")
    page.get_by_role("button", name="Fortsätt och kontrollera").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Kontrollera planerna")
    assert_accessible(page)
    page.get_by_role("button", name="Bekräfta planerna").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Alla har en plan.")
    assert row(stage, one).state == "winding_down"
