"""From the comparison to the receipt, and everything that may stand in the way."""

from __future__ import annotations

import re
from datetime import timedelta

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.seeker import seals
from core import audit
from core.actor import Actor, Role
from core.database import Database
from core.dates import now, today
from providers.models import Accreditation
from tests.accounts.people import signed_in
from tests.public.history import History, counted, put
from tests.public.test_pages import listed, text_of
from tests.support.town import Town
from vouchers import actions
from vouchers.models import ChoiceReceipt, Leg, Voucher


def check_page(town: Town, provider_id: int | None = None, query: str = "") -> str:
    return f"/seeker/vouchers/{town.voucher_id}/choose/{provider_id or town.provider_id}{query}"


def sealed(client: FlaskClient, address: str) -> str:
    """What the check page keeps in its form."""
    return re.findall(r'name="shown" type="hidden" value="([^"]+)"', client.get(address).text)[0]


def bind(client: FlaskClient, address: str) -> str:
    """Press the button; gives where it led."""
    answer = client.post(address, data={"shown": sealed(client, address)})
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def legs(database: Database) -> int:
    with database.reading() as session:
        return int(session.scalar(select(func.count()).select_from(Leg)) or 0)


def test_four_presses_from_sign_in_to_receipt(client: FlaskClient):
    home = client.get("/seeker/").text
    (to_compare,) = set(re.findall(r'<a href="(/compare[^"]*)" class="ds-button button-primary"', home))
    choices = re.findall(r'<a href="(/seeker/vouchers/[^"]+)"', client.get(to_compare).text)
    assert len(choices) == 2
    receipt = bind(client, choices[0].replace("&amp;", "&"))
    assert "Du har valt" in text_of(client, receipt)


def test_the_comparison_begins_with_the_vouchers_service(
    client: FlaskClient, database: Database, history: History
):
    with database.transaction(1) as session:
        history.provider(session, 1, services=("preparatory",))
    assert sorted(listed(client, "/compare")) == ["Lyktvägen", "Stigfinnarna"]
    assert "Du ska välja" in text_of(client, "/compare")
    everything = client.get("/compare?service=").text
    assert "Provhuset 1" in everything
    assert "Välj Provhuset 1" not in everything, "its service is not the voucher's"
    assert "Välj Stigfinnarna" in everything


def test_the_check_page_says_who_what_and_on_which_day(client: FlaskClient, database: Database, town: Town):
    page = text_of(client, check_page(town))
    for word in ("Kontrollera ditt val", "Stigfinnarna", "Matchande insats", "Valet gäller direkt",
                 "10 arbetsdagar kvar", "De får veta ditt namn, hur de når dig.",
                 "Ja, välj Stigfinnarna"):  # fmt: skip
        assert word in page
    assert legs(database) == 0, "looking binds nothing"


def test_the_receipt_keeps_what_was_shown_also_when_the_figures_change(
    client: FlaskClient, database: Database, town: Town, history: History
):
    with database.transaction(1) as session:
        history.crowd(session, 4, 10)
    address = check_page(town, query="?service=jobbpeng.matching&order=name&language=sv")
    kept = sealed(client, address)
    with database.transaction(1) as session:
        history.crowd(session, 6, 6)
    answer = client.post(address, data={"shown": kept})
    page = text_of(client, answer.location)
    for word in ("mellan 17 och 69 av 100", "10 personer har slutat här", "2 av 2 anordnare",
                 "Namn, A till Ö", "Insats: Matchande insats, Språk: svenska", "Samira T"):  # fmt: skip
        assert word in page
    with database.reading() as session:
        stored = session.scalars(
            select(ChoiceReceipt).join(Leg, Leg.id == ChoiceReceipt.leg_id)
            .where(Leg.voucher_id == town.voucher_id)
        ).one()  # fmt: skip
        leg = session.get(Leg, (1, stored.leg_id))
    assert leg is not None
    assert (leg.how, leg.provider_id, leg.chosen_on) == ("own", town.provider_id, today())
    assert stored.shown["figure"] == {"good": 4, "people": 10, "low": 17, "high": 69}
    assert stored.shown["on"] == today().isoformat()


def test_a_second_press_changes_nothing_and_says_why(client: FlaskClient, database: Database, town: Town):
    kept = sealed(client, check_page(town))
    bind(client, check_page(town))
    again = client.post(check_page(town), data={"shown": kept})
    assert again.status_code == 422
    assert "Du har redan valt. Prata med din karriärvägledare om du vill byta." in again.text
    assert legs(database) == 1
    looked = client.get(check_page(town, town.other_provider_id))
    assert "Du har redan valt." in looked.text
    assert "Ja, välj" not in looked.text
    assert "/choose/" not in client.get("/compare").text


def test_a_provider_that_takes_nobody_is_refused_in_place(
    client: FlaskClient, database: Database, town: Town
):
    kept = sealed(client, check_page(town))
    with database.transaction(1) as session:
        put(session, town.provider_id, "stop_intake")
    answer = client.post(check_page(town), data={"shown": kept})
    assert answer.status_code == 422
    assert "tar inte emot fler just nu" in answer.text
    page = client.get(check_page(town)).text
    assert "tar inte emot fler just nu" in page
    assert "Ja, välj" not in page
    assert "Tar inte emot just nu" in client.get("/compare").text
    with database.transaction(1) as session:
        put(session, town.provider_id, "withdraw")
    answer = client.post(check_page(town), data={"shown": kept})
    assert answer.status_code == 422
    assert "Den anordnaren kan inte väljas." in answer.text
    assert client.get(check_page(town)).status_code == 409
    assert legs(database) == 0


