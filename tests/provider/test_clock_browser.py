"""A coach sees in the week whom to meet, writes the meeting down, and the task is gone; at a phone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app import create_app
from tests.provider.stage import Stage
from tests.provider.test_look import sign_in
from tests.support import browser


@pytest.fixture
def database_kind() -> str:
    """What a page looks like does not depend on the database."""
    return "sqlite"


@pytest.fixture
def app(settings, stage) -> Iterator[Flask]:
    """The app with its form tokens."""
    made = create_app(settings)
    yield made
    made.extensions["database"].dispose()


def test_a_meeting_is_written_down_from_the_week(page: Page, live_server: str, stage: Stage):
    stage.started("Amal Provlund", day=date(2026, 5, 18))
    page.set_viewport_size(browser.NARROW)
    sign_in(page, live_server, "handledare")
    page.goto(f"{live_server}/provider/?group=meetings")
    browser.go(page, page.get_by_role("link", name="Träffa Amal Provlund").last)
    demands = page.get_by_role("complementary", name="Avtalets krav")
    expect(demands).to_contain_text("Individuellt möte: skulle ha varit senast måndag 1 juni")
    browser.go(page, page.get_by_role("button", name="Spara"))
    expect(page.get_by_role("alert")).to_contain_text("Fyll i: Vad var det?")
    browser.assert_accessible(page)
    page.get_by_label("Individuellt möte", exact=True).check()
    page.get_by_label("Började").fill("09:30")
    page.get_by_label("Minuter").fill("60")
    browser.go(page, page.get_by_role("button", name="Spara"))
    expect(demands).to_contain_text("Individuellt möte: senast onsdag 17 juni")
    expect(page.get_by_role("row", name="onsdag 3 juni kl. 09.30")).to_contain_text("60")
    page.goto(f"{live_server}/provider/")
    expect(page.get_by_text("Träffa Amal Provlund")).to_have_count(0)
    browser.assert_no_overflow(page)
