"""My way: at every point of it, what comes next, and what has happened."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.demo.bank import check_of
from app.demo.people import organisation_number
from core.accounts import AccountForm, open_account
from core.actor import Actor, Role
from core.database import Database
from core.dates import add_months, first_of_month, today
from providers import actions as registry
from tests.accounts.people import signed_in
from tests.public.history import counted
from tests.public.test_pages import text_of
from tests.support.town import Town, report_form
from vouchers import actions
from vouchers.models import Leg

LONG_AGO = add_months(first_of_month(today()), -3)


def after(page: str, *words: str) -> None:
    """The words come in this order."""
    place = 0
    for word in words:
        assert word in page[place:], f"{word!r} after {page[:place][-60:]!r}"
        place = page.index(word, place)


def test_without_a_voucher_the_page_says_what_will_come(app: Flask, town: Town):
    page = text_of(signed_in(app, town.other_seeker.account_id), "/seeker/")
    assert "Du har ingen insats än" in page
    assert "Maja Exempeldal" in page


def test_an_account_that_nobody_has_registered_gets_a_calm_page(app: Flask, database: Database):
    with database.transaction(1) as session:
        form = AccountForm("Ny Testny", (Role.SEEKER,))
        account = open_account(session, form, by=Actor.operator(1), today=today())
    client = signed_in(app, account.id)
    assert "Du har ingen insats än" in text_of(client, "/seeker/")
    assert client.get("/seeker/vouchers/1/choose/1").status_code == 404


def test_the_next_step_follows_the_voucher(client: FlaskClient, database: Database, town: Town):
    after(text_of(client, "/seeker/"), "Nästa steg", "Välj vem som ska hjälpa dig", "5 arbetsdagar kvar",
          "Jämför och välj", "Maja Exempeldal", "Du fick en insats: Matchande insats.")  # fmt: skip
    with database.transaction(1) as session:
        leg_id = town.chosen(session, today())
    after(text_of(client, "/seeker/"), "Stigfinnarna svarar dig", "5 arbetsdagar kvar", "Ring 08-465 004 01",
          "Kvitto: Stigfinnarna", "Du valde Stigfinnarna.")  # fmt: skip
    with database.transaction(1) as session:
        actions.accept(session, leg_id, by=town.coach, today=today())
    after(text_of(client, "/seeker/"), "Börja hos Stigfinnarna", "Stigfinnarna sa ja.")
    with database.transaction(1) as session:
        actions.start(session, leg_id, today(), by=town.coach, today=today())
    after(text_of(client, "/seeker/"), "Bestäm nästa steg med Stigfinnarna", "Inget än.",
          "Du började hos Stigfinnarna.")  # fmt: skip


@pytest.mark.parametrize("decided_on", [LONG_AGO])
def test_what_has_been_said_is_shown_approved_or_not_but_not_what_was_taken_back(
    app: Flask, client: FlaskClient, database: Database, town: Town
):
    ready = first_of_month(today())
    months = [add_months(ready, -number) for number in (3, 2, 1)]
    with database.transaction(1) as session:
        leg_id = town.started(session)
        first = town.reported(session, leg_id, months[0])
        actions.withdraw_report(session, first, by=town.coach, today=today())
        town.reported(session, leg_id, months[1])
        told = report_form(months[2], progress="Har fått ett ja.", next_step="Gå på intervjun.",
                           next_step_on=today() + timedelta(days=3))  # fmt: skip
        actions.submit_report(session, leg_id, told, by=town.coach, today=today())
    page = text_of(client, "/seeker/")
    after(page, "Gå på intervjun.", "Det har du och Stigfinnarna kommit överens om.",
          "Det här har sagts om dig", "Väntar på granskning", "Har fått ett ja.", "Godkänd",
          "Har sökt fem jobb", "togs tillbaka.")  # fmt: skip
    assert page.count("Har sökt fem jobb") == 1, "what was taken back is no longer said"
    with counted(app) as asked:
        client.get("/seeker/")
    assert len(asked) <= 23, "\n".join(asked)


def test_a_plan_is_read_by_whom_it_is_about(client: FlaskClient, database: Database, town: Town):
    day = town.decided_on
    plan = {
        "met_on": day.isoformat(), "goal": "Ett jobb i ett kök.", "activities": "guidance", "adapted": "",
        "minutes_a_week": "60", "next_step": "Ring.", "next_step_on": day.isoformat(),
    }  # fmt: skip
    with database.transaction(1) as session:
        leg_id = town.started(session)
        told = actions.submit_written(session, leg_id, "joint_plan", plan, by=town.coach, today=today())
    after(text_of(client, "/seeker/"), "Det här har sagts om dig", "Gemensam planering", "Väntar på",
          "Vad vill personen nå?", "Ett jobb i ett kök.", "Samtal och vägledning")  # fmt: skip
    with database.transaction(1) as session:
        actions.withdraw_written(session, told.id, by=town.coach, today=today())
    page = text_of(client, "/seeker/")
    assert "Ett jobb i ett kök." not in page
    assert "Inget än. Anordnaren skriver varje månad" in page


@pytest.mark.parametrize("decided_on", [LONG_AGO])
def test_afterwards_everything_is_still_there(client: FlaskClient, database: Database, town: Town):
    with database.transaction(1) as session:
        leg_id = town.started(session)
        told = actions.OutcomeForm("work", today(), today(), 100, employer_number=organisation_number(7001))
        outcome = actions.claim_outcome(session, leg_id, told, by=town.coach, today=today())
    after(text_of(client, "/seeker/"), "Kommunen kontrollerar resultatet",
          "Stigfinnarna anmälde ett resultat: arbete.", "Du slutade hos Stigfinnarna.")  # fmt: skip
    with database.transaction(1) as session:
        check = check_of(session, 1, outcome.id, "result")
        assert check is not None
        actions.judge_check(session, check.id, passed=True, source="payslip", by=town.guide, today=today())
    after(text_of(client, "/seeker/"), "Insatsen är klar", "efter sex månader",
          "Kommunen har kontrollerat resultatet, och det stämmer.")  # fmt: skip


def test_a_person_sees_nothing_of_another(app: Flask, database: Database, town: Town):
    with database.transaction(1) as session:
        town.chosen(session, today())
    other = signed_in(app, town.other_seeker.account_id)
    assert "Stigfinnarna" not in other.get("/seeker/").text
    assert signed_in(app, town.guide.account_id).get("/seeker/").status_code == 403


def test_when_the_provider_ends_the_person_chooses_again_or_stays_to_a_day(
    client: FlaskClient, database: Database, town: Town
):
    with database.transaction(1) as session:
        leg_id = town.started(session, today())
        one = session.get_one(Leg, (1, leg_id)).accreditation_id
        registry.withdraw(session, one, last_day=today(), by=town.manager, today=today())
        stay = actions.Plan("stay", add_months(today(), 2))
        actions.plan_for_customers(session, one, {leg_id: stay}, by=town.inspector, today=today())
    after(text_of(client, "/seeker/"), "Bestäm nästa steg", "Anordnaren slutar. Du kan gå kvar till och med")
    with database.transaction(1) as session:
        plan = {leg_id: actions.Plan("choose_again")}
        actions.plan_for_customers(session, one, plan, by=town.inspector, today=today())
    after(text_of(client, "/seeker/"), "Välj vem som ska hjälpa dig", "Stigfinnarna har slutat ta emot.",
          "Jämför och välj", "Du slutade hos Stigfinnarna. Skäl: anordnaren slutade.")  # fmt: skip
