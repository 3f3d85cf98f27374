"""The review in a real browser: every page stands, and an application is taken to a decision by keyboard."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from core.database import Database
from providers import actions
from tests.casework.review_stage import TODAY, Applied, applied, judged
from tests.casework.test_browser import sign_in, stands
from tests.support.browser import assert_accessible, go
from tests.support.town import Town

__all__ = ["applied"]

pytestmark = [pytest.mark.parametrize("database_kind", ["sqlite"]), pytest.mark.usefixtures("tokens")]
LIST = "/casework/applications"


def change_to(page: Page, live_server: str, user_name: str) -> None:
    page.goto(f"{live_server}/language/sv?next={LIST}")
    go(page, page.get_by_role("button", name="Logga ut"))
    sign_in(page, live_server, user_name, LIST)


def test_every_page_of_a_review_stands(page: Page, live_server: str, heard, database, town, applied):
    sign_in(page, live_server, "granskare", LIST)
    for path in (LIST, f"{LIST}?state=refused", applied.address, f"{applied.address}/supplement"):
        stands(page, live_server + path)
    with database.transaction(1) as session:
        actions.request_supplement(
            session, applied.id, "Visa mer.", TODAY + timedelta(days=3), by=town.inspector, today=TODAY
        )
    stands(page, live_server + applied.address)
    with database.transaction(1) as session:
        actions.answer_supplement(session, applied.id, "Här är det.", by=town.inspector, today=TODAY)
        actions.take_up(session, applied.id, by=town.inspector)
    stands(page, f"{live_server}{applied.address}/declare")
    with database.transaction(1) as session:
        actions.declare(session, applied.id, has_conflict=False, by=town.inspector, today=TODAY)
    for path in ("", "/conditions/premises", "/propose"):
        stands(page, live_server + applied.address + path)


def test_the_decision_and_the_shut_door_stand(page: Page, live_server: str, heard, database, town, applied):
    judged(database, town, applied)
    with database.transaction(1) as session:
        actions.propose_outcome(session, applied.id, "accredit", "Skäl.", by=town.inspector, today=TODAY)
    sign_in(page, live_server, "granskare", LIST)
    stands(page, f"{live_server}{applied.address}/decide")
    change_to(page, live_server, "sekreterare")
    stands(page, f"{live_server}{applied.address}/decide")
    page.goto(f"{live_server}/language/sv?next={applied.address}/decide")
    page.get_by_label("Nej, jag är inte jävig").check()
    go(page, page.get_by_role("button", name="Besluta: auktorisera"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Beslut: auktorisation")
    stands(page, page.url)
    stands(page, live_server + applied.address)


def test_who_is_shut_out_reads_why(page: Page, live_server: str, heard, database, town, applied):
    with database.transaction(1) as session:
        actions.declare(session, applied.id, has_conflict=True, by=town.inspector, today=TODAY)
    sign_in(page, live_server, "granskare", LIST)
    page.goto(live_server + applied.address)
    expect(page.get_by_role("heading", level=1)).to_have_text("Du är jävig i ärendet")
    assert_accessible(page)


def test_an_application_is_reviewed_by_keyboard(
    page: Page, live_server: str, heard, app: Flask, database: Database, town: Town, applied: Applied
):
    sign_in(page, live_server, "granskare", LIST)
    page.get_by_role("link", name="Nya Vägar").press("Enter")
    page.get_by_role("button", name="Ta upp till granskning").press("Enter")
    page.get_by_role("link", name="Svara på frågan om jäv").press("Enter")
    page.get_by_role("button", name="Spara svaret").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Svara på frågan om jäv.")
    page.get_by_label("Nej, jag är inte jävig").press("Space")
    page.get_by_role("button", name="Spara svaret").press("Enter")
    page.get_by_role("link", name="Granska nästa villkor").press("Enter")
    for number in range(len(applied.codes)):
        expect(page.get_by_text(f"villkor {number + 1} av 8")).to_be_visible()
        page.get_by_label("Uppfyllt", exact=True).press("Space")
        page.get_by_role("button", name="Spara bedömningen").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Du har granskat alla villkor.")
    with database.transaction(1) as session:
        actions.declare(session, applied.id, has_conflict=False, by=town.other_inspector, today=TODAY)
        for code in applied.codes:
            actions.judge(session, applied.id, code, "met", "document", by=town.other_inspector, today=TODAY)
    page.reload()
    page.get_by_role("link", name="Lägg ett förslag").press("Enter")
    expect(page.get_by_label("Avslå ansökan")).to_be_disabled()
    page.get_by_label("Auktorisera", exact=True).press("Space")
    page.get_by_label("Skäl för förslaget").fill("Alla villkor är uppfyllda.")
    page.get_by_role("button", name="Lägg förslaget").press("Enter")
    expect(page.locator("main")).to_contain_text("Därför beslutar en annan person.")
    change_to(page, live_server, "sekreterare")
    page.goto(live_server + applied.address)
    page.get_by_role("link", name="Läs förslaget och besluta").press("Enter")
    page.get_by_label("Nej, jag är inte jävig").press("Space")
    expect(page.get_by_label("Skäl för beslutet")).to_have_value("Alla villkor är uppfyllda.")
    page.get_by_role("button", name="Besluta: auktorisera").press("Enter")
    expect(page.locator("main")).to_contain_text("laglighetsprövning enligt 13 kap. kommunallagen")
    with page.expect_download() as download:
        page.goto(live_server + applied.address)
        page.get_by_role("link", name="Ladda ner underlag.pdf").first.click()
    assert download.value.suggested_filename == "underlag.pdf"
