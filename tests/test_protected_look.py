"""The pages about protection and one's own data in a real browser: axe, both languages, narrow and wide."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from core.actor import Actor
from tests.accounts.people import signed_in
from tests.support import sqlite
from tests.support.browser import (
    Listener,
    assert_clean_console,
    assert_stands,
    go,
    let_in,
)
from tests.support.lived import a_life_and_its_app
from tests.support.marked import Marked
from tests.support.server import serving


@pytest.fixture(scope="module")
def world(
    sqlite_files: sqlite.Files, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Marked, Flask]]:
    with a_life_and_its_app(sqlite_files, tmp_path_factory.mktemp("look")) as found:
        yield found


@pytest.fixture
def address(world: tuple[Marked, Flask]) -> Iterator[str]:
    with serving(world[1]) as found:
        yield found


def looked_at(page: Page, language: str) -> None:
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert page.locator("h1").count() == 1
    assert_stands(page)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_page_of_the_slice_stands(world, address: str, page: Page, language: str):
    found, made = world
    assert found.me
    heard = Listener(page, address)
    pid, leg_id = found.participant_id, found.ids["leg"]
    pages: tuple[tuple[Actor, str], ...] = (
        (found.me, "/seeker/my-data"),
        (found.guide, f"/casework/people/{pid}/hand-over"),
        (found.guide, f"/casework/people/{pid}/protection"),
        (found.outsiders["inspector"], f"/casework/cases/{found.ids['voucher']}"),
        (found.town.manager, f"/provider/participants/{leg_id}"),
        (found.outsiders["colleague of the coach"], "/provider/?show=ended"),
    )
    for who, path in pages:
        client = signed_in(made, who.account_id)
        client.get(f"/language/{language}")
        let_in(page.context, client, address)
        page.goto(address + path)
        looked_at(page, language)
    heard.heard = [one for one in heard.heard if "403" not in one]
    assert_clean_console(heard)


def test_a_manager_names_the_coach_by_keyboard_alone(world, address: str, page: Page):
    found, made = world
    let_in(page.context, signed_in(made, found.town.manager.account_id), address)
    page.goto(f"{address}/provider/participants/{found.ids['leg']}")
    page.get_by_label("Byt handledare").focus()
    page.keyboard.press("K")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_text("Handledaren är utsedd.")).to_be_visible()


def test_the_file_comes_as_a_file(world, address: str, page: Page):
    found, made = world
    assert found.me
    let_in(page.context, signed_in(made, found.me.account_id), address)
    page.goto(f"{address}/seeker/my-data")
    with page.expect_download() as coming:
        page.get_by_role("link", name="Hämta allt som fil").click()
    assert coming.value.suggested_filename == "mina-uppgifter.json"


def test_a_case_is_handed_over_with_two_presses(world, address: str, page: Page):
    found, made = world
    let_in(page.context, signed_in(made, found.guide.account_id), address)
    page.goto(f"{address}/casework/people/{found.town.other_participant_id}/hand-over")
    page.get_by_label("Test Other guide").check()
    go(page, page.get_by_role("button", name="Lämna över"))
    expect(page.get_by_text("Test Other guide har tagit över ärendet.")).to_be_visible()
