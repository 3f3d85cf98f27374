"""A person switches in a real browser: on a phone, in both languages, by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from core.database import Database
from core.dates import today
from tests.casework.test_browser import sign_in
from tests.support.browser import NARROW, assert_accessible, assert_no_overflow, go
from tests.support.town import Town

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_switch_on_a_phone_by_keyboard(
    page: Page, live_server: str, database: Database, town: Town, language: str
):
    with database.transaction(1) as session:
        town.started(session, today())
    page.set_viewport_size(NARROW)
    address = f"/seeker/vouchers/{town.voucher_id}/switch"
    sign_in(page, live_server, "sokande", "/seeker/")
    page.goto(f"{live_server}/language/{language}?next={address}")
    expect(page.locator("html")).to_have_attribute("lang", language)
    ways = (address, f"{address}/{town.other_provider_id}")
    for way in ways:
        page.goto(live_server + way)
        assert page.locator("h1").count() == 1
        assert_accessible(page)
        assert_no_overflow(page)
    page.goto(live_server + address)
    page.locator("main a.button-primary").press("Enter")
    page.wait_for_url("**/compare**")
    page.locator(f"main a[href*='/switch/{town.other_provider_id}']").first.press("Enter")
    page.wait_for_url(f"**/switch/{town.other_provider_id}**")
    go(page, page.locator("main form button[type=submit]"))
    assert "/seeker/receipts/" in page.url
    expect(page.locator("main")).to_contain_text("Lyktvägen")
    assert_accessible(page)
    assert_no_overflow(page)
