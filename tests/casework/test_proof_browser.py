"""A result is proved in a real browser: claimed, shown, asked about, answered by the employer, judged."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.demo.people import PASSWORD, organisation_number
from core import dates, identity
from core.database import Database
from tests.casework.test_proving import worked
from tests.support.browser import assert_stands, assert_stands_in, go
from tests.support.papers import PDF
from tests.support.town import Town
from vouchers import actions
from vouchers.models import Check, Outcome

pytestmark = [pytest.mark.parametrize("database_kind", ["sqlite"]), pytest.mark.usefixtures("tokens")]


def sign_in(page: Page, live_server: str, user_name: str, next_: str) -> None:
    page.goto(f"{live_server}/sign-in?next={next_}")
    page.get_by_label("Användarnamn", exact=True).fill(user_name)
    page.get_by_label("Lösenord", exact=True).fill(PASSWORD)
    with page.expect_navigation():
        page.get_by_label("Lösenord", exact=True).press("Enter")


def sign_out(page: Page) -> None:
    go(page, page.get_by_role("button", name="Logga ut"))


def test_a_result_is_claimed_shown_asked_about_and_judged(
    page: Page, live_server: str, heard, database: Database, town: Town, tmp_path: Path
):
    today = dates.today()
    contract = tmp_path / "anställningsbevis.pdf"
    contract.write_bytes(PDF)
    with database.transaction(town.municipality_id) as session:
        leg_id = town.started(session)
    sign_in(page, live_server, "handledare", f"/provider/participants/{leg_id}/outcome")
    page.get_by_label("Arbete", exact=True).check()
    page.get_by_label("Första dagen i det nya").fill(today.isoformat())
    page.get_by_label("Sista dagen hos er").fill(today.isoformat())
    page.get_by_label("Arbetsgivarens namn").fill("Provbageriet")
    page.get_by_label("Arbetsgivarens organisationsnummer").fill(organisation_number(7001))
    go(page, page.get_by_role("button", name="Anmäl resultatet"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Underlag för resultatet")
    page.get_by_label("Fil", exact=True).set_input_files(contract)
    go(page, page.get_by_role("button", name="Lämna filen"))
    expect(page.get_by_role("alert")).to_contain_text("Välj vad det är för underlag.")
    expect(page.get_by_text("anställningsbevis.pdf är mottagen.")).to_be_visible()
    page.get_by_label("Vad är det för underlag?").select_option(label="Anställningsbevis")
    go(page, page.get_by_role("button", name="Lämna filen"))
    expect(page.get_by_role("status")).to_contain_text("Filen är mottagen.")
    sign_out(page)

    with database.reading() as session:
        check_id = session.scalars(select(Check.id)).one()
    sign_in(page, live_server, "vagledare", f"/casework/checks/{check_id}")
    go(page, page.get_by_role("link", name="Fråga arbetsgivaren"))
    expect(page.get_by_label("Arbetsgivarens namn")).to_have_value("Provbageriet")
    page.get_by_label("Arbetsgivarens e-postadress").fill("chef@example.org")
    page.get_by_label("Personen vet att vi frågar arbetsgivaren").check()
    go(page, page.get_by_role("button", name="Gör länken"))
    link = page.get_by_text("/employer/").inner_text()
    sign_out(page)

    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Stämmer det här?")
    page.get_by_label("Ja, det stämmer", exact=True).check()
    page.get_by_label("Ditt namn och din roll").fill("Anna Provsson, chef")
    go(page, page.get_by_role("button", name="Skicka svaret"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Tack för svaret")

    sign_in(page, live_server, "vagledare", f"/casework/checks/{check_id}")
    expect(page.get_by_role("table")).to_contain_text("Arbetsgivaren, med en länk")
    page.get_by_label("Godkänn", exact=True).check()
    page.get_by_label("Underlag som du har sett").select_option(label="Arbetsgivarens eget besked")
    go(page, page.get_by_role("button", name="Spara bedömningen"))
    expect(page.get_by_role("status")).to_contain_text("Godkänt. Det kan betalas.")


def test_the_pages_of_proof_stand(page: Page, live_server: str, heard, database: Database, town: Town):
    check_id, today = worked(database, town, organisation_number(7001)), dates.today()
    with database.transaction(town.municipality_id) as session:
        outcome_id = session.scalars(select(Outcome.id)).one()
        actions.look_at_source(
            session, check_id, "payslip", "no_answer", note="Ringde två gånger.", by=town.guide, today=today
        )
        asked = actions.Asked("Provbageriet", "chef@example.org")
        question = actions.ask_employer(session, check_id, asked, by=town.guide, at=dates.now())
        code = identity.vault(session).open(question.code_sealed)
    assert_stands_in(page, f"{live_server}/employer/{code}", ("sv", "en"))
    page.goto(f"{live_server}/language/sv?next=/employer/{code}")
    go(page, page.get_by_role("button", name="Skicka svaret"))
    expect(page.get_by_role("alert")).to_contain_text("Skriv ditt namn och din roll.")
    assert_stands(page)
    sign_in(page, live_server, "vagledare", "/casework/overrides")
    for path in (
        "overrides",
        *(f"checks/{check_id}{part}" for part in ("", "/look", "/employer", "/override")),
    ):
        assert_stands_in(page, f"{live_server}/casework/{path}", ("sv", "en"))
    with database.transaction(town.municipality_id) as session:
        form = actions.OverrideForm(True, "Arbetsgivaren är i konkurs.", today + timedelta(days=30))
        actions.override_check(session, check_id, form, by=town.guide, today=today)
    for path in ("overrides", f"checks/{check_id}"):
        assert_stands_in(page, f"{live_server}/casework/{path}", ("sv",))
    page.goto(f"{live_server}/language/sv?next=/casework/overrides")
    sign_out(page)
    sign_in(page, live_server, "chef", "/provider/group")
    page.get_by_label("Organisationens namn").fill("Provgruppen")
    page.get_by_label("Organisationsnummer").fill("419901-0011")
    go(page, page.get_by_role("button", name="Lägg till"))
    expect(page.get_by_role("alert")).to_contain_text("Organisationsnumret stämmer inte.")
    expect(page.get_by_label("Organisationens namn")).to_have_value("Provgruppen")
    page.get_by_label("Organisationsnummer").fill(organisation_number(7002))
    go(page, page.get_by_role("button", name="Lägg till"))
    expect(page.get_by_role("status")).to_contain_text("Organisationen står nu på listan.")
    for path in ("group", f"outcomes/{outcome_id}/evidence"):
        assert_stands_in(page, f"{live_server}/provider/{path}", ("sv",))
