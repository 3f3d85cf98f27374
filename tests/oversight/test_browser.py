"""The statistics in a real browser: nothing wrong for axe, nothing wider than a phone, in both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from app.demo.people import PASSWORD
from tests.oversight.conftest import Office
from tests.support.browser import (
    NARROW,
    Listener,
    assert_accessible,
    assert_clean_console,
    assert_no_overflow,
)
from tests.support.server import serving

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


def test_the_page_stands(page: Page, office: Office):
    with serving(office.app) as home:
        heard = Listener(page, home)
        page.goto(f"{home}/sign-in?next=/oversight/")
        page.get_by_label("Användarnamn", exact=True).fill("ekonom")
        page.get_by_label("Lösenord", exact=True).fill(PASSWORD)
        page.get_by_label("Lösenord", exact=True).press("Enter")
        page.wait_for_url("**/oversight/")
        desk = page.viewport_size
        for language in ("sv", "en"):
            page.goto(f"{home}/language/{language}?next=/oversight/")
            expect(page.locator("html")).to_have_attribute("lang", language)
            assert page.locator("h1").count() == 1
            for summary in page.locator("details > summary").all():
                summary.click()
            for size in (NARROW, desk):
                assert size
                page.set_viewport_size(size)
                assert_no_overflow(page)
                assert_accessible(page)
        assert_clean_console(heard)


def test_a_file_is_fetched_by_its_link(page: Page, office: Office):
    with serving(office.app) as home:
        page.goto(f"{home}/sign-in?next=/oversight/?year=2026")
        page.get_by_label("Användarnamn", exact=True).fill("attest1")
        page.get_by_label("Lösenord", exact=True).fill(PASSWORD)
        page.get_by_label("Lösenord", exact=True).press("Enter")
        page.wait_for_url("**/oversight/?year=2026")
        with page.expect_download() as fetched:
            page.get_by_role("link", name="Hämta som Excel").click()
        assert fetched.value.suggested_filename == "statistik-2026-2027-03-20.xlsx"
