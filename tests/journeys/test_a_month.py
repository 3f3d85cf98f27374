"""March at a provider with five: one late, one who contests, one hired, one who leaves, one who moves on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.demo.people import Names
from core import audit
from core.database import Database
from payouts.models import LedgerLine
from tests.journeys.conftest import SignIn, day, follow, looked_at, press, says
from tests.providers.lives import SHOWN
from tests.support import browser
from tests.support.papers import PDF
from tests.support.town import Town, decided, noon, voucher_form
from vouchers import actions
from vouchers.actions.people import ParticipantForm
from vouchers.models import Leg, Outcome, Report, Voucher

STARTED = date(2026, 3, 3)
MARCH = 202603
PEOPLE = {
    "late": ("Lovisa Provberg", "matching"),
    "hired": ("Henrik Testlund", "matching"),
    "leaves": ("Leila Provdal", "matching"),
    "moves_on": ("Mona Testås", "preparatory"),
}
NUMBERS = Names(4_713)


@dataclass(frozen=True)
class Five:
    """The legs of the five, by what happens to them."""

    legs: dict[str, int]
    moves_on_id: int


@pytest.fixture
def five(town: Town, database: Database) -> Five:
    """They all began on the same day."""
    with database.transaction(town.municipality_id) as session:
        legs, people = {"contests": town.started(session, STARTED)}, {}
        for key in PEOPLE:
            legs[key], people[key] = begun(session, town, key)
    return Five(legs, people["moves_on"])


def begun(session: Session, town: Town, key: str) -> tuple[int, int]:
    """Somebody who met the guide, chose the provider and began. Gives the leg and the person."""
    name, service = PEOPLE[key]
    given, family = name.split(" ")
    form = ParticipantForm(NUMBERS.number(), given, family)
    person = actions.register_participant(session, form, by=town.guide, today=STARTED)
    level, months = ("basic", 12) if service == "matching" else ("single", 6)
    wanted = voucher_form(town.rulebook_id, service, level, months)
    voucher = decided(session, person.id, wanted, by=town.guide, today=STARTED)
    leg = actions.choose(session, voucher.id, town.provider_id, SHOWN, by=town.guide, at=noon(STARTED))
    actions.accept(session, leg.id, by=town.coach, today=STARTED)
    actions.start(session, leg.id, STARTED, by=town.coach, today=STARTED)
    return leg.id, person.id


def fill(page: Page, answers: dict[str, str]) -> None:
    """Write in the fields, by their labels."""
    for label, text in answers.items():
        page.get_by_label(label, exact=True).fill(text)


def choose(scope: Page | Locator, *labels: str | re.Pattern[str]) -> None:
    """Tick the boxes, or pick the answers."""
    for label in labels:
        scope.get_by_label(label, exact=isinstance(label, str)).first.check()


def tell_month(page: Page, button: str = "Skicka rapporten") -> None:
    """Answer what a month asks for, and send it."""
    choose(page, "Samtal och vägledning", "Söka arbete tillsammans", "Enligt planen")
    fill(
        page,
        {
            "Inbokad tid": "22:00",
            "Tid som personen var med": "20:00",
            "Varav på plats": "12:00",
            "Möten": "4",
            "Varav fysiska möten": "2",
            "Hur har det gått?": "Har varit på två intervjuer.",
            "Vad är nästa steg?": "Ringa en arbetsgivare.",
            "När ska nästa steg vara gjort?": "2026-04-20",
        },
    )
    press(page, button)


def paid(database: Database, town: Town, leg_id: int) -> int:
    """What is booked for a leg, in öre."""
    with database.reading() as session:
        booked = select(func.sum(LedgerLine.amount_ore)).where(
            LedgerLine.municipality_id == town.municipality_id, LedgerLine.leg_id == leg_id
        )
        return int(session.scalar(booked) or 0)


def test_a_month_of_five(
    page: Page, live_server: str, sign_in: SignIn, town: Town, app: Flask, five: Five, database: Database
) -> None:
    listener = browser.Listener(page, live_server)
    at = f"{live_server}/provider/participants"
    legs = five.legs

    with day("2026-03-09"):  # the first week: a joint plan, and a meeting
        sign_in("handledare")
        says(page, re.compile("Gör en gemensam plan.* med Samira Testgren"))
        looked_at(page)
        page.goto(f"{at}/{legs['contests']}/written/joint_plan")
        page.get_by_label("Vad vill personen nå?").fill("Ett jobb i vården.")
        press(page, "Spara utkast")
        says(page, "Det här är ett utkast")
        expect(page.get_by_label("Vad vill personen nå?")).to_have_value("Ett jobb i vården.")
        press(page, "Skicka")  # what is missing is said, and nothing typed is lost
        expect(page.get_by_label("Vad vill personen nå?")).to_have_value("Ett jobb i vården.")
        looked_at(page)
        choose(page, "Samtal och vägledning", "Språkträning")
        fill(
            page,
            {
                "Vilken dag gjorde ni planen tillsammans?": "2026-03-06",
                "Minuter i veckan": "90",
                "Vad är nästa steg?": "Prova ett vårdboende en dag.",
                "När ska nästa steg vara gjort?": "2026-03-20",
            },
        )
        press(page, "Skicka")
        looked_at(page)
        page.goto(f"{at}/{legs['contests']}/occasions")
        choose(page, re.compile("^Individuellt möte"))
        fill(page, {"Dag": "2026-03-06", "Började": "09:30", "Minuter": "45"})
        choose(page, re.compile("^På plats"))
        looked_at(page)
        press(page, "Spara")
        says(page, "fredag 6 mars")

    with day("2026-03-12"):  # week two: one was absent yesterday, and does not come back
        sign_in("handledare")
        page.goto(f"{at}/{legs['leaves']}/deviations")
        fill(
            page,
            {
                "Dag": "2026-03-11",
                "Möte eller aktivitet": "Jobbsökning i grupp",
                "Skulle börja": "13:00",
                "Skulle sluta": "15:00",
                "Borta från": "13:00",
                "Borta till": "15:00",
            },
        )
        choose(page, "Inget skäl angett")
        looked_at(page)
        press(page, "Anmäl frånvaron")
        says(page, "onsdag 11 mars")
        page.goto(f"{at}/{legs['leaves']}/end")
        fill(page, {"Vilken var sista dagen?": "2026-03-12"})
        page.get_by_label("Varför slutar insatsen?").select_option("interrupted")
        press(page, "Avsluta insatsen")
        says(page, "Insatsen är avslutad")
        sign_in("vagledare")
        page.goto(f"{live_server}/casework/deviations")
        looked_at(page)
        follow(page, re.compile("Leila Provdal"))
        choose(page, "Nej, inte giltigt skäl")
        page.get_by_label("Varför räcker skälet inte?").fill("Svarade inte på tre samtal.")
        looked_at(page)
        press(page, "Spara bedömningen")

    with day("2026-03-26"):  # one is hired, and shows the contract; one has come far enough
        sign_in("handledare")
        page.goto(f"{at}/{legs['hired']}/outcome")
        choose(page, re.compile("^(Ett )?[Aa]rbete"))
        fill(
            page,
            {
                "Första dagen i det nya": "2026-03-26",
                "Sista dagen hos er": "2026-03-25",
                "Hur mycket av heltid?": "100",
                "Arbetsgivarens namn (valfritt)": "Exempelbageriet",
                "Arbetsgivarens organisationsnummer": "419907-0014",
            },
        )
        press(page, "Anmäl resultatet")
        with database.reading() as session:
            outcome_id = session.scalars(select(Outcome.id).where(Outcome.leg_id == legs["hired"])).one()
        page.goto(f"{live_server}/provider/outcomes/{outcome_id}/evidence")
        page.get_by_label("Vad är det för underlag?").select_option("employment_contract")
        page.locator("input[type=file]").set_input_files(
            {"name": "avtal.pdf", "mimeType": "application/pdf", "buffer": PDF}
        )
        looked_at(page)
        press(page, "Lämna filen")
        says(page, "avtal.pdf")
        page.goto(f"{at}/{legs['moves_on']}/end")
        fill(page, {"Vilken var sista dagen?": "2026-03-26"})
        page.get_by_label("Varför slutar insatsen?").select_option("next_step")
        press(page, "Avsluta insatsen")
        with database.transaction(1) as session:  # the guide meets her and decides, as in another walk
            wanted = voucher_form(town.rulebook_id)
            decided(session, five.moves_on_id, wanted, by=town.guide, today=date(2026, 3, 26))

    with day("2026-04-07"):  # the month is over: three are told in one sitting
        sign_in("handledare")
        says(page, re.compile("rapporter ger"))
        looked_at(page)
        follow(page, re.compile("rapporten för mars.*Samira Testgren|Rapportera mars.*Samira Testgren"))
        expect(page.get_by_label("Möten", exact=True)).to_have_value("1")  # from the meeting that was told
        tell_month(page)
        for key in ("hired", "moves_on", "leaves"):
            page.goto(f"{at}/{legs[key]}/report/{MARCH}")
            tell_month(page)
        looked_at(page)

    with day("2026-04-13"):  # after the fifth working day: taken in, and flagged
        sign_in("handledare")
        says(page, "Försenad")
        page.goto(f"{at}/{legs['late']}/report/{MARCH}")
        tell_month(page)
        with database.reading() as session:
            told = dict(session.execute(select(Report.leg_id, Report.is_late)).all())
        assert told == {legs[key]: key == "late" for key in legs}

    with day("2026-04-14"):  # Samira reads what was said of her, on her own
        sign_in("sokande")
        page.goto(f"{live_server}/seeker/attendance")
        looked_at(page)
        follow(page, re.compile("[Mm]ars"))
        choose(page, "Nej, något är fel")
        press(page, "Skicka svaret")  # what is wrong must be said
        looked_at(page)
        page.get_by_label("Vad är fel?").fill("Jag var sjuk den sista veckan.")
        press(page, "Skicka svaret")
        says(page, "Kommunen prövar det")
        looked_at(page)

    with day("2026-04-15"):  # the guide approves what has been told, and looks at the contract
        sign_in("vagledare")
        with database.reading() as session:
            reports = {row.leg_id: row.id for row in session.execute(select(Report.leg_id, Report.id))}
            vouchers = dict(session.execute(select(Leg.id, Leg.voucher_id)).all())
        for key in legs:
            page.goto(f"{live_server}/casework/reports/{reports[legs[key]]}")
            choose(page, "Godkänn")
            if key == "late":
                says(page, re.compile("[Ss]en"))
                looked_at(page)
            press(page, "Spara bedömningen")
        judge_result(page, live_server, vouchers[legs["hired"]], "Anställningsbevis")
        judge_result(page, live_server, vouchers[legs["moves_on"]], "Beslut om nästa insats")

    def run() -> None:
        ran = app.test_cli_runner().invoke(args=["payouts", "run", "--as-of", "2026-04-15"])
        assert ran.exit_code == 0, ran.output

    with day("2026-04-16"):  # the run: what is contested waits, who stayed under a fortnight gives nothing
        run()
        # 29 of 31 days at 3 686 kr; 23 of 31 and the result; 24 of 31 at 3 000 kr and the step to matching
        assert {key: paid(database, town, legs[key]) for key in legs} == {
            "late": 344_819,
            "contests": 0,
            "leaves": 0,
            "hired": 273_477 + HIRED_ORE,
            "moves_on": 232_258 + MOVES_ON_ORE,
        }
        sign_in("vagledare")
        page.goto(f"{live_server}/casework/contests")
        looked_at(page)
        follow(page, re.compile("Samira Testgren"))
        says(page, "Jag var sjuk den sista veckan.")
        choose(page, "Ja, det stämmer")
        page.get_by_label("Varför?").fill("Närvarolistan visar att du var med.")
        looked_at(page)
        press(page, "Spara bedömningen")
        run()
        assert paid(database, town, legs["contests"]) == 344_819

    with day("2026-04-17"):  # both are told how it went
        sign_in("sokande")
        page.goto(f"{live_server}/seeker/attendance/{reports[legs['contests']]}")
        says(page, "Närvarolistan visar att du var med.")
        looked_at(page)
        sign_in("handledare")
        page.goto(f"{at}/{legs['contests']}")
        looked_at(page)
        page.goto(f"{live_server}/provider/money")
        says(page, re.compile("3.448,19"))

    browser.assert_clean_console(listener)
    with database.reading() as session:
        assert audit.verify(session, town.municipality_id).fault is None
        assert set(session.scalars(select(Outcome.state))) == {"verified"}
        assert session.scalar(select(func.count()).select_from(Voucher)) == 6


HIRED_ORE = 1_000_000
MOVES_ON_ORE = 400_000


def judge_result(page: Page, server: str, voucher_id: int, source: str) -> None:
    """The guide has seen the source of a claimed result, and finds that it stands."""
    page.goto(f"{server}/casework/cases/{voucher_id}")
    browser.go(page, page.get_by_role("link", name=re.compile("[Rr]esultat")).last)
    choose(page, "Godkänn")
    page.get_by_label("Underlag som du har sett").select_option(label=source)
    looked_at(page)
    press(page, "Spara bedömningen")
