"""A manager adds an address in a browser, keeps the secret, tries it, and has a call made again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from app import create_app
from tests.api.hooks_stage import Hooks
from tests.provider.stage import TODAY, Stage
from tests.support import browser
from tests.support.receiver import receiving
from tests.support.town import noon


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


def look(page: Page) -> None:
    """As a phone and a desk see it."""
    for size in (browser.DESKTOP, browser.NARROW):
        page.set_viewport_size(size)
        browser.assert_accessible(page)
        browser.assert_no_overflow(page)


def test_from_an_address_to_a_call_that_arrived(page: Page, live_server: str, stage: Stage):
    hooks = Hooks(stage, noon(TODAY))
    listener = browser.Listener(page, live_server)
    page.goto(f"{live_server}/sign-in")
    page.fill("[name=user_name]", "chef")
    page.fill("[name=password]", "vagval-demo")
    browser.go(page, page.locator("main form button"))
    page.goto(f"{live_server}/provider/webhooks")
    look(page)
    with receiving(500, 204) as receiver:
        page.get_by_label("Adress", exact=True).fill(receiver.url)
        page.get_by_label("Någon har valt er").check()
        browser.go(page, page.get_by_role("button", name="Lägg till adressen"))
        expect(page.locator(".secret")).to_contain_text("whsec_")
        look(page)
        browser.go(page, page.get_by_role("link", name="Jag har sparat den"))
        expect(page.get_by_text("Inga anrop än")).to_be_visible()
        hooks.stage.chosen("Amal Provlund")
        assert hooks.round() == 0
        page.reload()
        expect(page.get_by_text("Status 500")).to_be_visible()
        page.locator("summary").first.click()
        look(page)
        browser.go(page, page.get_by_role("button", name="Försök igen"))
        assert hooks.called() == 1
        page.reload()
        expect(page.get_by_text("Framme")).to_be_visible()
        browser.go(page, page.get_by_role("link", name="Anrop till ert system"))
        look(page)
        page.goto(f"{live_server}/language/en")
        page.goto(f"{live_server}/provider/webhooks")
        look(page)
    browser.assert_clean_console(listener)
