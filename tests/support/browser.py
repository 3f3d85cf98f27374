"""A real Chromium: where it is, how it is started, and what every page must stand."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from flask.testing import FlaskClient
from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Response,
    ViewportSize,
    expect,
    sync_playwright,
)

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# As root Chromium runs only without its sandbox; the rest keeps it from speaking to anyone but the test.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]
WCAG = {"resultTypes": ["violations"]}
NARROW: ViewportSize = {"width": 320, "height": 640}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}


def find_chromium() -> str | None:
    """The program of a Chromium, or None: $CHROMIUM, the machine's own, or one that playwright installed."""
    given = os.environ.get("CHROMIUM")
    for name in (given, *NAMES) if given else NAMES:
        if found := shutil.which(name):
            return found
    try:
        with sync_playwright() as playwright:
            own = playwright.chromium.executable_path
    except Error:
        return None
    return own if Path(own).exists() else None


def go(page: Page, way: Locator) -> None:
    """Press or follow it, and be on the page it leads to: a click alone does not wait for that."""
    with page.expect_navigation():
        way.click()


def axe(page: Page) -> list[str]:
    """What axe finds wrong on the page, one line each: rule, impact, where."""
    page.wait_for_load_state()
    found = Axe().run(page, options=WCAG).response["violations"]
    return [
        f"{page.url}: {violation['id']} ({violation['impact']}): {node['target']} {violation['help']}"
        for violation in found
        for node in violation["nodes"]
    ]


def assert_accessible(page: Page) -> None:
    """Axe has nothing to say about the page."""
    found = axe(page)
    assert not found, "\n".join(found)


def assert_no_overflow(page: Page) -> None:
    """Nobody has to scroll sideways; names what sticks out when somebody would."""
    page.wait_for_load_state()
    measured: dict[str, Any] = page.evaluate(
        """() => {
            const width = document.documentElement.clientWidth;
            const out = [...document.querySelectorAll('body *')]
                .filter(e => e.getBoundingClientRect().right > width + 1)
                .map(e => `${e.tagName}.${e.className} at ${Math.round(e.getBoundingClientRect().right)}`);
            const scroll = document.documentElement.scrollWidth;
            return {scroll, width: window.innerWidth, out: out.slice(0, 5)};
        }"""
    )
    assert measured["scroll"] <= measured["width"], (
        f"{page.url} is {measured['scroll']} px wide in a window of {measured['width']}: {measured['out']}"
    )


def assert_stands(page: Page, *, sizes: tuple[ViewportSize, ...] = (NARROW, DESKTOP)) -> None:
    """On a phone and on a desk nothing sticks out and axe has nothing to say."""
    for size in sizes:
        page.set_viewport_size(size)
        assert_no_overflow(page)
        assert_accessible(page)


def assert_stands_in(page: Page, address: str, languages: tuple[str, ...]) -> None:
    """The page at that address has one heading, and stands, in each of the languages in turn; it is left in
    the last one, as wide as it was."""
    wide, home = page.viewport_size, "/".join(address.split("/")[:3])
    for language in languages:
        page.goto(f"{home}/language/{language}?next=/accessibility")
        page.goto(address)
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.locator("h1")).to_have_count(1)
        assert_stands(page)
    if wide:
        page.set_viewport_size(wide)


def let_in(context: BrowserContext, client: FlaskClient, address: str) -> None:
    """Give the browser the cookie of a client that is signed in."""
    cookie = client.get_cookie("session")
    assert cookie is not None
    context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])


class Listener:
    """Hears what a page complains about: console, script errors, broken answers, calls to strangers."""

    def __init__(self, page: Page, home: str = "") -> None:
        self.heard: list[str] = []
        self.home = home
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.heard.append(f"script error: {error}"))
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        # A refused form is answered with 4xx on purpose; the console repeats it, _response judges it.
        if message.type in {"warning", "error"} and "Failed to load resource" not in message.text:
            self.heard.append(f"{message.type}: {message.text}")

    def _response(self, response: Response) -> None:
        is_page = response.request.is_navigation_request()
        if response.status >= 500 or (response.status >= 400 and not is_page):
            self.heard.append(f"{response.status} for {response.url}")
        if self.home and not response.url.startswith((self.home, "data:", "blob:")):
            self.heard.append(f"the page asked a stranger: {response.url}")


def assert_clean_console(listener: Listener) -> None:
    """Nothing was complained about since the listener began, or since last asked."""
    heard, listener.heard = listener.heard, []
    assert not heard, "\n".join(heard)


def main() -> int:
    """Say where the Chromium is, after it has shown a page."""
    program = find_chromium()
    if program is None:
        sys.stdout.write("There is no Chromium on this machine.\n")
        return 1
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        page = browser.new_page()
        page.set_content("<title>here</title>")
        sys.stdout.write(f"{program} {browser.version} {page.title()}\n")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
