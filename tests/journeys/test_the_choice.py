"""Assessed, with a letter, comparing, choosing, beginning, switching: by pointer and by keyboard."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from app.demo.people import House, accredited_provider
from core.database import Database, fetch
from core.rulebooks import Rulebook
from tests.journeys.conftest import day
from tests.journeys.walker import Walker
from tests.support.town import Town
from vouchers.models import Leg, Voucher

HARBOUR = House(
    "Hamnljuset",
    "private",
    "Sjösidan",
    ("sv", "fi"),
    "Vi provar arbeten.",
    "We try jobs.",
    ("matching",),
    5,
    50,
)
STEPS = {
    "experience": "some", "education": "some", "swedish": "near", "digital": "near",
    "health": "near", "home": "near", "goal": "near", "apply": "some",
}  # fmt: skip


@pytest.fixture
def town(town: Town, database: Database) -> Town:
    """One more to choose among."""
    with database.transaction(town.municipality_id) as session:
        accredited_provider(
            session,
            HARBOUR,
            3,
            fetch(session, Rulebook, town.municipality_id, town.rulebook_id),
            inspector=town.inspector,
            colleague=town.other_inspector,
            secretary=town.secretary,
            maker=town.maker,
            signer=town.signer,
            today=town.decided_on,
        )
    return town


@pytest.fixture(params=["pointer", "keyboard"])
def by(request: pytest.FixtureRequest) -> str:
    """How they move."""
    return str(request.param)


@pytest.fixture(params=["sv", "en"])
def language(request: pytest.FixtureRequest) -> str:
    """What they read."""
    return str(request.param)


@pytest.fixture
def walker(browser: Browser, live_server: str, by: str, language: str) -> Walker:
    """Whoever walks."""
    return Walker(browser, live_server, by, language)


def test_from_the_assessment_to_the_second_provider(
    walker: Walker, town: Town, app: Flask, database: Database
) -> None:
    person_id = town.other_participant_id

    with day("2026-03-04"), walker.being("vagledare"):  # they meet; the guide decides, and prints the letter
        walker.go(f"/casework/people/{person_id}/assess")
        walker.press("Se vad svaren talar för")  # an empty form says what is missing, and loses nothing
        for question, step in STEPS.items():
            walker.pick(walker.page.locator(f'[name="answer-{question}"][value="{step}"]'))
        walker.pick(walker.page.locator('[name="state_check"][value="none_fits"]'))
        walker.press("Se vad svaren talar för")
        walker.says("Vad svaren talar för")
        expect(walker.page.locator('[name="finding"][value="matching:enhanced"]')).to_be_checked()
        walker.press("Spara bedömningen")
        walker.follow("Besluta om insats")
        expect(walker.page.locator('[name="service"]:checked')).to_have_value(
            re.compile("matching:enhanced$")
        )
        walker.fill("Antal månader", "9")
        walker.pick(walker.page.locator('[name="target_group"][value="weak_swedish"]'))
        walker.pick(walker.page.locator('[name="studies"][value="sfi"]'))
        walker.fill("Skäl för beslutet", "Behöver stöd att hitta ett arbete.")
        walker.press("Fortsätt")
        walker.press("Besluta")
        voucher_id = the_voucher(database, town, person_id)
        walker.go(f"/casework/cases/{voucher_id}/letter")
        walker.press("Gör brevet")
        letter = walker.page.get_by_role("main").inner_text()
        code = re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", letter)
        assert code, letter

    with day("2026-03-05"), walker.being(None) as page:  # at home, with the letter and a phone
        walker.go("/letter")
        walker.fill("Brevets kod", code[0].lower().replace("-", " "))
        walker.press("Fortsätt")
        alone = page.get_by_role("main").inner_text()
        for secret in (
            "Provlund",
            "Oleh",
            walker.t("Matchande insats") if walker.language == "sv" else "atching",
        ):
            assert secret not in alone
        walker.follow("Logga in och välj")
        walker.sign_in("sokande2")
        walker.look()

        walker.open("Fler val och ordning")
        walker.select("Språk", "so")
        walker.press("Visa")
        assert names(page) == ["Lyktvägen"]
        walker.follow("Alla språk")
        walker.open("Fler val och ordning")
        walker.select("Ordning", "name")
        walker.press("Visa")
        assert names(page) == ["Hamnljuset", "Lyktvägen", "Stigfinnarna"]
        for name in ("Hamnljuset", "Lyktvägen"):
            walker.use(page.get_by_role("button", name=f"{walker.t('Spara')} {name}"))
        walker.follow("Jämför sida vid sida")
        walker.says("Vilka språk talar de?")
        walker.follow("Tillbaka till jämförelsen")

        walker.follow("Välj %(name)s", name="Lyktvägen")
        walker.press("Ja, välj %(who)s", who="Lyktvägen")
        walker.says("Du har valt %(who)s", who="Lyktvägen")
        receipt = page.url

    leg_id = the_leg(database, town, voucher_id, 1)
    with day("2026-03-06"), walker.being("handledare2"):  # the provider answers, and they begin
        walker.go(f"/provider/participants/{leg_id}")
        walker.press("Ta emot")
        walker.go(f"/provider/participants/{leg_id}/start")
        walker.fill("Vilken dag började personen?", "2026-03-06")
        walker.press("Registrera starten")
        walker.says("Pågår")

    with day("2026-04-20"), walker.being("sokande2") as page:  # it did not suit
        walker.follow("Byt anordnare")
        walker.use(page.locator("main a.button-primary, main a[data-variant=primary]").first)
        walker.follow("Byt till %(name)s", name="Stigfinnarna")
        walker.press("Ja, byt till %(who)s", who="Stigfinnarna")
        walker.says("Du har valt %(who)s", who="Stigfinnarna")
        page.goto(receipt)
        walker.says("Du har valt %(who)s", who="Lyktvägen")

    with database.reading() as session:
        old = fetch(session, Leg, town.municipality_id, leg_id)
        assert (old.ended_on, old.end_reason) == (date(2026, 4, 27), "switched")
    new_id = the_leg(database, town, voucher_id, 2)
    with day("2026-04-28"), walker.being("handledare"):  # the second one receives her
        walker.go(f"/provider/participants/{new_id}")
        walker.press("Ta emot")
        walker.go(f"/provider/participants/{new_id}/start")
        walker.fill("Vilken dag började personen?", "2026-04-27")
        walker.press("Registrera starten")  # the last day at the first provider: refused, in place
        walker.fill("Vilken dag började personen?", "2026-04-28")
        walker.press("Registrera starten")
        walker.says("Pågår")


@pytest.mark.parametrize(("by", "language"), [("pointer", "sv")])
def test_the_letters_code_is_four_decisions_at_most_from_the_receipt(
    walker: Walker, town: Town, app: Flask, database: Database
) -> None:
    with day("2026-03-02"), walker.being("vagledare") as page:
        walker.go(f"/casework/cases/{town.voucher_id}/letter")
        walker.press("Gör brevet")
        code = re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", page.get_by_role("main").inner_text())
        assert code

    with day("2026-03-03"), walker.being("sokande") as page:
        page.goto(f"{walker.server}/letter/{code[0]}")
        walker.follow("Logga in och välj")  # she is signed in, so this leads straight on
        decisions = 0
        for press in ("Välj Stigfinnarna", "Ja, välj Stigfinnarna"):
            assert page.get_by_role("heading", level=1).count() == 1
            walker.use(
                page.get_by_role("main").locator("a, button", has_text=re.compile(f"^\\s*{press}")).first
            )
            decisions += 1
        assert "/seeker/receipts/" in page.url
        assert decisions <= 4


def names(page: Page) -> list[str]:
    """Who is listed, in order."""
    found: list[str] = page.locator(".provider h2").all_inner_texts()
    return [name.strip() for name in found]


def the_voucher(database: Database, town: Town, participant_id: int) -> int:
    """The person's voucher."""
    with database.reading() as session:
        rows = select(Voucher.id).where(
            Voucher.municipality_id == town.municipality_id, Voucher.participant_id == participant_id
        )
        return session.scalars(rows).one()


def the_leg(database: Database, town: Town, voucher_id: int, ordinal: int) -> int:
    """The voucher's first or second leg."""
    with database.reading() as session:
        rows = select(Leg.id).where(
            Leg.municipality_id == town.municipality_id,
            Leg.voucher_id == voucher_id,
            Leg.ordinal == ordinal,
        )
        return session.scalars(rows).one()
