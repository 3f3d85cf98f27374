"""The pages where a voucher takes a turn, in a real browser: narrow, by keyboard, in both languages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from core import dates
from core.database import Database
from core.dates import first_of_month
from tests.casework.test_browser import sign_in, stands
from tests.support.browser import assert_accessible, go
from tests.support.town import Town
from vouchers import actions

pytestmark = [pytest.mark.parametrize("database_kind", ["sqlite"]), pytest.mark.usefixtures("tokens")]


def test_every_page_of_a_turn_stands(page: Page, live_server: str, heard, database: Database, town: Town):
    with database.transaction(1) as session:
        leg_id = town.started(session)
        town.reported(session, leg_id, first_of_month(town.decided_on))
    sign_in(page, live_server, "vagledare")
    case = f"{live_server}/casework/cases/{town.voucher_id}"
    for path in (
        "",
        "/switch",
        f"/switch?provider={town.other_provider_id}",
        "/pause",
        "/extend",
        "/end",
        "/close",
    ):
        stands(page, case + path)
    stands(page, f"{live_server}/casework/closing")
    with database.transaction(1) as session:
        today = dates.today()
        actions.pause(
            session, town.voucher_id, today, today + timedelta(days=30), "other", by=town.guide, today=today
        )
    for path in ("", "/resume"):
        stands(page, case + path)


def test_a_guide_pauses_by_keyboard_after_looking_at_what_it_means(
    page: Page, live_server: str, heard, database: Database, town: Town
):
    with database.transaction(1) as session:
        town.started(session)
    sign_in(page, live_server, "vagledare")
    page.goto(f"{live_server}/casework/cases/{town.voucher_id}")
    page.get_by_role("link", name="Pausa insatsen").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Pausa insatsen")
    page.get_by_role("button", name="Fortsätt").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Välj varför insatsen pausar.")
    assert_accessible(page)
    page.get_by_label("Föräldraledig").press("Space")
    page.get_by_label("Dagen då personen tros börja igen").fill(
        (dates.today() + timedelta(days=40)).isoformat()
    )
    page.get_by_role("button", name="Fortsätt").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Kontrollera pausen")
    expect(page.get_by_role("table")).to_contain_text("Stigfinnarna")
    assert_accessible(page)
    page.get_by_role("button", name="Ändra").press("Enter")
    expect(page.get_by_label("Föräldraledig")).to_be_checked()
    go(page, page.get_by_role("button", name="Fortsätt"))
    page.get_by_role("button", name="Pausa insatsen").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Insatsen pausar från")
    expect(page.locator("main")).to_contain_text("tros gå vidare")
