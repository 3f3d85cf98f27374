"""The calculator in a browser: axe is silent, nothing sticks out, wide and narrow, in both languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app import create_app
from config import Settings
from tests.provider.stage import Stage
from tests.support import browser


@pytest.fixture
def app(settings: Settings, stage: Stage) -> Iterator[Flask]:
    """The app with its form tokens."""
    assert stage.town.provider_id
    made = create_app(settings)
    yield made
    made.extensions["database"].dispose()


def sign_in(page: Page, live_server: str, app: Flask, stage: Stage, who: str) -> None:
    browser.let_in(page.context, stage.client(app, who), live_server)


def test_the_page_stands_with_an_example_with_another_tariff_and_with_faults(
    page: Page, live_server: str, app: Flask, stage: Stage
):
    sign_in(page, live_server, app, stage, "handledare")
    listener = browser.Listener(page, live_server)
    for query in ("", "?rulebook=apprenticeship"):
        browser.assert_stands_in(page, f"{live_server}/calculator/{query}", ("sv", "en"))
    browser.assert_clean_console(listener)
    wrong = "?rulebook=1&offer=x&started=2026-02-31&months=999&parts=r1&pause_to=2026-01-01"
    browser.assert_stands_in(page, f"{live_server}/calculator/{wrong}", ("sv", "en"))
    assert page.title().startswith("Error")


def test_a_month_is_contested_and_counted_again(page: Page, live_server: str, app: Flask, stage: Stage):
    sign_in(page, live_server, app, stage, "ekonom")
    page.goto(f"{live_server}/language/sv?next=/accessibility")
    page.goto(f"{live_server}/finance/")
    browser.go(page, page.get_by_role("navigation").get_by_role("link", name="Räkna", exact=True))
    expect(page.locator("h1")).to_have_text("Räkna på ersättning")
    page.get_by_label("December 2025").select_option(label="Personen säger emot")
    page.get_by_label("Kommunen håller inne anordnarens pengar").check()
    browser.go(page, page.get_by_role("button", name="Räkna"))
    answer = page.get_by_role("region", name="Det här ger reglerna")
    expect(answer).to_contain_text("Allt till anordnaren hålls inne.")
    expect(answer).to_contain_text("Personen säger emot närvaron")
    expect(page.get_by_label("December 2025")).to_have_value("contested")
    page.get_by_label("Kommunen håller inne anordnarens pengar").uncheck()
    page.get_by_label("Kundval och version").select_option(label="Work Programme, England (2011-06-01)")
    browser.go(page, page.get_by_role("button", name="Byt regler"))
    expect(page.get_by_role("region", name="Priser och regler")).to_contain_text("Work Programme")
