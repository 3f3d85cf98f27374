"""Every finance page in a browser, in both languages; and a payment from run to bank with the mouse alone."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from app.demo.people import bankgiro
from tests.finance.giro import moved, new_contact, proposed
from tests.provider.stage import APRIL, MARCH, Stage, full_week
from tests.provider.test_look import app, look, sign_in
from tests.support import browser
from vouchers import actions

__all__ = ["app"]


@pytest.fixture
def database_kind() -> str:
    """What a page looks like does not depend on the database."""
    return "sqlite"


def test_every_finance_page(page: Page, live_server: str, stage: Stage):
    legs = full_week(stage)
    sign_in(page, live_server, "ekonom")
    with stage.database.transaction(1) as session:
        moved(session, stage, date(2026, 5, 27))
        new_contact(session, stage, date(2026, 6, 1))
        waiting = proposed(session, stage, date(2026, 6, 1), number=bankgiro(78)).id
    look(page, live_server, ["/finance/", "/finance/make", "/finance/answer", "/finance/bank-details"])
    page.goto(f"{live_server}/language/sv")
    page.goto(f"{live_server}/finance/bank-details")
    browser.go(page, page.get_by_role("button", name="Jag har ringt"))
    assert page.title().startswith("Fel:")
    browser.assert_accessible(page)
    page.locator(".error-summary a").click()
    assert page.evaluate("document.activeElement.name") == f"d{waiting}-contact"
    page.get_by_label("Birgitta Testlund").check()
    browser.go(page, page.get_by_role("button", name="Jag har ringt"))
    expect(page.get_by_role("main")).to_contain_text("Samtalet är antecknat.")
    with stage.database.transaction(1) as session:
        from sqlalchemy import select  # noqa: PLC0415  # only here

        from vouchers.models import Report  # noqa: PLC0415  # only here

        taken = select(Report.id).where(Report.leg_id == legs["other"], Report.month == APRIL)
        report_id = session.scalars(taken).one()
        actions.withdraw_report(session, report_id, by=stage.town.other_coach, today=date(2026, 6, 3))
    stage.booked()
    batch = stage.batched()
    stage.signed(batch, stage.town.signer)
    key = stage.keys(legs["other"])[-1]
    assert key.sequence == 1
    sign_in(page, live_server, "attest2")
    look(
        page,
        live_server,
        [
            "/finance/",
            "/finance/bank-details",
            f"/finance/batches/{batch.id}",
            f"/finance/batches/{batch.id}/void",
            f"/finance/statements/{stage.statement_id(batch.id, stage.town.provider_id)}",
            f"/finance/statements/{stage.statement_id(batch.id, stage.town.other_provider_id)}",
            f"/finance/lines/{key.scope_id}/base/{key.part}/1",
        ],
    )


def test_a_payment_from_run_to_bank(page: Page, live_server: str, stage: Stage, settings):
    leg_id = stage.started("Amal Provlund", day=date(2026, 3, 2))
    stage.reported(leg_id, MARCH, APRIL)
    sign_in(page, live_server, "ekonom")
    browser.go(page, page.get_by_role("button", name="Kör beräkningen"))
    expect(page.get_by_role("main")).to_contain_text("2 rader är bokade")
    browser.go(page, page.get_by_role("link", name="Gör en utbetalning"))
    browser.go(page, page.get_by_role("button", name="Gör utbetalningen"))
    address = page.url
    for who in ("attest1", "attest2"):
        browser.go(page, page.get_by_role("button", name="Logga ut"))
        sign_in(page, live_server, who)
        page.goto(address)
        browser.go(page, page.get_by_role("button", name="Skriv under"))
        expect(page.get_by_role("main")).to_contain_text("Du har skrivit under.")
    browser.go(page, page.get_by_role("button", name="Logga ut"))
    sign_in(page, live_server, "ekonom")
    page.goto(address)
    browser.go(page, page.get_by_role("button", name="Skicka till banken"))
    expect(page.get_by_role("main")).to_contain_text("Filen är överlämnad till banken.")
    assert len(list(settings.outbox.glob("*.xml"))) == 1
    browser.go(page, page.get_by_role("link", name="Stigfinnarna"))
    browser.go(page, page.get_by_role("link", name="Ärende").first)
    assert "Varför 3 567,10 kr?" in page.inner_text("h1").replace("\N{NO-BREAK SPACE}", " ")
