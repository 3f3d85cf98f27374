"""Six months later in a real browser: a provider answers, a guide judges, a second person looks again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app import create_app
from app.demo.people import PASSWORD
from config import Settings
from core.database import Database
from core.identity import Protection
from tests.casework.test_follow_ups import OPENS, bonus, drawn
from tests.provider.stage import Stage, stop_the_clock
from tests.support import browser
from tests.support.server import serving

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture
def stage(database: Database) -> Stage:
    """A town whose days are known."""
    return Stage(database)


@pytest.fixture
def app(settings: Settings, stage: Stage) -> Iterator[Flask]:
    """The app with its form tokens."""
    made = create_app(settings)
    yield made
    made.extensions["database"].dispose()


def sign_in(page: Page, home: str, who: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{home}/sign-in")
    page.fill("[name=user_name]", who)
    page.fill("[name=password]", PASSWORD)
    browser.go(page, page.locator("main form button"))


def test_a_case_is_answered_judged_and_looked_at_again(page: Page, app: Flask, stage: Stage, monkeypatch):
    check_id, _other = bonus(stage), bonus(stage, "Birgitta Testgren")
    (review_id, *_more) = drawn(stage, monkeypatch)
    stop_the_clock(monkeypatch, OPENS)
    with serving(app) as home:
        heard = browser.Listener(page, home)
        sign_in(page, home, "handledare")
        page.goto(f"{home}/provider/results")
        browser.go(page, page.get_by_role("link", name="Amal Provlund"))
        page.get_by_label("Nej, det hade slutat").check()
        browser.go(page, page.get_by_role("button", name="Spara svaret"))
        expect(page.get_by_role("alert")).to_contain_text("Skriv vilken som var sista dagen.")
        expect(page.get_by_label("Nej, det hade slutat")).to_be_checked()
        browser.assert_accessible(page)
        page.get_by_label("Ja", exact=True).check()
        browser.go(page, page.get_by_role("button", name="Spara svaret"))
        expect(page.get_by_role("status")).to_contain_text("Svaret är sparat.")
        sign_in(page, home, "vagledare")
        page.goto(f"{home}/casework/?waits=checks")
        browser.go(page, page.get_by_role("link", name="Se alla uppföljningar med dag och svar"))
        expect(page.get_by_role("row", name="Amal Provlund")).to_contain_text("Har svarat")
        browser.go(page, page.get_by_role("link", name="Amal Provlund"))
        expect(page.get_by_role("heading", name="Anordnarens svar")).to_be_visible()
        assert page.url.endswith(f"/casework/checks/{check_id}")
        sign_in(page, home, "granskare")
        page.goto(f"{home}/casework/reviews/{review_id}")
        page.get_by_label("Ja, samma sak").check()
        browser.go(page, page.get_by_role("button", name="Spara granskningen"))
        expect(page.get_by_role("status")).to_contain_text("Granskningen är sparad.")
        browser.assert_clean_console(heard)


def test_every_page_stands(page: Page, app: Flask, stage: Stage, monkeypatch):
    check_id, _hidden = bonus(stage), bonus(stage, "Farid Exempelhed", protection=Protection.CONFIDENTIAL)
    reviews = drawn(stage, monkeypatch)
    stop_the_clock(monkeypatch, date(2027, 4, 12))
    pages = {
        "handledare": ("/provider/results", f"/provider/checks/{check_id}"),
        "granskare": (
            "/casework/follow-ups",
            "/casework/reviews",
            f"/casework/reviews/{reviews[0]}",
            f"/casework/checks/{check_id}",
            "/oversight/results",
        ),
    }
    with serving(app) as home:
        heard = browser.Listener(page, home)
        for who, addresses in pages.items():
            sign_in(page, home, who)
            for address in addresses:
                browser.assert_stands_in(page, home + address, ("sv", "en"))
        browser.assert_clean_console(heard)
