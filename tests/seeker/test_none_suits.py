"""None of them suits; the reminder on my way; why I was given a provider, and why one said no."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core.actor import Actor
from core.database import Database
from core.dates import add_working_days, now, today
from tests.accounts.people import signed_in
from tests.public.test_pages import text_of
from tests.seeker.test_home import after
from tests.support.town import Town
from tests.vouchers.test_non_choice import spread
from vouchers import actions
from vouchers.actions import Answer
from vouchers.models import NoneSuits, Voucher

LATE = add_working_days(today() - timedelta(days=21), 0)


def page_of(town: Town) -> str:
    return f"/seeker/vouchers/{town.voucher_id}/none-suits"


def say(client: FlaskClient, town: Town, *why: str, words: str = "") -> int:
    return client.post(page_of(town), data={"why": list(why), "words": words}).status_code


def test_home_offers_the_answer_and_the_answer_is_kept(client: FlaskClient, database: Database, town: Town):
    assert page_of(town) in client.get("/seeker/").text
    form = text_of(client, page_of(town))
    for word in ("Det är också ett svar", "Ingen talar mitt språk", "Bara kommunen ser ditt svar."):
        assert word in form
    answer = client.post(page_of(town), data={"why": ["language", "hours"], "words": "Jag jobbar natt."})
    assert answer.location == page_of(town)
    thanks = text_of(client, page_of(town))
    after(thanks, "Tack, nu vet vi", "Maja Exempeldal ringer eller skriver", "Ingen talar mitt språk.",
          "Jag jobbar natt.")  # fmt: skip
    after(text_of(client, "/seeker/"), "Maja Exempeldal hör av sig till dig", "Du sa att ingen passar.")
    with database.reading() as session:
        row = session.scalars(select(NoneSuits)).one()
        assert (row.why, row.words, row.said_by) == (
            ["language", "hours"], "Jag jobbar natt.", town.seeker.account_id,
        )  # fmt: skip


def test_a_mark_is_needed_and_what_was_typed_stays(client: FlaskClient, town: Town):
    answer = client.post(page_of(town), data={"words": "Jag \x00vill inte."})
    assert answer.status_code == 422
    assert "Välj minst ett skäl." in answer.text
    assert "Jag vill inte." in answer.text
    assert say(client, town, "nonsense") == 422
    assert say(client, town, "other", words="ö" * 2_001) == 422


def test_it_is_nobody_elses_answer_to_give(app: Flask, client: FlaskClient, town: Town):
    other = signed_in(app, town.other_seeker.account_id)
    assert other.get(page_of(town)).status_code == say(other, town, "other") == 404
    assert client.get("/seeker/vouchers/4000000000/none-suits").status_code == 404


def test_said_twice_it_is_one_answer_and_after_a_choice_none(
    client: FlaskClient, database: Database, town: Town
):
    assert say(client, town, "other") == 302
    assert say(client, town, "other") == 422
    with database.transaction(1) as session:
        town.chosen(session, today())
    assert "Du har redan någon som hjälper dig." in text_of(client, page_of(town))


def test_what_was_agreed_is_there_to_read(client: FlaskClient, database: Database, town: Town):
    assert say(client, town, "language") == 302
    with database.transaction(1) as session:
        actions.follow_up_none_suits(
            session, town.voucher_id, "Tolk nästa gång.", reopen=True, by=town.guide, at=now()
        )
    after(text_of(client, page_of(town)), "Ingen passar mig", "Det du sa förut", "Tolk nästa gång.",
          "Maja Exempeldal")  # fmt: skip
    assert "Välj vem som ska hjälpa dig" in text_of(client, "/seeker/")


def test_the_reminder_is_a_notice_on_my_way(client: FlaskClient, database: Database, town: Town):
    assert "Påminnelse" not in client.get("/seeker/").text
    with database.transaction(1) as session:
        voucher = session.get_one(Voucher, (1, town.voucher_id))
        day = voucher.choose_by
        assert actions.remind_choosers(session, by=Actor.clock(1), today=day) == 1
    after(text_of(client, "/seeker/"), "Jämför och välj", "Påminnelse: välj senast", "Skriv till Maja")


def test_why_the_provider_said_no_is_told_in_plain_words(client: FlaskClient, database: Database, town: Town):
    with database.transaction(1) as session:
        leg_id = town.chosen(session, today())
        actions.decline(session, leg_id, "conflict_of_interest", by=town.coach, today=today())
    home = text_of(client, "/seeker/")
    after(home, "5 arbetsdagar kvar", "Stigfinnarna kunde inte ta emot dig.", "ett eget intresse")
    assert "jävig" not in home
    assert "ett eget intresse" in text_of(client, f"/seeker/receipts/{leg_id}")


@pytest.mark.parametrize("decided_on", [LATE])
def test_who_was_given_a_provider_sees_why_and_how_to_change(
    client: FlaskClient, database: Database, town: Town, decided_on: date
):
    late = text_of(client, "/seeker/")
    after(late, "Prata med Maja Exempeldal", "Annars kan kommunen välja åt dig.")
    with database.transaction(1) as session:
        spread(session, town)
        found = actions.propose_list(session, by=town.guide, today=today())
        assert found is not None
        from vouchers.queries.non_choice import lines  # noqa: PLC0415  # only here

        (line,) = lines(session, 1, found.id, viewer_id=town.guide.account_id)
        done = actions.confirm_list(
            session, found.id, {line.id: Answer(line.provider_id)}, by=town.guide, at=now()
        )
        leg_id = done.legs[0].id
    home = client.get("/seeker/").text
    assert f"/seeker/vouchers/{town.voucher_id}/switch" in home
    why = "Vi valde Stigfinnarna, för att de är närmast dig: ungefär 2 km. Du kan byta."
    after(text_of(client, "/seeker/"), "Stigfinnarna svarar dig", "Du valde inte i tid.", why,
          "Välj någon annan i stället", "Du fick Stigfinnarna, eftersom inget val gjordes.")  # fmt: skip
    receipt = text_of(client, f"/seeker/receipts/{leg_id}")
    after(receipt, "Stigfinnarna ska hjälpa dig", why, "Så såg det ut den dagen", "Närmast", found.seed)
    assert "Du har valt" not in receipt
