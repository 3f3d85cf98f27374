"""A new provider, from an empty form through a question back to accreditation and its first customer."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.demo.people import PAPER
from core.database import Database
from providers.models import Accreditation, Decision, Evidence
from tests.journeys.conftest import SignIn, day, follow, looked_at, press, says
from tests.support import browser
from tests.support.town import Town, decided, voucher_form
from vouchers.models import Leg

WORDS = "Så här gör vi: en påhittad beskrivning av hur vi arbetar."


def fill(page: Page, fields: dict[str, str]) -> None:
    for label, value in fields.items():
        page.get_by_label(label).fill(value)


def judge_all(page: Page, listed: str, *, unclear: str = "") -> None:
    """One reviewer goes through every condition, in the order the pages lead."""
    page.goto(listed)
    follow(page, re.compile("Granska villkoret"))
    looked_at(page)
    for _ in range(8):
        title = page.get_by_role("heading", level=1).inner_text()
        verdict = "Oklart" if unclear and unclear in title else "Uppfyllt"
        page.get_by_label(verdict, exact=True).check()
        if verdict == "Oklart":
            page.get_by_label("Vad du såg").fill("Det framgår inte hur den som sitter i rullstol kommer in.")
        press(page, "Spara bedömningen")
        if "/conditions/" not in page.url:
            break
    assert "/conditions/" not in page.url


def test_from_an_empty_form_to_the_first_customer(
    page: Page,
    live_server: str,
    sign_in: SignIn,
    town: Town,
    app: Flask,
    database: Database,
    tmp_path: Path,
) -> None:
    listener = browser.Listener(page, live_server)
    paper, program = tmp_path / "intyg.pdf", tmp_path / "program.pdf"
    paper.write_bytes(PAPER)
    program.write_bytes(b"MZ\x90\x00" + b"\x00" * 200)

    with day("2026-03-03"):  # somebody reads what it takes, and begins
        page.goto(f"{live_server}/become-provider")
        looked_at(page)
        sign_in("nyanordnare")
        looked_at(page)
        page.get_by_label("Organisationens namn").fill("Tranbärets Jobbhus")
        page.get_by_label("Organisationsnummer").fill("419901-0011")
        page.get_by_label("Idéburen organisation").check()
        press(page, "Fortsätt")
        says(page, "Organisationsnumret stämmer inte")
        expect(page.get_by_label("Organisationens namn")).to_have_value("Tranbärets Jobbhus")
        page.get_by_label("Organisationsnummer").fill("429904-2426")
        press(page, "Fortsätt")
        looked_at(page)
        page.get_by_label(re.compile("^Matchande insats")).check()
        press(page, "Börja en ansökan")
        looked_at(page)
        tasks = page.url

        page.goto(f"{tasks}/about")
        page.get_by_label("Vad gör ni, och för vem?").fill("Vi hittar arbetsgivare tillsammans med dig.")
        page.get_by_label("svenska", exact=True).check()
        looked_at(page)
        press(page, "Spara")
        page.goto(f"{tasks}/contacts")
        fill(page, {"Namn": "Edvin Testhage", "Telefon": "070-174 06 50", "E-post": "edvin@example.org"})
        looked_at(page)
        press(page, "Lägg till personen")
        page.goto(f"{tasks}/sites")
        fill(
            page,
            {
                "Gata och nummer": "Tranbärsvägen 3",
                "Postnummer": "10003",
                "Postort": "Exempelstad",
                "Område eller stadsdel": "Sjösidan",
            },
        )
        looked_at(page)
        press(page, "Lägg till platsen")
        page.goto(f"{tasks}/capacity")
        page.get_by_label("Hur många personer kan ni ta emot samtidigt?").fill("12")
        looked_at(page)
        press(page, "Spara")

        page.goto(f"{tasks}/submit")  # too early: it says how much is missing, and nothing is lost
        page.get_by_label(re.compile("^Uppgifterna är riktiga")).check()
        press(page, "Skicka ansökan")
        says(page, "saknas")

        for code in ("f_tax", "no_tax_debt", "insurance", "staff"):
            page.goto(f"{tasks}/conditions/{code}")
            if code == "f_tax":  # a program that calls itself a paper
                page.get_by_label("Fil", exact=True).set_input_files(program)
                page.get_by_label("Underlaget gäller till och med").fill("2027-03-01")
                page.get_by_label(re.compile("^Något mer att säga")).fill("Utdrag från i dag.")
                press(page, "Spara")
                says(page, "Filen är inte en PDF, PNG eller JPEG")
                expect(page.get_by_label(re.compile("^Något mer att säga"))).to_have_value(
                    "Utdrag från i dag."
                )
                looked_at(page)
            page.get_by_label("Fil", exact=True).set_input_files(paper)
            if code != "staff":
                page.get_by_label("Underlaget gäller till och med").fill("2027-03-01")
            press(page, "Spara")
        for code in ("premises", "quality", "secrecy", "insight"):
            page.goto(f"{tasks}/conditions/{code}")
            page.get_by_label("Så uppfyller vi villkoret").fill(WORDS)
            press(page, "Spara")
        page.goto(tasks)
        expect(page.get_by_role("link", name="Kontrollera och skicka")).to_be_visible()
        looked_at(page)
        follow(page, "Kontrollera och skicka")
        looked_at(page)
        page.get_by_label(re.compile("^Uppgifterna är riktiga")).check()
        press(page, "Skicka ansökan")
        says(page, "AUKT 2026-")
        looked_at(page)

    staff = tasks.replace("/provider/", "/casework/")
    with day("2026-03-10"):  # the first reviewer finds something unclear and asks
        sign_in("granskare")
        page.goto(f"{live_server}/casework/applications")
        says(page, "Tranbärets Jobbhus")
        looked_at(page)
        page.goto(staff)
        press(page, "Ta upp till granskning")
        page.goto(f"{staff}/declare")
        looked_at(page)
        page.get_by_label("Nej, jag är inte jävig").check()
        press(page, "Spara svaret")
        judge_all(page, staff, unclear="Lokaler")
        looked_at(page)
        page.goto(f"{staff}/supplement")
        page.get_by_label("Vad ska kompletteras?").fill("Hur kommer den som sitter i rullstol in?")
        page.get_by_label("Sista dag att svara").fill("2026-03-01")
        press(page, "Skicka frågan")
        says(page, "Sista dagen måste vara efter i dag")
        expect(page.get_by_label("Vad ska kompletteras?")).to_have_value(
            "Hur kommer den som sitter i rullstol in?"
        )
        page.get_by_label("Sista dag att svara").fill("2026-03-24")
        looked_at(page)
        press(page, "Skicka frågan")

    with day("2026-03-12"):  # the applicant shows more and answers
        sign_in("nyanordnare")
        page.goto(f"{tasks}/conditions/premises")
        page.get_by_label("Så uppfyller vi villkoret").fill("Det finns en ramp vid ingången från gården.")
        press(page, "Spara")
        page.goto(f"{tasks}/supplement")
        says(page, "Hur kommer den som sitter i rullstol in?")
        looked_at(page)
        page.get_by_label("Ert svar").fill("Vi har byggt en ramp. Den står under lokaler.")
        press(page, "Skicka svaret")
        looked_at(page)

    with day("2026-03-16"):  # both reviewers judge on their own; the first proposes
        sign_in("granskare")
        page.goto(staff)
        press(page, "Ta upp till granskning")
        page.goto(f"{staff}/conditions/premises")
        page.get_by_label("Uppfyllt", exact=True).check()
        page.get_by_label("Vad du såg").fill("Rampen är på plats.")
        press(page, "Spara bedömningen")
        page.goto(f"{staff}/propose")  # one reviewer is not enough
        says(page, "inte granskade av 2")
        looked_at(page)
        sign_in("granskare2")
        page.goto(f"{staff}/declare")
        page.get_by_label("Nej, jag är inte jävig").check()
        press(page, "Spara svaret")
        judge_all(page, staff)
        sign_in("granskare")
        page.goto(f"{staff}/propose")
        page.get_by_label(re.compile("^Auktorisera")).check()
        page.get_by_label("Skäl för förslaget").fill("Alla villkor är uppfyllda.")
        looked_at(page)
        press(page, "Lägg förslaget")
        page.goto(f"{staff}/decide")  # who proposed does not decide
        says(page, "Den som har lagt förslaget kan inte besluta")

    with day("2026-03-17"):  # another person decides
        sign_in("sekreterare")
        page.goto(f"{staff}/decide")
        looked_at(page)
        page.get_by_label("Nej, jag är inte jävig").check()
        page.get_by_label("Auktorisationen gäller från").fill("2026-03-17")
        page.get_by_label("Skäl för beslutet").fill("Anordnaren uppfyller alla villkor.")
        press(page, re.compile("^Besluta: "))
        looked_at(page)

    with database.reading() as session:
        found = session.scalars(
            select(Accreditation).where(Accreditation.diary_number.like("AUKT 2026-%"))
        ).all()[-1]
        decision = session.scalars(select(Decision).where(Decision.accreditation_id == found.id)).one()
        assert (found.state, decision.kind, decision.decided_by) == (
            "active",
            "accredited",
            town.secretary.account_id,
        )
        assert len(session.scalars(select(Evidence).where(Evidence.accreditation_id == found.id)).all()) == 9

    with day("2026-03-18"):  # it stands in the open register, and is chosen
        page.context.clear_cookies()
        page.goto(f"{live_server}/register")
        says(page, "Tranbärets Jobbhus")
        looked_at(page)
        with database.transaction(1) as session:
            decided(
                session,
                town.other_participant_id,
                voucher_form(town.rulebook_id),
                by=town.guide,
                today=date(2026, 3, 18),
            )
        sign_in("sokande2")
        page.goto(f"{live_server}/compare")
        follow(page, re.compile("^Välj Tranbärets Jobbhus"))
        looked_at(page)
        press(page, re.compile("^Ja, välj"))
        says(page, "Tranbärets Jobbhus")
    with database.reading() as session:
        assert session.scalars(select(Leg.accreditation_id)).all() == [found.id]
    browser.assert_clean_console(listener)
