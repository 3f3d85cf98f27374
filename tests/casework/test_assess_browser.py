"""Assessment, decision and letter in a real browser: narrow, both languages, on paper, without JavaScript."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect

from core import dates
from core.database import Database
from tests.casework.test_assess import address, answers, letter
from tests.support.browser import (
    NARROW,
    Listener,
    assert_stands,
    go,
    let_in,
)
from tests.support.town import Town

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])
LANGUAGES = pytest.mark.parametrize("language", ["sv", "en"])


def pages_of(printed: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page[^s]", printed))


@LANGUAGES
def test_from_the_assessment_to_the_letter(
    page: Page, live_server: str, heard: Listener, guide: FlaskClient, town: Town, language: str
):
    earlier = (dates.today() - timedelta(days=30)).isoformat()
    told = answers(met_on=earlier, **{"answer-goal": "far"}, finding="matching:enhanced", step="keep")
    assert guide.post(address(town), data=told).status_code == 302
    guide.get(f"/language/{language}")
    let_in(page.context, guide, live_server)
    page.goto(f"{live_server}{address(town)}")
    assert_stands(page)
    go(page, page.locator("button[value=look]"))
    expect(page.get_by_role("alert")).to_be_visible()
    assert_stands(page)
    for group in page.locator("fieldset:has(input[name^=answer-])").all():
        group.locator("input[value=near]").check()
    page.locator("input[name=state_check][value=none_fits]").check()
    go(page, page.locator("button[value=look]"))
    assert_stands(page)
    page.locator("input[name=finding][value='matching:enhanced']").check()
    go(page, page.locator("button[value=keep]"))
    expect(page.get_by_role("alert")).to_be_visible()
    page.locator("textarea[name=reasons]").fill("Behöver tätare möten i början.")
    go(page, page.locator("button[value=keep]"))
    assert_stands(page)
    go(page, page.locator("main .button-primary").first)
    expect(page.locator("input[name=service]:checked")).to_have_count(1)
    assert_stands(page)
    page.locator("input[name=months]").fill("9")
    page.locator("input[name=target_group][value=young]").check()
    page.locator("input[name=studies][value=sfi]").check()
    page.locator("textarea[name=reasons]").fill("Bedömt vid möte.")
    go(page, page.locator("main form .button-primary"))
    assert_stands(page)
    go(page, page.locator("button[value=decide]"))
    assert_stands(page)
    go(page, page.locator("main form .button-primary"))
    expect(page.locator(".letter__code")).to_have_count(1)
    assert_stands(page)
    assert pages_of(page.pdf(format="A4")) == 1
    page.goto(f"{live_server}/casework/letters")
    assert_stands(page)


@LANGUAGES
def test_the_letter_is_one_page_and_nothing_else(
    page: Page,
    live_server: str,
    guide: FlaskClient,
    database: Database,
    town: Town,
    language: str,
):
    letter(guide, database, town.voucher_id)
    let_in(page.context, guide, live_server)
    page.goto(f"{live_server}/casework/cases/{town.voucher_id}/letter?in={language}")
    assert pages_of(page.pdf(format="A4")) == 1
    page.emulate_media(media="print")
    expect(page.locator(".letter")).to_be_visible()
    expect(page.locator(".letter-top")).to_be_hidden()


@LANGUAGES
def test_the_square_on_the_letter_and_the_pages_behind_it(
    page: Page,
    live_server: str,
    heard: Listener,
    guide: FlaskClient,
    database: Database,
    town: Town,
    language: str,
):
    code = letter(guide, database, town.voucher_id)
    page.goto(f"{live_server}/language/{language}?next=/letter")
    assert_stands(page)
    page.locator("input[name=code]").fill("wrong")
    go(page, page.locator("main form .button-primary"))
    expect(page.get_by_role("alert")).to_be_visible()
    assert_stands(page)
    page.goto(f"{live_server}/letter/{code}")
    assert_stands(page)


def test_a_code_is_typed_without_javascript(
    browser: Browser, live_server: str, guide: FlaskClient, database: Database, town: Town
):
    code = letter(guide, database, town.voucher_id)
    with browser.new_context(java_script_enabled=False, viewport=NARROW) as context:
        page = context.new_page()
        page.goto(f"{live_server}/letter")
        page.locator("input[name=code]").fill(code.lower())
        go(page, page.locator("main form .button-primary"))
        expect(page).to_have_url(f"{live_server}/letter/{code}")
        go(page, page.locator("main .button-primary"))
        assert "/sign-in?next=" in page.url