def test_when_the_time_is_out_the_guide_helps(app: Flask, town: Town):
    with time_machine.travel(now() + timedelta(days=12)):
        client = signed_in(app, town.seeker.account_id)
        assert "Tiden för att välja gick ut" in client.get(check_page(town)).text
        home = text_of(client, "/seeker/")
        assert "Prata med Maja Exempeldal" in home
        assert "/choose/" not in client.get("/compare").text


def test_only_what_this_page_showed_this_person_can_be_kept(
    app: Flask, client: FlaskClient, database: Database, town: Town
):
    with app.app_context():
        others = seals.sealed({"lie": 1}, town.other_participant_id, town.voucher_id, town.provider_id)
    for made_up in ("", "x", others, sealed(client, check_page(town, town.other_provider_id))):
        answer = client.post(check_page(town), data={"shown": made_up})
        assert answer.status_code == 422
        assert "Läs den igen och välj sedan." in answer.text
    assert legs(database) == 0
    with time_machine.travel(now()) as clock:
        client = signed_in(app, town.seeker.account_id)
        old = sealed(client, check_page(town))
        for _ in range(6):
            clock.shift(timedelta(minutes=25))
            client.get("/seeker/")
        assert client.post(check_page(town), data={"shown": old}).status_code == 422
    assert legs(database) == 0


def test_anothers_voucher_and_receipt_are_not_there(app: Flask, client: FlaskClient, town: Town):
    receipt = bind(client, check_page(town))
    other = signed_in(app, town.other_seeker.account_id)
    assert other.get(receipt).status_code == 404
    assert other.get(check_page(town)).status_code == 404
    assert other.post(check_page(town), data={"shown": "x"}).status_code == 404
    assert client.get("/seeker/receipts/1").status_code == 404
    assert signed_in(app, town.coach.account_id).get(receipt).status_code == 403
    assert app.test_client().get(receipt).location.startswith("/sign-in")


def test_a_guide_reads_the_receipt_too(app: Flask, client: FlaskClient, town: Town):
    receipt = bind(client, check_page(town))
    page = text_of(signed_in(app, town.guide.account_id), receipt)
    assert "Valet är Stigfinnarna" in page
    assert f" {today().year} kl. " in page, "a paper in a drawer needs its year"
    assert "Samira Testgren" in page


def test_a_protected_name_is_on_the_receipt_only_for_the_own_guide(
    app: Flask, client: FlaskClient, database: Database, town: Town
):
    from core.accounts import AccountForm, open_account  # noqa: PLC0415  # only here
    from vouchers.models import Participant  # noqa: PLC0415  # only here

    receipt = bind(client, check_page(town))
    with database.transaction(1) as session:
        person = session.get(Participant, (1, town.participant_id))
        assert person is not None
        person.protection = "confidential"
        form = AccountForm("Vikarie Testvik", (Role.GUIDE,))
        stand_in = open_account(session, form, by=Actor.operator(1), today=today()).id
    assert "Samira" in text_of(signed_in(app, town.guide.account_id), receipt)
    other = signed_in(app, stand_in).get(receipt)
    assert other.status_code == 403
    assert "Samira" not in other.text
    assert "Stigfinnarna" not in other.text


def test_after_a_no_the_person_chooses_again_and_keeps_both_receipts(
    client: FlaskClient, database: Database, town: Town
):
    first = bind(client, check_page(town))
    with database.transaction(1) as session:
        voucher = session.get(Voucher, (1, town.voucher_id))
        assert voucher is not None
        leg = session.scalars(select(Leg)).one()
        actions.decline(session, leg.id, "conflict_of_interest", by=town.coach, today=today())
    home = text_of(client, "/seeker/")
    assert "Stigfinnarna kunde inte ta emot dig. Någon hos dem känner dig" in home
    assert "kunde inte ta emot" in text_of(client, first)
    second = bind(client, check_page(town, town.other_provider_id))
    assert second != first
    assert client.get("/seeker/").text.count("Kvitto:") == 2


def test_choosing_asks_a_fixed_number_of_questions(
    app: Flask, client: FlaskClient, database: Database, town: Town, history: History
):
    client.get(check_page(town))
    with counted(app) as few:
        client.get(check_page(town))
    with database.transaction(1) as session:
        for serial in range(1, 10):
            history.provider(session, serial)
    client.get(check_page(town))
    with counted(app) as many:
        client.get(check_page(town))
    assert len(few) == len(many)


def test_a_provider_without_places_is_refused_in_place(client: FlaskClient, database: Database, town: Town):
    kept = sealed(client, check_page(town))
    with database.transaction(1) as session:
        for row in session.query(Accreditation).filter_by(provider_id=town.provider_id):
            row.capacity = 0
            audit.record(session, "accreditation.capacity_set", row, by=town.manager, capacity=0)
    answer = client.post(check_page(town), data={"shown": kept})
    assert answer.status_code == 422
    assert "har inga lediga platser just nu" in answer.text
    assert "har inga lediga platser just nu" in client.get(check_page(town)).text
    assert "Fullt just nu" in client.get("/compare").text
    assert legs(database) == 0
