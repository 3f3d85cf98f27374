"""The applicant's pages in a browser: axe is silent, nothing sticks out, and a keyboard is enough."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app import create_app
from app.demo.people import PASSWORD
from core import dates
from providers.actions import request_supplement
from tests.accounts.people import signed_in
from tests.provider import applicant
from tests.provider.applicant import CONTACT, LIST, SITE, Applicant, shown
from tests.provider.stage import TODAY, Stage
from tests.support import browser
from tests.support.papers import PDF, PROGRAM


@pytest.fixture
def database_kind() -> str:
    """What a page looks like does not depend on the database."""
    return "sqlite"


@pytest.fixture
def app(settings, stage):
    """The app with its form tokens."""
    made = create_app(settings)
    yield made
    made.extensions["database"].dispose()


@pytest.fixture
def newcomer(app, stage: Stage) -> Applicant:
    """A client that fills in forms without tokens, beside the browser."""
    return Applicant(signed_in(app, stage.town.newcomer.account_id))


def without_tokens(app) -> None:
    app.config["WTF_CSRF_ENABLED"] = False


def sign_in(page: Page, live_server: str) -> None:
    page.goto(f"{live_server}/sign-in?next={LIST}")
    page.fill("[name=user_name]", "nyanordnare")
    page.fill("[name=password]", PASSWORD)
    browser.go(page, page.locator("main form.form button"))


def look(page: Page, live_server: str, *addresses: str) -> None:
    """Both languages, a phone and a desk."""
    listener = browser.Listener(page, live_server)
    for code in ("sv", "en"):
        page.goto(f"{live_server}/language/{code}?next=/about")
        for address in addresses:
            page.set_viewport_size(browser.DESKTOP)
            answer = page.goto(live_server + address)
            assert answer is not None
            assert answer.status == 200, address
            assert page.locator("html").get_attribute("lang") == code
            assert page.locator("h1").count() == 1
            browser.assert_accessible(page)
            page.set_viewport_size(browser.NARROW)
            browser.assert_no_overflow(page)
    browser.assert_clean_console(listener)


PARTS = ("about", "contacts", "sites", "capacity", "conditions/f_tax", "conditions/premises", "submit")


def test_every_page_of_an_applicant(page: Page, live_server: str, app, stage: Stage, newcomer: Applicant):
    without_tokens(app)
    sign_in(page, live_server)
    look(page, live_server, "/become-provider", f"{LIST}/organisation")
    newcomer.enter()
    look(page, live_server, LIST)
    newcomer.begin()
    look(page, live_server, newcomer.at(), *(newcomer.at(part) for part in PARTS))
    newcomer.fill_in()
    newcomer.send("contacts", **{**CONTACT, "name": "Bodil Provgren"})
    newcomer.send("sites", **{**SITE, "street": "Testgatan 2"})
    long_name = "försäkringsbrev_utan_ett_enda_mellanslag_i_hela_det_långa_namnet_2026.pdf"
    newcomer.send("conditions/insurance", **shown(name=long_name, valid_to="2027-06-01"))
    look(page, live_server, newcomer.at(), *(newcomer.at(part) for part in (*PARTS, "conditions/insurance")))
    newcomer.submit()
    with stage.database.transaction(1) as session:
        due_on = TODAY + timedelta(days=14)
        request_supplement(session, newcomer.id, "Visa mer.", due_on, by=stage.town.inspector, today=TODAY)
    look(page, live_server, LIST, newcomer.at(), newcomer.at("receipt"), newcomer.at("supplement"))
    newcomer.send("supplement", answer="Här är mer.")
    look(page, live_server, newcomer.at())


def test_a_condition_is_shown_by_keyboard_and_a_wrong_file_is_told(
    page: Page, live_server: str, app, newcomer: Applicant, tmp_path: Path
):
    without_tokens(app)
    newcomer.enter()
    newcomer.begin()
    app.config["WTF_CSRF_ENABLED"] = True
    wrong, right = tmp_path / "program.pdf", tmp_path / "Försäkring.pdf"
    wrong.write_bytes(PROGRAM)
    right.write_bytes(PDF)
    sign_in(page, live_server)
    page.goto(live_server + newcomer.at("conditions/insurance"))
    page.set_input_files("[name=file]", wrong)
    page.fill("[name=valid_to]", "2027-06-01")
    page.fill("[name=statement]", "Det här får inte försvinna.")
    page.get_by_role("button", name="Spara").press("Enter")
    assert page.title().startswith("Fel:")
    expect(page.get_by_role("alert").first).to_contain_text("inte en PDF, PNG eller JPEG")
    assert page.input_value("[name=statement]") == "Det här får inte försvinna."
    assert page.input_value("[name=valid_to]") == "2027-06-01"
    browser.assert_accessible(page)
    page.set_viewport_size(browser.NARROW)
    browser.assert_no_overflow(page)
    page.locator("[role=alert] a").first.click()
    assert page.evaluate("document.activeElement.name") == "file"
    page.set_input_files("[name=file]", right)
    page.fill("[name=valid_to]", "2020-01-01")
    page.get_by_role("button", name="Spara").press("Enter")
    expect(page.get_by_role("main")).to_contain_text("Försäkring.pdf är mottagen.")
    page.fill("[name=valid_to]", "2027-06-01")
    page.get_by_role("button", name="Spara").press("Enter")
    expect(page.get_by_role("main")).to_contain_text("Sparat.")
    browser.go(page, page.get_by_role("link", name="Ansvarsförsäkring"))
    with page.expect_download() as caught:
        page.get_by_role("link", name="Försäkring.pdf").click()
    assert caught.value.suggested_filename == "Försäkring.pdf"
    assert Path(caught.value.path()).read_bytes() == PDF


def test_an_organisation_is_entered_and_an_application_begun_by_keyboard(
    page: Page, live_server: str, stage: Stage
):
    sign_in(page, live_server)
    page.wait_for_url(f"**{LIST}/organisation")
    page.get_by_label("Organisationens namn").fill("Vägvisarna i Prov")
    page.get_by_label("Organisationsnummer").fill("41990")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Välj vilken form organisationen har.")
    expect(page.get_by_label("Organisationens namn")).to_have_value("Vägvisarna i Prov")
    page.get_by_label("Idéburen organisation").check()
    page.get_by_label("Organisationsnummer").fill(applicant.NUMBER)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{LIST}")
    page.get_by_label("Matchande insats (Jobbpeng)").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/applications/\d+$"))
    expect(page.get_by_role("main")).to_contain_text("0 av 12 delar är klara")
    assert dates.today() == TODAY == date(2026, 6, 3)
