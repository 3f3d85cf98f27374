"""The sign-in pages in a real browser: both languages, a phone and a desk, the keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app import create_app
from app.demo.people import SIGN_INS, identity_number, staff
from core.actor import Actor, Role
from core.database import Database
from tests.accounts.people import TODAY
from tests.support.browser import DESKTOP, NARROW, Listener, assert_accessible, assert_clean_console, go
from tests.support.browser import assert_no_overflow as assert_fits
from tests.support.house import settings_for
from tests.support.server import serving


@pytest.fixture
def database_kind() -> str:
    """One kind is enough to look at pages."""
    return "sqlite"


@pytest.fixture
def demo(
    database_url: str, people: dict[Role, int], database: Database, tmp_path: Path
) -> Iterator[tuple[Flask, str]]:
    """The demo with two of its people, and its address."""
    with database.transaction(1) as session:
        two = [row for row in SIGN_INS if row.user_name in ("sokande", "vagledare")]
        for place, row in enumerate(two):
            number = identity_number(TODAY.replace(year=1970, day=1 + place), place)
            staff(session, row, number, by=Actor.operator(1), today=TODAY)
    app = create_app(settings_for(database_url, tmp_path, VAGVAL_ENV="demo"))
    with serving(app) as address:
        yield app, address
    app.extensions["database"].dispose()


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("size", [NARROW, DESKTOP], ids=["phone", "desk"])
def test_the_pages_suit_everybody(demo: tuple[Flask, str], page: Page, language: str, size: dict[str, int]):
    _app, address = demo
    listener = Listener(page, address)
    page.set_viewport_size(size)  # type: ignore[arg-type]  # a width and a height
    page.goto(f"{address}/language/{language}?next=/sign-in")
    assert page.locator("html").get_attribute("lang") == language
    for path in ("/sign-in", "/sign-in/e-id", "/sign-in/callback?state=of-nobody"):
        page.goto(address + path)
        assert_accessible(page)
        assert_fits(page)
    page.goto(f"{address}/sign-in")
    page.locator("#user_name").fill("nobody")
    page.locator("#password").fill("wrong")
    page.locator("#password").press("Enter")
    expect(page.locator(".error-summary a")).to_have_attribute("href", "#password")
    expect(page.locator("#user_name")).to_have_value("nobody")
    assert_accessible(page)
    assert_fits(page)
    assert_clean_console(listener)


def test_one_click_signs_in_as_a_person_of_the_demo_and_one_signs_out(demo: tuple[Flask, str], page: Page):
    _app, address = demo
    page.goto(f"{address}/sign-in?next=/about")
    go(page, page.get_by_role("button", name="Logga in som Samira Testgren"))
    expect(page).to_have_url(f"{address}/about")
    expect(page.locator(".account__name")).to_have_text("Samira Testgren")
    expect(page.locator(".account__role")).to_have_text("Arbetssökande")
    assert_accessible(page)
    go(page, page.get_by_role("button", name="Logga ut"))
    expect(page.get_by_text("Du är utloggad.")).to_be_visible()


def test_the_whole_page_works_from_the_keyboard(demo: tuple[Flask, str], page: Page):
    _app, address = demo
    page.goto(f"{address}/sign-in?next=/about")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.includes('Maja Exempeldal')"):
            break
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{address}/about")
    expect(page.locator(".account__name")).to_have_text("Maja Exempeldal")


def test_a_form_left_open_too_long_says_so(demo: tuple[Flask, str], page: Page):
    _app, address = demo
    page.goto(f"{address}/sign-in")
    page.context.clear_cookies()
    go(page, page.get_by_role("button", name="Logga in som Samira Testgren"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Vi kunde inte läsa")
