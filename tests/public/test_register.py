"""The open register tells everything that is public, and nothing else."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.demo import people
from core.database import Database, fetch
from core.dates import today
from core.rulebooks import Rulebook
from providers import actions
from providers.models import Accreditation, Contact, Provider
from providers.queries.open_register import open_register
from tests.public.asking import OPEN_DATA, accreditations, json_of, of, provided, text_of
from tests.public.history import History, counted, put
from tests.support.town import Town
from vouchers.models import Leg


def applied(session: Session, town: Town, name: str = "Hemliga Utkastet") -> tuple[Provider, Accreditation]:
    """A provider that has only applied."""
    form = actions.ProviderForm(name, people.organisation_number(4242), "private", about_sv="Vi provar.")
    site = actions.SiteForm("Provgatan 9", "10002", "Exempelstad", "Centrum")
    provider = actions.register_provider(session, form, (site,), by=town.inspector)
    contact = actions.ContactForm("Hemlig Kontakt", "070-174 06 44", "hemlig@example.org")
    day = town.decided_on - timedelta(days=5)
    actions.add_contact(session, provider.id, contact, by=town.inspector, today=day)
    rulebook = fetch(session, Rulebook, 1, town.rulebook_id)
    return provider, people.applied(session, provider, rulebook, "matching", 5, by=town.inspector, today=day)


# ── who is there, and what is said ────────────────────────────────────────────────────────────────


def test_everyone_accredited_is_there_with_dates_number_and_conditions(client: FlaskClient, town: Town):
    found = provided(client)
    assert set(found) == {town.provider_id, town.other_provider_id}
    mine = found[town.provider_id]
    assert mine["name"] == "Stigfinnarna"
    assert mine["legal_form"] == "private"
    assert re.fullmatch(r"\d{10}", mine["organisation_number"])
    assert mine["languages"] == ["sv", "en"]
    assert mine["sites"][0]["area"] == "Centrum"
    assert mine["page"] == f"/providers/{town.provider_id}"
    matching, preparatory = mine["accreditations"]
    assert matching["service"] == {
        "code": "matching",
        "title": {"sv": "Matchande insats", "en": "Matching service"},
    }
    assert preparatory["service"]["code"] == "preparatory"
    assert matching["kundval"]["code"] == "jobbpeng"
    assert (matching["state"], matching["intake"], matching["to"], matching["end"]) == (
        "accredited", "open", None, None,
    )  # fmt: skip
    assert matching["from"] == (town.decided_on - timedelta(days=60)).isoformat()
    assert matching["capacity"] == 20
    assert matching["rulebook_version"] == "2016-04-01"
    assert re.fullmatch(r"AUKT \d{4}-\d{4}", matching["diary_number"])


@pytest.mark.parametrize("state", ["draft", "submitted", "under_review", "proposed", "refused", "dismissed"])
def test_an_application_is_nowhere_whatever_its_state(
    client: FlaskClient, database: Database, town: Town, state: str
):
    with database.transaction(1) as session:
        provider, row = applied(session, town)
        session.execute(update(Accreditation).where(Accreditation.id == row.id).values(state=state))
        provider_id = provider.id
    for address in ("/register?state=all", *OPEN_DATA):
        answer = client.get(address)
        assert "Hemliga Utkastet" not in answer.text
        assert str(provider_id) not in answer.text
    assert client.get(f"/providers/{provider_id}").status_code == 404


def test_no_person_is_named_anywhere(client: FlaskClient, database: Database, town: Town):
    with database.reading() as session:
        contacts = session.scalars(select(Contact)).all()
        secrets = {word for one in contacts for word in (one.name, one.phone, one.email)}
    secrets |= {actor.name for actor in town.actors.values()}
    assert len(secrets) > 10
    for address in ("/register?state=all", *OPEN_DATA):
        page = client.get(address).text
        assert [secret for secret in secrets if secret and secret in page] == [], address


def test_a_sole_traders_number_is_a_persons_and_is_left_out(
    client: FlaskClient, database: Database, town: Town
):
    with database.transaction(1) as session:
        session.execute(
            update(Provider).where(Provider.id == town.provider_id).values(organisation_number="8001019876")
        )
    assert provided(client)[town.provider_id]["organisation_number"] is None
    pages = ("/register", f"/providers/{town.provider_id}", *OPEN_DATA)
    assert [address for address in pages if "9876" in client.get(address).text] == []


@pytest.mark.parametrize("state", ["warned", "dormant", "revocation_proposed", "reaccreditation_due"])
def test_what_is_between_the_provider_and_the_municipality_is_not_public(
    client: FlaskClient, database: Database, town: Town, state: str
):
    with database.transaction(1) as session:
        session.execute(
            update(Accreditation)
            .where(Accreditation.provider_id == town.other_provider_id)
            .values(state=state)
        )
    (found,) = accreditations(client, town.other_provider_id)
    assert (found["state"], found["intake"]) == ("accredited", "open")
    for address in ("/register", f"/providers/{town.other_provider_id}", *OPEN_DATA):
        page = client.get(address).text.lower()
        assert not any(word in page for word in (f'"{state}"', "varnad", "utan deltagare", "förslag om"))


def test_stopped_full_and_provisionally_revoked_are_said_plainly(
    client: FlaskClient, database: Database, town: Town
):
    with database.transaction(1) as session:
        actions_row = of(session, town.provider_id)
        actions_row.capacity = 1
        of(session, town.provider_id, "preparatory").state = "intake_stopped"
        of(session, town.other_provider_id).state = "provisionally_revoked"
        town.chosen(session)
        assert session.query(Leg).count() == 1
    told = {row["service"]["code"]: row["intake"] for row in accreditations(client, town.provider_id)}
    assert told == {"matching": "full", "preparatory": "stopped"}
    (revoked,) = accreditations(client, town.other_provider_id)
    assert (revoked["state"], revoked["intake"]) == ("provisionally_revoked", "closed")
    page = text_of(client.get(f"/providers/{town.provider_id}"))
    assert "Alla platser är upptagna just nu." in page
    assert "De tar inte emot fler just nu (intagsstopp)." in page
    assert "tillfälligt återkallad" in text_of(client.get(f"/providers/{town.other_provider_id}"))
    assert "Fullt just nu" in text_of(client.get("/compare?service=jobbpeng.matching"))


def test_what_has_ended_stays_with_its_reason_and_coming_back_is_a_new_line(
    client: FlaskClient, database: Database, town: Town
):
    with database.transaction(1) as session:
        put(session, town.other_provider_id, "withdraw", to_on=today() - timedelta(days=3))
    (ended,) = accreditations(client, town.other_provider_id)
    assert (ended["state"], ended["intake"]) == ("ended", "closed")
    assert ended["to"] == (today() - timedelta(days=3)).isoformat()
    assert ended["end"] == {"reason": "own_request", "family": "neutral"}
    assert "Lyktvägen" not in text_of(client.get("/register"))
    page = text_of(client.get("/register?state=ended"))
    assert "Lyktvägen" in page
    assert "Egen begäran" in page
    assert "Stigfinnarna" not in page
    with database.transaction(1) as session:
        provider = fetch(session, Provider, 1, town.other_provider_id)
        rulebook = fetch(session, Rulebook, 1, town.rulebook_id)
        row = people.applied(session, provider, rulebook, "matching", 7, by=town.inspector, today=today())
        people.reviewed(session, row, (town.inspector, town.other_inspector), today=today())
        actions.accredit(
            session, row, reasons="Uppfyller villkoren.", from_on=today(), by=town.secretary, today=today()
        )
    again = accreditations(client, town.other_provider_id)
    assert [one["state"] for one in again] == ["accredited", "ended"]
    page = text_of(client.get(f"/providers/{town.other_provider_id}"))
    assert "Auktoriserad sedan" in page
    assert "Skäl: egen begäran." in page


def test_an_end_that_is_still_to_come_is_not_told_as_past(
    client: FlaskClient, database: Database, town: Town
):
    with database.transaction(1) as session:
        put(session, town.other_provider_id, "withdraw", to_on=today() + timedelta(days=20))
    (ending,) = accreditations(client, town.other_provider_id)
    assert (ending["state"], ending["intake"]) == ("ending", "closed")
    assert "Lyktvägen" in text_of(client.get("/register"))
    assert "går inte att välja i dag" in text_of(client.get(f"/providers/{town.other_provider_id}"))


def test_a_renewed_accreditation_counts_since_the_first(database: Database, town: Town):
    day = today()
    with database.transaction(1) as session:
        old = of(session, town.other_provider_id)
        old.state, old.to_on, old.end_reason = "winding_down", day - timedelta(days=1), "renewed"
        old.ended_by = town.secretary.account_id
        session.flush()
        for number, replaces in ((1, old.id), (2, None)):
            copy = {
                column.name: getattr(old, column.name)
                for column in Accreditation.__table__.columns
                if column.name not in ("id", "diary_number", "area")
            }
            new = {"state": "active", "from_on": day, "to_on": None, "end_reason": None, "ended_by": None}
            session.add(Accreditation(**{**copy, **new, "replaces_id": replaces, "area": f"Del {number}"}))
    with database.reading() as session:
        (found,) = open_register(session, 1, day, provider_id=town.other_provider_id)
    since = {entry.area: found.since(entry) for entry in found.entries}
    assert since["Del 1"] == old.from_on
    assert since["Del 2"] == day


# ── the page ──────────────────────────────────────────────────────────────────────────────────────


def test_the_page_seeks_by_name_service_and_language(client: FlaskClient, town: Town):
    assert "3 auktorisationer" in text_of(client.get("/register"))
    assert "1 auktorisation." in text_of(client.get("/register?name=LYKT"))
    assert "Ingen auktorisation passar alla val" in text_of(client.get("/register?name=%25"))
    assert "1 auktorisation." in text_of(client.get("/register?service=jobbpeng.preparatory"))
    assert "Lyktvägen" not in text_of(client.get("/register?language=en"))
    whole = text_of(client.get("/register?service=x&language=%00&state=y&page=99&sort=z&kundval=q"))
    assert "3 auktorisationer" in whole
    assert f'href="/providers/{town.provider_id}"' in client.get("/register").text


def test_the_page_is_there_before_anybody_is_accredited(app: Flask, database: Database, settings: Any):
    from dataclasses import replace  # noqa: PLC0415  # only here

    from app import create_app  # noqa: PLC0415  # only here

    empty = create_app(replace(settings, municipality_id=2))
    assert "Ingen är auktoriserad än" in empty.test_client().get("/register").text
    assert json_of(empty.test_client().get("/register.json"))["providers"] == []
    empty.extensions["database"].dispose()


def test_the_register_asks_as_much_for_many_as_for_few(
    app: Flask, client: FlaskClient, database: Database, history: History
):
    client.get("/register")
    with counted(app) as few:
        client.get("/register.json")
    with database.transaction(1) as session:
        for serial in range(1, 12):
            history.provider(session, serial)
    with counted(app) as many:
        assert len(provided(client)) == 13
    assert len(few) == len(many) <= 8, "\n".join(many)
