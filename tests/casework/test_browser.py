"""The casework pages in a real browser: to look through, to stand narrow screens, and to work by keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from app.demo.people import PASSWORD
from core import dates
from core.database import Database
from core.dates import add_months, first_of_month
from tests.casework.conftest import NUMBERS
from tests.casework.test_judging import claimed
from tests.support.browser import (
    assert_accessible,
    assert_stands_in,
    go,
)
from tests.support.town import Town, decided, voucher_form

pytestmark = [pytest.mark.parametrize("database_kind", ["sqlite"]), pytest.mark.usefixtures("tokens")]


def sign_in(page: Page, live_server: str, user_name: str, next_: str = "/casework/") -> None:
    page.goto(f"{live_server}/sign-in?next={next_}")
    page.get_by_label("Användarnamn", exact=True).fill(user_name)
    page.get_by_label("Lösenord", exact=True).fill(PASSWORD)
    page.get_by_label("Lösenord", exact=True).press("Enter")
    page.wait_for_url(f"**{next_}")


def stands(page: Page, address: str) -> None:
    """The page has no fault for axe, on a desk and on a phone, in both languages."""
    assert_stands_in(page, address, ("sv", "en"))


def test_every_page_of_a_guide_stands(page: Page, live_server: str, heard, database: Database, town: Town):
    check_id = claimed(database, town)
    with database.transaction(town.municipality_id) as session:
        form = voucher_form(town.rulebook_id)
        voucher = decided(session, town.other_participant_id, form, by=town.guide, today=dates.today())
    sign_in(page, live_server, "vagledare")
    for path in (
        "",
        "?whose=all&waits=checks",
        "?waits=reports",
        "person",
        f"people/{town.participant_id}/decide",
        f"cases/{town.voucher_id}",
        f"cases/{voucher.id}",
        f"cases/{voucher.id}/choose",
        f"cases/{voucher.id}/choose?provider={town.provider_id}",
        f"checks/{check_id}",
        "register",
        "clock",
    ):
        stands(page, f"{live_server}/casework/{path}")


def test_the_report_page_stands_untouched_and_refused(page, live_server, heard, database, town):
    month = first_of_month(add_months(dates.today(), -1))
    with database.transaction(town.municipality_id) as session:
        leg_id = town.started(session)
        report_id = town.reported(session, leg_id, month, approved=False)
    sign_in(page, live_server, "vagledare")
    stands(page, f"{live_server}/casework/reports/{report_id}")
    page.goto(f"{live_server}/language/sv?next=/casework/reports/{report_id}")
    page.get_by_label("Skicka tillbaka").check()
    go(page, page.get_by_role("button", name="Spara bedömningen"))
    expect(page.get_by_role("alert")).to_contain_text("Skriv vad som behöver ändras.")
    expect(page.get_by_label("Skicka tillbaka")).to_be_checked()
    assert page.title().startswith("Fel:")
    assert_accessible(page)
    page.get_by_role("link", name="Skriv vad som behöver ändras.").click()
    page.keyboard.type("Skriv vilka jobb som söktes.")
    go(page, page.get_by_role("button", name="Spara bedömningen"))
    expect(page.get_by_role("status")).to_contain_text("Rapporten är tillbaka hos anordnaren.")


def test_the_trail_and_a_protected_page_stand(page: Page, live_server: str, heard, secret):
    sign_in(page, live_server, "admin", "/casework/trail")
    stands(page, f"{live_server}/casework/trail?verify=1")
    page.goto(f"{live_server}/language/sv?next=/casework/register")
    go(page, page.get_by_role("button", name="Logga ut"))
    sign_in(page, live_server, "vagledare")
    page.goto(f"{live_server}/casework/cases/{secret.voucher_id}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ärendet är skyddat")
    assert_accessible(page)


def test_a_guide_registers_assesses_decides_and_chooses_by_keyboard(
    page: Page, live_server: str, heard, town: Town
):
    number = NUMBERS.number()
    sign_in(page, live_server, "vagledare")
    page.get_by_role("link", name="Registrera en person").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Personnummer eller samordningsnummer").fill(
        number[:-1] + str((int(number[-1]) + 1) % 10)
    )
    page.get_by_label("Förnamn").fill("Amal")
    page.get_by_label("Efternamn").fill("Provberg")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Personnumret stämmer inte")
    assert_accessible(page)
    page.get_by_label("Personnummer eller samordningsnummer").fill(number)
    expect(page.get_by_label("Förnamn")).to_have_value("Amal")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bedömning")
    for answer in page.get_by_label("Klarar det mesta").all():
        answer.press("Space")
    page.get_by_label("Ingen av statens insatser passar nu").press("Space")
    page.get_by_role("button", name="Se vad svaren talar för").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Vad svaren talar för")
    expect(page.get_by_label("Matchande insats, grund")).to_be_checked()
    page.get_by_role("button", name="Spara bedömningen").press("Enter")
    page.get_by_role("link", name="Besluta om insats").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Besluta om insats")
    expect(page.get_by_label("Matchande insats, grund")).to_be_checked()
    page.get_by_label("Antal månader").fill("6")
    page.get_by_label("Har försörjningsstöd").press("Space")
    page.get_by_label("Skäl för beslutet").fill("Vi har talat om vad som hjälper.")
    page.get_by_role("button", name="Fortsätt").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Kontrollera beslutet")
    assert_accessible(page)
    page.get_by_role("button", name="Besluta").press("Enter")
    page.get_by_role("link", name="Välj anordnare tillsammans").press("Enter")
    page.get_by_role("link", name="Välj Lyktvägen").press("Enter")
    page.get_by_label("Personen är med mig nu och har själv valt").press("Space")
    page.get_by_role("button", name="Bekräfta valet").press("Enter")
    page.wait_for_url("**/seeker/receipts/*")
    expect(page.locator("main")).to_contain_text("Lyktvägen")
    page.goto(f"{live_server}/casework/")
    page.get_by_label("Namn eller personnummer").fill(number)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Amal Provberg")
    assert number not in page.url
    expect(page.locator("main")).to_contain_text("med hjälp av vägledaren")
