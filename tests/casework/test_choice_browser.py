"""A choice that was not made, in a real browser: the list, the answer that none suits, the provider's no."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.demo.people import PASSWORD
from core import dates
from core.database import Database
from tests.support.browser import (
    Listener,
    assert_accessible,
    assert_clean_console,
    assert_stands_in,
    go,
)
from tests.support.town import Town
from tests.vouchers.test_non_choice import spread
from vouchers.models import Leg

pytestmark = [pytest.mark.parametrize("database_kind", ["sqlite"]), pytest.mark.usefixtures("tokens")]


@pytest.fixture
def decided_on() -> date:
    """Long enough ago for the window to have passed."""
    return dates.add_working_days(dates.today() - timedelta(days=21), 0)


def enter(page: Page, live_server: str, user_name: str, next_: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{live_server}/sign-in?next={next_}")
    page.get_by_label("Användarnamn", exact=True).fill(user_name)
    page.get_by_label("Lösenord", exact=True).fill(PASSWORD)
    with page.expect_navigation():
        page.get_by_label("Lösenord", exact=True).press("Enter")


def stands(page: Page) -> None:
    """The page has no fault for axe in both languages, at both widths; it is read in Swedish again."""
    assert_stands_in(page, page.url, ("en", "sv"))


def test_from_none_suits_to_the_list_to_the_providers_no(
    page: Page, live_server: str, database: Database, town: Town
):
    with database.transaction(1) as session:
        spread(session, town)
    heard = Listener(page, live_server)
    enter(page, live_server, "sokande", f"/seeker/vouchers/{town.voucher_id}/none-suits")
    stands(page)
    page.get_by_label("Ingen talar mitt språk").check()
    go(page, page.get_by_role("button", name="Skicka svaret"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Tack, nu vet vi")
    stands(page)
    go(page, page.locator("main").get_by_role("link", name="Till Min väg").last)
    stands(page)

    enter(page, live_server, "vagledare", "/casework/")
    go(page, page.get_by_role("link", name="Ring: ingen anordnare passar"))
    stands(page)
    page.get_by_label("Vad kom ni fram till?").fill("Tolk nästa gång.")
    page.get_by_label("Ge personen en helt ny tid att välja").uncheck()
    go(page, page.get_by_role("button", name="Spara uppföljningen"))
    go(page, page.get_by_role("link", name="Inte valt"))
    stands(page)
    go(page, page.get_by_role("button", name="Gör ett förslag"))
    stands(page)
    page.get_by_label("Anordnare åt Samira Testgren").select_option("Lämna utanför listan")
    go(page, page.get_by_role("button", name="Bekräfta listan"))
    expect(page.get_by_role("alert")).to_contain_text("Skriv varför Samira Testgren lämnas utanför.")
    assert_accessible(page)
    page.get_by_label("Anordnare åt Samira Testgren").select_option(label="Stigfinnarna (förslaget)")
    go(page, page.get_by_role("button", name="Bekräfta listan"))
    expect(page.locator("main")).to_contain_text("En person har fått en anordnare.")
    stands(page)

    with database.reading() as session:
        leg_id = session.scalars(select(Leg.id)).one()
    enter(page, live_server, "sokande", "/seeker/")
    stands(page)
    go(page, page.get_by_role("link", name="Kvitto: Stigfinnarna"))
    expect(page.locator("main")).to_contain_text("för att de är närmast dig: ungefär 2 km")
    stands(page)

    enter(page, live_server, "handledare", f"/provider/participants/{leg_id}")
    go(page, page.get_by_role("link", name="Tacka nej"))
    stands(page)
    page.get_by_label("Vi är jäviga").check()
    go(page, page.get_by_role("button", name="Tacka nej"))
    expect(page.locator("main")).to_contain_text("får välja på nytt")
    assert_clean_console(heard)
