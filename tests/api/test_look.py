"""The page of keys and the page of the API in a real browser: without script, on a phone, by keyboard."""

from __future__ import annotations

import os
from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.api.desk import Desk
from tests.provider.stage import Stage
from tests.support.browser import assert_stands, go, let_in
from tests.support.server import serving

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


def test_a_manager_makes_a_key_and_reads_how_it_is_used(page: Page, app: Flask, stage: Stage, desk: Desk):
    app.config["WTF_CSRF_ENABLED"] = True
    with serving(app) as address:
        let_in(page.context, stage.client(app, "chef"), address)
        page.goto(f"{address}/provider/tokens")
        assert_stands(page)
        go(page, page.get_by_role("button", name="Skapa nyckel"))
        assert_stands(page)
        expect(page.get_by_role("alert")).to_contain_text("Skriv vad nyckeln ska heta.")
        page.get_by_label("Vad heter systemet?").fill("Journalen")
        page.get_by_label("Läsa om våra deltagare").check()
        page.get_by_label("Nyckelns sista dag").fill(date(2027, 5, 31).isoformat())
        go(page, page.get_by_role("button", name="Skapa nyckel"))
        expect(page.locator("code.secret")).to_contain_text("vagval_")
        assert_stands(page)
        go(page, page.get_by_role("link", name="Jag har sparat nyckeln"))
        expect(page.locator("code.secret")).to_have_count(0)
        expect(page.get_by_role("table").first).to_contain_text("Journalen")
        go(page, page.get_by_role("link", name="Läs hur systemet ska anropa oss"))
        assert_stands(page)
        page.get_by_text("Rapportera en månad", exact=True).focus()
        page.get_by_text("Rapportera en månad", exact=True).click()
        expect(page.locator("#tell_report")).to_contain_text("against_plan")
        assert_stands(page)
        if os.environ.get("SHOTS"):
            for width in (320, 1280):
                page.set_viewport_size({"width": width, "height": 900})
                page.goto(f"{address}/api")
                page.locator("#tell_report > summary").click()
                page.screenshot(path=f"/tmp/j/shots6/api-page-{width}.png", full_page=True)
                page.goto(f"{address}/provider/tokens")
                page.screenshot(path=f"/tmp/j/shots6/api-tokens-{width}.png", full_page=True)
                page.get_by_label("Vad heter systemet?").fill(f"Annat {width}")
                page.get_by_label("Läsa om våra deltagare").check()
                page.get_by_label("Nyckelns sista dag").fill(date(2027, 5, 31).isoformat())
                go(page, page.get_by_role("button", name="Skapa nyckel"))
                page.screenshot(path=f"/tmp/j/shots6/api-fresh-{width}.png", full_page=True)
