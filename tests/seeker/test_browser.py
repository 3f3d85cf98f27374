"""The job seeker's pages in a real Chromium: axe in both languages, a narrow phone, no JavaScript, print."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect

from core.database import Database
from core.dates import today
from tests.public.history import History
from tests.support.browser import (
    NARROW,
    Listener,
    assert_clean_console,
    assert_stands,
    go,
    let_in,
)
from tests.support.town import Town


@pytest.fixture
def database_kind() -> str:
    """What a page looks like is the same on both kinds."""
    return "sqlite"


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_whole_way_to_the_receipt_is_accessible_and_narrow(
    page: Page, live_server: str, client: FlaskClient, database: Database, history: History, language: str
):
    with database.transaction(1) as session:
        history.crowd(session, 4, 10)
    client.get(f"/language/{language}")
    let_in(page.context, client, live_server)
    heard = Listener(page, live_server)
    page.goto(f"{live_server}/seeker/")
    assert_stands(page)
    go(page, page.locator(".next .button-primary"))
    assert_stands(page)
    go(page, page.locator(".provider__do a").first)
    assert_stands(page)
    go(page, page.locator("main form .button-primary"))
    page.wait_for_url("**/seeker/receipts/*")
    assert_stands(page)
    go(page, page.locator("main a.button-primary"))
    page.wait_for_url("**/seeker/")
    assert_stands(page)
    assert_clean_console(heard)


def test_choosing_works_without_javascript_and_back_and_reload_do_no_harm(
    browser: Browser, live_server: str, client: FlaskClient, town: Town
):
    context = browser.new_context(java_script_enabled=False, locale="sv-SE", viewport=NARROW)
    let_in(context, client, live_server)
    page = context.new_page()
    page.goto(f"{live_server}/seeker/")
    go(page, page.get_by_role("link", name="Jämför och välj"))
    go(page, page.get_by_role("link", name="Välj Lyktvägen"))
    go(page, page.get_by_role("button", name="Ja, välj Lyktvägen"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Du har valt Lyktvägen", use_inner_text=True)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Du har valt Lyktvägen", use_inner_text=True)
    page.go_back()
    page.reload()
    assert page.get_by_role("button", name="Ja, välj Lyktvägen").count() == 0
    assert page.get_by_text("Du har redan valt.").count() == 1
    context.close()


def test_a_person_compares_and_chooses_with_the_keyboard_alone(
    page: Page, live_server: str, client: FlaskClient
):
    let_in(page.context, client, live_server)
    page.goto(f"{live_server}/seeker/")
    for name in ("Jämför och välj", "Välj Lyktvägen", "Ja, välj Lyktvägen"):
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.locator(":focus").inner_text().strip() == name:
                break
        with page.expect_navigation():
            page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Du har valt Lyktvägen", use_inner_text=True)


def test_the_check_page_that_refuses_is_accessible(
    page: Page, live_server: str, client: FlaskClient, database: Database, town: Town
):
    with database.transaction(1) as session:
        town.chosen(session, today())
    let_in(page.context, client, live_server)
    page.goto(f"{live_server}/seeker/vouchers/{town.voucher_id}/choose/{town.other_provider_id}")
    assert page.get_by_role("alert").count() == 1
    assert_stands(page)


def test_the_receipt_prints_without_buttons_and_with_what_matters(
    page: Page, live_server: str, client: FlaskClient, database: Database, town: Town
):
    with database.transaction(1) as session:
        leg_id = town.chosen(session, today())
    let_in(page.context, client, live_server)
    page.goto(f"{live_server}/seeker/receipts/{leg_id}")
    page.emulate_media(media="print")
    assert page.get_by_role("heading", name="Du har valt Stigfinnarna").is_visible()
    assert page.get_by_text("Senast ").first.is_visible()
    assert not page.get_by_role("link", name="Till Min väg").first.is_visible()


def test_the_next_step_stands_on_the_first_screen_of_a_phone(
    page: Page, live_server: str, client: FlaskClient
):
    let_in(page.context, client, live_server)
    page.set_viewport_size(NARROW)
    page.goto(f"{live_server}/seeker/")
    box = page.locator(".next__title").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < NARROW["height"]
