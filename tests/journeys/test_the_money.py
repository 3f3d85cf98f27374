"""A parked batch is looked into, a provider held and released, a line explained, a batch stopped, and what
it left is followed up, signed and sent; with a bank that says no first and yes then."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

from playwright.sync_api import Page, expect

from app import jobs
from app.demo.bank import accepted
from app.demo.people import Names
from config import Settings
from core import audit
from core.database import Database
from payouts import actions as money
from payouts.models import Batch
from tests.journeys.conftest import SignIn, day, follow, press, says
from tests.provider.stage import APRIL, MARCH, MAY, Stage
from tests.support import browser
from tests.support.town import Town, noon
from tools.demo_bank import Bank, answer_folder


def looked_at(page: Page) -> None:
    """In a narrow window and a wide one."""
    browser.assert_stands(page)


def three_months_paid(database: Database, town: Town) -> Stage:
    """One person at each provider has been paid for three times; then more is due than ever."""
    stage = Stage.__new__(Stage)  # in the town that is there already
    stage.database, stage.town, stage.names = database, town, Names(2027)
    first = stage.started("Amal Provlund", day=date(2026, 3, 2))
    other = stage.started("Gunnar Provmark", other=True, day=date(2026, 3, 2))
    for month, paid_on in (
        (MARCH, date(2026, 4, 7)),
        (APRIL, date(2026, 5, 6)),
        (MAY, date(2026, 6, 3)),
    ):
        stage.reported(first, month)
        stage.reported(other, month, other=True)
        batch = stage.paid(paid_on)
        with database.transaction(1) as session:
            money.read_answer(session, accepted(batch.document or b""), by=town.maker, at=noon(paid_on))
    june = date(2026, 6, 1)
    for name in ("Bodil Testhed", "Cesar Mönsterby", "Dalia Skissvik"):
        leg_id = stage.started(name, day=date(2026, 4, 1))
        stage.reported(leg_id, APRIL, MAY)
        stage.worked(leg_id, date(2026, 6, 4))
    stage.reported(other, june, other=True)
    stage.booked(date(2026, 7, 1))
    return stage


def looked_into_and_signed(page: Page, address: str, sign_in: SignIn, *, parked: bool) -> None:
    """Attest 1 looks into it if it is parked, and signs; attest 2 signs."""
    for signer in ("attest1", "attest2"):
        sign_in(signer)
        page.goto(address)
        looked_at(page)
        if parked and signer == "attest1":
            expect(page.get_by_role("button", name="Skriv under")).to_have_count(0)
            press(page, "Det stämmer, låt den gå vidare")
            says(page, "Skriv vad du har kontrollerat och varför det stämmer.")
            looked_at(page)
            page.get_by_label("Vad har du kommit fram till?").fill("Tre personer fick arbete i juni.")
            press(page, "Det stämmer, låt den gå vidare")
            says(page, "Tre personer fick arbete i juni.")
            looked_at(page)
        press(page, "Skriv under")


def answered(page: Page, address: str, settings: Settings, database: Database, *, closed: bool) -> None:
    """The bank takes the file, and its answer is read; a closed account pays nobody."""
    with Bank(clock="2026-07-02T10:30") as bank:
        bank.open_account(settings.debtor_iban, name="Exempelstad", closed=closed)
        (written,) = answer_folder(bank, outbox=settings.outbox, inbox=settings.inbox)
        assert Path(written).exists()
    assert jobs.tick(database, settings, datetime.now(UTC)) > 0
    page.goto(address)


def test_parked_held_stopped_and_followed_up(
    page: Page, live_server: str, sign_in: SignIn, town: Town, settings: Settings, database: Database
) -> None:
    stage = three_months_paid(database, town)
    listener = browser.Listener(page, live_server)
    with day("2026-07-02"):
        sign_in("ekonom")  # more than ever: it will be parked, and the page says so
        page.goto(f"{live_server}/finance/make")
        says(page, "Utbetalningen kommer att parkeras")
        says(page, re.compile("Stigfinnarna får mycket mer än vanligt"))
        looked_at(page)
        press(page, "Gör utbetalningen")
        says(page, "Därför parkerades den")
        says(page, "Du har gjort utbetalningen, så en annan person måste titta på den.")
        expect(page.get_by_role("button", name="Skriv under")).to_have_count(0)
        looked_at(page)
        first = page.url

        sign_in("attest1")  # somebody else looks into it, line by line
        page.goto(first)
        follow(page, "Stigfinnarna")
        looked_at(page)
        follow(page, "Ärende")
        says(page, "Så räknades det")
        says(page, "Håll inne raden")
        looked_at(page)
        page.goto(f"{live_server}/finance/holds")  # Lyktvägen is to be inspected: nothing to them for now
        says(page, "Inget hålls inne")
        looked_at(page)
        page.get_by_text("Välj anordnare").click()
        follow(page, "Håll inne Lyktvägen")
        looked_at(page)
        press(page, "Håll inne")
        says(page, "Välj ett av skälen.")
        looked_at(page)
        page.get_by_label("Anordnaren granskas").check()
        page.get_by_label("Vad har hänt?").fill("Lokalen var stängd vid besöket den 30 juni.")
        press(page, "Håll inne")
        says(page, "Du har hållit inne det, så en annan person måste släppa det.")
        looked_at(page)

        page.goto(first)  # the batch that was made before pays them, so it cannot be signed
        page.get_by_label("Vad har du kommit fram till?").fill("Tre personer fick arbete i juni.")
        press(page, "Det stämmer, låt den gå vidare")
        press(page, "Skriv under")
        expect(page.locator("body")).to_contain_text("Något i utbetalningen har hållits inne")
        page.goto(first)
        follow(page, "Stoppa utbetalningen")
        looked_at(page)
        page.get_by_label("Varför stoppas utbetalningen?").fill("Lyktvägen hålls inne.")
        press(page, "Stoppa utbetalningen")
        says(page, "Lyktvägen hålls inne.")
        looked_at(page)

        sign_in("ekonom")  # and made anew, without them
        page.goto(f"{live_server}/finance/make")
        says(page, "Lyktvägen hålls inne")
        looked_at(page)
        press(page, "Gör utbetalningen")
        says(page, "De här lämnades utanför")
        batch = page.url
        looked_into_and_signed(page, batch, sign_in, parked=True)
        sign_in("ekonom")
        page.goto(batch)
        press(page, "Skicka till banken")
        answered(page, batch, settings, database, closed=True)
        says(page, "Banken har nekat någon betalning")
        says(page, "har lämnat")
        looked_at(page)

    with day("2026-07-06"):
        sign_in("attest2")  # what one held another lets go
        page.goto(f"{live_server}/finance/")
        says(page, "En sak hålls inne")
        looked_at(page)
        page.goto(f"{live_server}/finance/holds")
        follow(page, "Släpp")
        looked_at(page)
        page.get_by_label("Varför släpps det?").fill("Lokalen var öppen vid ett nytt besök.")
        press(page, "Släpp")
        says(page, "Lokalen var öppen vid ett nytt besök.")
        looked_at(page)

        sign_in("ekonom")  # and both are paid by a follow-up
        page.goto(batch)
        follow(page, re.compile("^Följ upp"))
        says(page, "Tillbaka från banken")
        says(page, "Lyktvägen")
        looked_at(page)
        press(page, "Gör uppföljningen")
        says(page, "Skriv varför uppföljningen görs.")
        looked_at(page)
        page.get_by_label("Varför görs uppföljningen?").fill(
            "Kontot är öppnat igen, och granskningen är klar."
        )
        press(page, "Gör uppföljningen")
        says(page, "Den följer upp utbetalningen")
        follower = page.url
        with database.reading() as session:
            parked = session.get_one(Batch, (1, int(follower.rsplit("/", 1)[1]))).state == "parked"
        looked_into_and_signed(page, follower, sign_in, parked=parked)
        sign_in("ekonom")
        page.goto(follower)
        press(page, "Skicka till banken")
        answered(page, follower, settings, database, closed=False)
        says(page, "Banken har godkänt")
        looked_at(page)
        page.goto(batch)
        says(page, "Följdes upp")
        says(page, "Kontot är öppnat igen, och granskningen är klar.")
        looked_at(page)
        page.goto(f"{live_server}/finance/make")
        says(page, "Inget att betala ut")

        sign_in("chef")  # the provider sees both statements, the first with what came of it
        page.goto(f"{live_server}/provider/money")
        looked_at(page)
        statement = stage.statement_id(int(batch.rsplit("/", 1)[1]), town.provider_id)
        page.goto(f"{live_server}/provider/money/{statement}")
        says(page, "Pengarna betalas i en senare utbetalning.")
        looked_at(page)

        sign_in("attest1")  # the same in English
        statement = stage.statement_id(int(follower.rsplit("/", 1)[1]), town.provider_id)
        for address in (batch, follower, first, f"{live_server}/finance/holds",
                        f"{live_server}/finance/statements/{statement}"):  # fmt: skip
            browser.assert_stands_in(page, address, ("en",))
            expect(page.get_by_role("main")).not_to_contain_text(
                re.compile("Utbetalning|Parkerad|Därför|Följdes|Släpp|Tillbaka från")
            )
    browser.assert_clean_console(listener)
    with database.reading() as session:
        assert audit.verify(session, town.municipality_id).fault is None
