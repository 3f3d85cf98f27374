"""Every page of the portal in a browser: axe is silent, nothing sticks out, in both languages."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from app import create_app
from payouts.queries.lines import Key
from tests.provider.stage import APRIL, TODAY, Stage, full_week
from tests.support import browser


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


def sign_in(page: Page, live_server: str, who: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{live_server}/sign-in")
    page.fill("[name=user_name]", who)
    page.fill("[name=password]", "vagval-demo")
    browser.go(page, page.locator("main form button"))


def look(page: Page, live_server: str, addresses: list[str]) -> None:
    """Both languages, a phone and a desk."""
    listener = browser.Listener(page, live_server)
    for code in ("sv", "en"):
        page.goto(f"{live_server}/language/{code}")
        for address in addresses:
            page.set_viewport_size(browser.DESKTOP)
            answer = page.goto(live_server + address)
            assert answer is not None
            assert answer.status == 200, address
            assert page.locator("html").get_attribute("lang") == code
            browser.assert_accessible(page)
            page.set_viewport_size(browser.NARROW)
            browser.assert_no_overflow(page)
    browser.assert_clean_console(listener)


def test_every_page_of_the_portal(page: Page, live_server: str, stage: Stage):
    legs = full_week(stage)
    report_id = stage.reported(stage.started("Ingrid Testhed", day=date(2026, 4, 1)), APRIL)
    stage.worked(stage.started("Hodan Mönsterek", day=date(2026, 3, 2)), date(2026, 4, 20))
    batch = stage.paid()
    statement_id = stage.statement_id(batch.id, stage.town.provider_id)
    result = next(line for line in _keys(stage) if line.component == "result")
    sign_in(page, live_server, "handledare")
    people = "/provider/participants"
    look(
        page,
        live_server,
        [
            "/provider/",
            "/provider/?show=ended&sort=to&dir=desc",
            "/provider/?group=meetings",
            "/provider/caseload",
            f"{people}/{legs['report']}/occasions",
            *(f"{people}/{legs[who]}" for who in ("report", "mend", "claim", "answer", "start", "protected")),
            f"{people}/{legs['report']}/report/202605",
            f"{people}/{legs['mend']}/report/202605",
            f"{people}/{legs['report']}/report/202604",
            f"{people}/{legs['report']}/report/202607",
            f"{people}/{legs['start']}/start",
            f"{people}/{legs['report']}/outcome",
            f"{people}/{legs['report']}/end",
            f"{people}/{legs['claim']}/end",
            f"/provider/reports/{report_id}/withdraw",
            "/provider/money",
            "/provider/bank",
            f"/provider/money/{statement_id}",
            f"/provider/lines/{legs['report']}/base/202603/0",
            f"/provider/lines/{result.scope_id}/result/1/0",
        ],
    )


def _keys(stage: Stage) -> list[Key]:
    from sqlalchemy import select  # noqa: PLC0415  # only here

    from payouts.models import LedgerLine  # noqa: PLC0415  # only here

    columns = (LedgerLine.scope_id, LedgerLine.component, LedgerLine.part, LedgerLine.sequence)
    with stage.database.reading() as session:
        return [Key(*row) for row in session.execute(select(*columns))]


def test_a_month_is_told_without_a_mouse(page: Page, live_server: str, stage: Stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 4, 1))
    sign_in(page, live_server, "handledare")
    page.goto(f"{live_server}/provider/participants/{leg_id}/report/202605")
    page.focus("[name=activities]")
    page.keyboard.press("Space")
    page.focus("[name=booked_minutes]")
    for typed in ("24:00", "21:30", "12:00", "4", "2"):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    for typed in ("Har varit på två intervjuer.", "Ringa två arbetsgivare."):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.fill("[name=next_step_on]", "2026-06-12")
    page.get_by_role("button", name="Skicka rapporten").press("Enter")
    expect(page.get_by_role("main")).to_contain_text("Rapporten är inskickad")
    assert page.url.endswith(f"/provider/participants/{leg_id}")


def test_a_refused_form_leads_to_each_field_and_keeps_what_was_typed(
    page: Page, live_server: str, stage: Stage
):
    leg_id = stage.started("Amal Provlund", day=date(2026, 4, 1))
    sign_in(page, live_server, "handledare")
    page.goto(f"{live_server}/provider/participants/{leg_id}/report/202605")
    page.check("[name=activities] >> nth=0")
    page.fill("[name=booked_minutes]", "många")
    page.fill("[name=progress]", "Det här får inte försvinna.")
    browser.go(page, page.get_by_role("button", name="Skicka rapporten"))
    assert page.title().startswith("Fel:")
    assert page.input_value("[name=progress]") == "Det här får inte försvinna."
    page.locator(".error-summary a").first.click()
    assert page.evaluate("document.activeElement.name") == "booked_minutes"
    browser.assert_accessible(page)
    page.set_viewport_size(browser.NARROW)
    browser.assert_no_overflow(page)


def test_a_coach_takes_back_a_report_in_two_presses(page: Page, live_server: str, stage: Stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 4, 1))
    stage.reported(leg_id, APRIL)
    stage.booked(TODAY)
    sign_in(page, live_server, "handledare")
    page.goto(f"{live_server}/provider/participants/{leg_id}")
    browser.go(page, page.get_by_role("link", name="Ta tillbaka rapporten för april 2026"))
    assert "3 686 kr återkrävs" in page.inner_text("main").replace("\N{NO-BREAK SPACE}", " ")
    browser.go(page, page.get_by_role("button", name="Ta tillbaka rapporten"))
    expect(page.get_by_role("main")).to_contain_text("Rapporten är tillbakatagen.")


def test_a_manager_changes_the_giro_number_without_a_mouse(page: Page, live_server: str, stage: Stage):
    sign_in(page, live_server, "chef")
    look(page, live_server, ["/provider/bank"])
    page.goto(f"{live_server}/language/sv")
    page.goto(f"{live_server}/provider/bank")
    page.get_by_label("Bankgiro", exact=True).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("000-0778")
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("Ert nya nummer väntar")
    look(page, live_server, ["/provider/bank"])
    page.goto(f"{live_server}/language/sv")
    page.goto(f"{live_server}/provider/bank")
    page.get_by_role("button", name="Ta tillbaka numret").press("Enter")
    expect(page.get_by_role("main")).to_contain_text("Tillbakataget")
