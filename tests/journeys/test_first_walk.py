"""One voucher walks from choice to paid instalment and back, in a real browser, with a bank that answers."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from flask import Flask
from playwright.sync_api import Page, expect

from app import jobs
from config import Settings
from core import audit
from core.database import Database
from tests.journeys.conftest import SignIn, day, follow, looked_at, press
from tests.support import browser
from tests.support.town import Town
from tools.demo_bank import Bank, answer_folder


def report(page: Page, address: str) -> None:
    page.goto(address)
    for label, value in {
        "Inbokad tid": "22:00",
        "Tid som personen var med": "20:00",
        "Varav på plats": "10:00",
        "Möten": "4",
        "Varav fysiska möten": "2",
        "Hur har det gått?": "Har varit på två intervjuer.",
        "Vad är nästa steg?": "Ringa en arbetsgivare.",
    }.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Samtal och vägledning").check()
    page.get_by_label("Enligt planen").check()
    page.get_by_label("När ska nästa steg vara gjort?").fill("2026-05-15")
    looked_at(page)
    browser.go(page, page.get_by_role("button", name=re.compile("^Skicka")).first)


def test_one_voucher_from_choice_to_paid_and_clawed_back(
    page: Page,
    live_server: str,
    sign_in: SignIn,
    town: Town,
    app: Flask,
    settings: Settings,
    database: Database,
) -> None:
    listener = browser.Listener(page, live_server)

    with day("2026-03-03"):  # the seeker compares and chooses
        sign_in("sokande")
        looked_at(page)
        follow(page, re.compile("Jämför"))
        looked_at(page)
        follow(page, re.compile("^Välj Stigfinnarna"))
        looked_at(page)
        browser.go(page, page.get_by_role("button", name=re.compile("^Ja, välj")))
        looked_at(page)
        expect(page.get_by_role("main")).to_contain_text("Stigfinnarna")
        assert "/receipts/" in page.url

    with day("2026-03-04"):  # the provider receives her, and she starts
        sign_in("handledare")
        looked_at(page)
        follow(page, re.compile("Samira Testgren"))
        looked_at(page)
        press(page, "Ta emot")
        with database.reading() as session:
            leg_id = session.connection().exec_driver_sql("select id from leg").scalar_one()
        page.goto(f"{live_server}/provider/participants/{leg_id}/start")
        page.get_by_label("Vilken dag började personen?").fill("2026-03-04")
        looked_at(page)
        press(page, "Registrera starten")
        expect(page.get_by_role("main")).to_contain_text("Pågår")

    with day("2026-04-01"):  # a future report, the month's report, and the same month again
        sign_in("handledare")
        page.goto(f"{live_server}/provider/participants/{leg_id}/report/202605")
        expect(page.get_by_role("main")).to_contain_text("inte")
        report(page, f"{live_server}/provider/participants/{leg_id}/report/202603")
        looked_at(page)
        page.goto(f"{live_server}/provider/participants/{leg_id}/report/202603")
        expect(page.get_by_role("main")).not_to_contain_text("Skicka rapporten")

    with day("2026-04-02"):  # the guide approves it
        sign_in("vagledare")
        looked_at(page)
        follow(page, re.compile("Samira Testgren"))
        looked_at(page)
        follow(page, re.compile("^[Mm]ars"))
        page.get_by_label("Godkänn", exact=True).check()
        looked_at(page)
        press(page, "Spara bedömningen")

    with day("2026-05-04"):  # she has got work
        sign_in("handledare")
        page.goto(f"{live_server}/provider/participants/{leg_id}/outcome")
        page.get_by_label(re.compile("^(Ett )?[Aa]rbete")).check()
        page.get_by_label("Första dagen i det nya").fill("2026-05-04")
        page.get_by_label("Sista dagen hos er").fill("2026-05-03")
        page.get_by_label("Hur mycket av heltid?").fill("100")
        page.get_by_label("Arbetsgivarens organisationsnummer").fill("123")
        press(page, "Anmäl resultatet")
        expect(page.get_by_role("main")).to_contain_text("Organisationsnumret stämmer inte")
        expect(page.get_by_label("Hur mycket av heltid?")).to_have_value("100")
        looked_at(page)
        page.get_by_label("Arbetsgivarens organisationsnummer").fill("419907-0014")
        press(page, "Anmäl resultatet")
        looked_at(page)
        sign_in("vagledare")
        follow(page, re.compile("Samira Testgren"))
        browser.go(page, page.get_by_role("link", name=re.compile("[Rr]esultat")).last)
        page.get_by_label("Godkänn", exact=True).check()
        page.get_by_label("Underlag som du har sett").select_option(label="Anställningsbevis")
        looked_at(page)
        press(page, "Spara bedömningen")

    with day("2026-05-05"):  # one makes the batch, two sign it, the bank answers
        sign_in("ekonom")
        looked_at(page)
        press(page, "Kör beräkningen")
        follow(page, "Gör en utbetalning")
        looked_at(page)
        press(page, "Gör utbetalningen")
        looked_at(page)
        batch = page.url
        expect(page.get_by_role("button", name="Skriv under")).to_have_count(0)
        for signer in ("attest1", "attest2"):
            sign_in(signer)
            page.goto(batch)
            looked_at(page)
            press(page, "Skriv under")
        sign_in("ekonom")
        page.goto(batch)
        press(page, "Skicka till banken")
        with Bank(trusting=True, clock="2026-05-05T10:30") as bank:
            (answered,) = answer_folder(bank, outbox=settings.outbox, inbox=settings.inbox)
            assert answered.exists()
        assert jobs.tick(database, settings, datetime.now(UTC)) > 0
        page.goto(batch)
        expect(page.get_by_role("main")).to_contain_text("Banken har godkänt")
        looked_at(page)

    with day("2026-05-06"):  # the provider sees the money with its reason, and takes the report back
        sign_in("handledare")
        page.goto(f"{live_server}/provider/money")
        looked_at(page)
        expect(page.get_by_role("main")).to_contain_text("13 329,29")  # 28 of 31 days, and the result
        browser.go(page, page.get_by_role("table").get_by_role("link").first)
        looked_at(page)
        follow(page, re.compile("Grundersättning|mars|Samira", re.IGNORECASE))
        looked_at(page)
        page.goto(f"{live_server}/provider/participants/{leg_id}")
        looked_at(page)
        follow(page, re.compile("^Ta tillbaka"))
        looked_at(page)
        press(page, "Ta tillbaka rapporten")

    with day("2026-05-07"):  # the next run claws it back
        sign_in("ekonom")
        press(page, "Kör beräkningen")
        sign_in("handledare")
        page.goto(f"{live_server}/provider/money")
        expect(page.get_by_role("main")).to_contain_text("−3 329,29")
        looked_at(page)

    browser.assert_clean_console(listener)
    with database.reading() as session:
        assert audit.verify(session, town.municipality_id).fault is None
