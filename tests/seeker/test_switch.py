"""A person goes on to another provider: what it means, the check, the receipt, what may stand in the way."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import words
from app.seeker import seals
from core.database import Database
from core.dates import add_working_days, today
from providers import actions as registry
from tests.accounts.people import signed_in
from tests.providers.lives import accreditation
from tests.public.test_pages import text_of
from tests.seeker.test_choose import bind, sealed
from tests.support.town import Town
from vouchers import actions
from vouchers.models import Leg, Voucher


def begun(database: Database, town: Town) -> int:
    """The seeker has begun at the first provider, today. Gives the leg's id."""
    with database.transaction(1) as session:
        return town.started(session, today())


def page(town: Town, provider_id: int | None = None) -> str:
    return f"/seeker/vouchers/{town.voucher_id}/switch" + (f"/{provider_id}" if provider_id else "")


def test_what_a_switch_means_is_said_before_anybody_is_chosen(
    client: FlaskClient, database: Database, town: Town
):
    begun(database, town)
    text = text_of(client, page(town))
    with client.application.test_request_context("/"):
        assert words.day(add_working_days(today(), 5)) in text
    assert "Det kostar dig inget." in text
    assert "Din tid räknas vidare: 11 månader kvar" in text
    assert "kr" not in text.split()


def test_from_the_comparison_to_the_receipt_in_two_presses(
    client: FlaskClient, database: Database, town: Town
):
    leg_id = begun(database, town)
    compare = client.get("/compare").text
    assert f"/switch/{town.other_provider_id}" in compare
    assert f"/switch/{town.provider_id}" not in compare
    check = page(town, town.other_provider_id)
    assert "Vill du byta från Stigfinnarna till Lyktvägen?" in text_of(client, check)
    receipt = bind(client, check)
    assert "Du har valt Lyktvägen" in text_of(client, receipt)
    with database.reading() as session:
        old, new = session.scalars(select(Leg).order_by(Leg.ordinal)).all()
    assert (old.id, old.ended_on, old.end_reason) == (leg_id, add_working_days(today(), 5), "switched")
    assert (new.provider_id, new.how) == (town.other_provider_id, "own")
    home = text_of(client, "/seeker/")
    assert "Lyktvägen" in home


def test_before_the_start_it_is_a_change_of_mind(client: FlaskClient, database: Database, town: Town):
    with database.transaction(1) as session:
        town.chosen(session, today())
    text = text_of(client, page(town))
    assert "Du har inte börjat hos Stigfinnarna." in text
    bind(client, page(town, town.other_provider_id))
    with database.reading() as session:
        old, new = session.scalars(select(Leg).order_by(Leg.ordinal)).all()
    assert (old.ended_on, old.started_on, new.ended_on) == (today(), None, None)
    assert "Valet av Stigfinnarna slutade gälla." in text_of(client, "/seeker/")


def test_the_same_page_pressed_twice_switches_once(client: FlaskClient, database: Database, town: Town):
    begun(database, town)
    check = page(town, town.other_provider_id)
    shown = sealed(client, check)
    assert client.post(check, data={"shown": shown}).status_code == 302
    again = client.post(check, data={"shown": shown})
    assert again.status_code == 422
    assert "Valet har redan ändrats." in again.text
    with database.reading() as session:
        assert len(session.scalars(select(Leg)).all()) == 2


def test_a_page_of_a_choice_or_somebody_elses_binds_no_switch(
    client: FlaskClient, database: Database, town: Town
):
    begun(database, town)
    check = page(town, town.other_provider_id)
    whose = (town.participant_id, town.voucher_id, town.other_provider_id)
    with client.application.test_request_context("/"):
        other = seals.sealed({"provider": {"name": "Lyktvägen"}}, *whose)
    for shown in ("", "nonsense", other):
        answer = client.post(check, data={"shown": shown})
        assert answer.status_code == 422
        assert "Sidan har legat öppen för länge." in answer.text


def test_another_persons_voucher_is_not_there(app: Flask, database: Database, town: Town):
    begun(database, town)
    stranger = signed_in(app, town.other_seeker.account_id)
    for address in (page(town), page(town, town.other_provider_id)):
        assert stranger.get(address).status_code == 404
    assert stranger.post(page(town, town.other_provider_id)).status_code == 404


def test_who_has_few_days_left_is_told_how_many(client: FlaskClient, database: Database, town: Town):
    leg_id = begun(database, town)
    with database.transaction(1) as session:
        voucher, leg = session.get_one(Voucher, (1, town.voucher_id)), session.get_one(Leg, (1, leg_id))
        voucher.months = 1
        leg.started_on = leg.chosen_on = today() - timedelta(days=20)
    for address in (page(town), page(town, town.other_provider_id)):
        assert "dagar kvar av insatsen. För att byta ska det vara minst 30." in text_of(client, address)
    assert "/switch/" not in client.get("/compare").text


def test_to_the_provider_one_has_or_one_that_takes_nobody_says_why(
    client: FlaskClient, database: Database, town: Town
):
    begun(database, town)
    assert "Den anordnaren är redan vald." in text_of(client, page(town, town.provider_id))
    with database.transaction(1) as session:
        one = accreditation(session, town.other_provider_id)
        registry.stop_intake(session, one.id, reasons="Fullt.", by=town.inspector, today=today())
    assert "Anordnaren tar inte emot fler just nu." in text_of(client, page(town, town.other_provider_id))


def test_who_has_nobody_is_led_back(client: FlaskClient, town: Town):
    assert "Du har ingen anordnare nu" in text_of(client, page(town))


def test_a_pause_and_more_months_stand_on_my_way(client: FlaskClient, database: Database, town: Town):
    begun(database, town)
    with database.transaction(1) as session:
        actions.pause(
            session,
            town.voucher_id,
            today(),
            today() + timedelta(days=20),
            "sick",
            by=town.guide,
            today=today(),
        )
    text = text_of(client, "/seeker/")
    assert "Insatsen har paus" in text
    assert "Insatsen fick paus." in text
    assert "Sjuk" not in text


def test_a_decision_taken_back_stands_on_my_way_with_its_reasons(
    client: FlaskClient, database: Database, town: Town
):
    with database.transaction(1) as session:
        actions.revoke(session, town.voucher_id, "Du flyttade.", by=town.guide, today=today())
    text = text_of(client, "/seeker/")
    assert "Beslutet om insatsen togs tillbaka." in text
    assert "Du flyttade." in text
