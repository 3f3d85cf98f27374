"""What every walk needs: a town, a sign-in by name, a day, and a look at each page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
import time_machine
from playwright.sync_api import Page, expect

from app.demo.people import PASSWORD
from core.database import Database
from tests.support import browser
from tests.support.town import Town, found

SignIn = Callable[[str], None]


@contextmanager
def day(when: str) -> Iterator[None]:
    """Ten in the morning, in Sweden, some day."""
    with time_machine.travel(datetime.fromisoformat(f"{when}T08:00:00").replace(tzinfo=UTC), tick=True):
        yield


@pytest.fixture
def database_kind() -> str:
    """The walks are long; both kinds are walked through by the actions' own tests."""
    return "sqlite"


@pytest.fixture
def town(database: Database) -> Town:
    """Who lives there."""
    return found(database)


@pytest.fixture
def sign_in(page: Page, live_server: str) -> SignIn:
    """Sign in as somebody, whoever was signed in before."""

    def go(user_name: str) -> None:
        page.context.clear_cookies()
        page.goto(f"{live_server}/sign-in")
        page.get_by_role("textbox", name="Användarnamn").fill(user_name)
        page.get_by_role("textbox", name="Lösenord").fill(PASSWORD)
        browser.go(page, page.get_by_role("button", name="Logga in med lösenord"))
        expect(page.get_by_role("button", name="Logga ut")).to_be_visible()

    return go


def press(page: Page, name: str | re.Pattern[str]) -> None:
    """Press the first button with that name."""
    browser.go(page, page.get_by_role("button", name=name, exact=isinstance(name, str)).first)


def follow(page: Page, name: str | re.Pattern[str]) -> None:
    """Follow the first link with that name."""
    browser.go(page, page.get_by_role("link", name=name).first)


def says(page: Page, text: str | re.Pattern[str]) -> None:
    """The page says so."""
    expect(page.get_by_role("main")).to_contain_text(text)


def looked_at(page: Page) -> None:
    """What holds on every page of a walk."""
    browser.assert_accessible(page)
    browser.assert_no_overflow(page)
