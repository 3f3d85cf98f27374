"""Somebody who walks the pages, with a pointer and no scripts or by keyboard alone, in either language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from app.demo.people import PASSWORD
from tests.support import browser

ENGLISH = Path(__file__).parents[2] / "app" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
MOST_TABS = 250
NARROW = {"width": 320, "height": 640}


@cache
def english() -> dict[str, str]:
    """The catalogue: Swedish text → English text."""
    with ENGLISH.open("rb") as file:
        return {str(one.id): str(one.string) for one in read_po(file) if isinstance(one.id, str)}


class Walker:
    """One person at a time, in a phone's narrow window. `by` is `pointer` (without scripts) or `keyboard`.

    Names of buttons, links and fields are given in Swedish, as the catalogue's texts, with what their places
    hold; in an English walk they are looked up.
    """

    def __init__(self, chromium: Browser, server: str, by: str, language: str) -> None:
        self.chromium, self.server, self.by, self.language = chromium, server, by, language
        self.context: BrowserContext
        self.page: Page
        self.decisions = 0

    @contextmanager
    def being(self, user_name: str | None) -> Iterator[Page]:
        """Somebody with a browser of their own, signed in by name; None is a stranger."""
        # A look at the page needs a script of the test's own, so the keyboard's browser runs them.
        self.context = self.chromium.new_context(
            java_script_enabled=self.by == "keyboard", locale="sv-SE", viewport=NARROW  # type: ignore[arg-type]  # a plain mapping
        )  # fmt: skip
        self.page = self.context.new_page()
        self.page.goto(f"{self.server}/language/{self.language}")
        if user_name is not None:
            self.page.goto(f"{self.server}/sign-in")
            self.sign_in(user_name)
        yield self.page
        self.context.close()

    def sign_in(self, user_name: str) -> None:
        """Fill in the page that asks who it is."""
        self.fill("Användarnamn", user_name)
        self.fill("Lösenord", PASSWORD)
        self.press("Logga in med lösenord")
        expect(self.page.get_by_role("button", name=self.t("Logga ut"))).to_be_visible()

    def t(self, text: str, /, **holds: str) -> str:
        """The text in the walk's language, its places filled."""
        found = english()[text] if self.language == "en" else text
        return found % holds if holds else found

    def look(self) -> None:
        """What holds on every page: nobody scrolls sideways, and axe has nothing to say."""
        if self.by == "keyboard":
            browser.assert_accessible(self.page)
        browser.assert_no_overflow(self.page)

    def go(self, address: str) -> None:
        """Type an address, and look."""
        self.page.goto(f"{self.server}{address}")
        self.look()

    def press(self, name: str, /, **holds: str) -> None:
        """Press the first button with that name, and look at where it leads."""
        self._use(self.page.get_by_role("button", name=self.t(name, **holds), exact=True).first)

    def follow(self, name: str, /, **holds: str) -> None:
        """Follow the first link with that name, and look at where it leads."""
        self._use(self.page.get_by_role("link", name=re.compile(re.escape(self.t(name, **holds)))).first)

    def use(self, way: Locator) -> None:
        """Press or follow it, and look at where it leads."""
        self._use(way)

    def _use(self, way: Locator) -> None:
        if self.by == "pointer":
            browser.go(self.page, way)
        else:
            self.reach(way)
            with self.page.expect_navigation():
                self.page.keyboard.press("Enter")
        self.look()

    def fill(self, label: str, text: str) -> None:
        """Write in a field."""
        field = self.page.get_by_label(self.t(label), exact=True)
        if self.by == "pointer":
            field.fill(text)
            return
        self.reach(field)
        if field.get_attribute("type") == "date":
            self._date(field, text)
        else:
            self.page.keyboard.press("Control+A")
            self.page.keyboard.type(text)

    def _date(self, field: Locator, text: str) -> None:
        """A browser asks for the parts of a date in the order of the machine's own language."""
        year, month, day = text.split("-")
        for order in (year + month + day, month + day + year, day + month + year):
            for _ in range(3):
                self.page.keyboard.press("ArrowLeft")
            self.page.keyboard.type(order)
            if field.input_value() == text:
                return
        raise AssertionError(f"{text} cannot be typed in {field}")

    def pick(self, field: Locator) -> None:
        """Choose a radio button or a box."""
        if self.by == "pointer":
            field.check()
            return
        if field.get_attribute("type") == "radio":
            self._reach_group(field)
            for _ in range(20):
                if field.is_checked():
                    return
                self.page.keyboard.press("ArrowDown")
        else:
            self.reach(field)
            self.page.keyboard.press("Space")
        assert field.is_checked()

    def select(self, label: str, option: str) -> None:
        """Choose in a list, by the option's value."""
        field = self.page.get_by_label(self.t(label), exact=True)
        if self.by == "pointer":
            field.select_option(option)
            return
        self.reach(field)
        self.page.keyboard.press("Home")
        for _ in range(40):
            if field.input_value() == option:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no {option} in the list {label}")

    def open(self, summary: str) -> None:
        """Unfold a part of the page, if it is not."""
        part = self.page.locator("summary", has_text=self.t(summary)).first
        if part.evaluate("summary => summary.parentElement.open"):
            return
        if self.by == "pointer":
            part.click()
        else:
            self.reach(part)
            self.page.keyboard.press("Enter")

    def reach(self, way: Locator) -> None:
        """Tab until it is there: whoever has no pointer must be able to."""
        handle = way.element_handle()
        for _ in range(MOST_TABS):
            if handle.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{way} cannot be reached with the keyboard on {self.page.url}")

    def _reach_group(self, radio: Locator) -> None:
        handle = radio.element_handle()
        for _ in range(MOST_TABS):
            if handle.evaluate("element => element.name === document.activeElement.name"):
                self.page.keyboard.press("Space")
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{radio} cannot be reached with the keyboard on {self.page.url}")

    def says(self, text: str, /, **holds: str) -> None:
        """The page says so."""
        expect(self.page.get_by_role("main")).to_contain_text(self.t(text, **holds))
