"""The open register: its page, CSV, JSON and feed tell everything that is public, and nothing else."""

from __future__ import annotations

import csv
import io
import json
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
from providers.actions.deciding import tell_public
from providers.models import Accreditation, Contact, Provider, RegisterEvent
from providers.queries.open_register import open_register
from providers.rules import open_register as rules
from tests.accounts.people import signed_in
from tests.public.history import History, counted, put
from tests.support.town import Town
from vouchers.models import Leg

OPEN_DATA = ("/register.csv", "/register.json", "/register/events")


def text_of(answer: Any) -> str:
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def provided(client: FlaskClient) -> dict[int, dict[str, Any]]:
    """The JSON's providers by id, which is text there."""
    answer = client.get("/register.json")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    return {int(one["id"]): one for one in answer.json["providers"]}


def accreditations(client: FlaskClient, provider_id: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = provided(client)[provider_id]["accreditations"]
    return rows


def lines(client: FlaskClient, address: str = "/register.csv") -> list[list[str]]:
    return list(csv.reader(io.StringIO(client.get(address).data.decode("utf-8-sig"))))


def of(session: Session, provider_id: int, service: str = "matching") -> Accreditation:
    rows = select(Accreditation).where(
        Accreditation.provider_id == provider_id, Accreditation.service == service
    )
    return session.scalars(rows).one()


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
    assert "Egen begäran" in page


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
    assert empty.test_client().get("/register.json").json["providers"] == []
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


# ── CSV and JSON ──────────────────────────────────────────────────────────────────────────────────


def test_the_csv_has_a_line_for_each_accreditation_and_opens_as_text(
    client: FlaskClient, database: Database, town: Town
):
    with database.transaction(1) as session:
        session.execute(
            update(Provider).where(Provider.id == town.provider_id).values(name='=HYPERLINK("x"), Åkes')
        )
    answer = client.get("/register.csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert answer.content_type == "text/csv; charset=utf-8"
    heads, *rows = lines(client)
    assert heads[:3] == ["Anordnare", "Organisationsnummer", "Form"]
    assert {row[0] for row in rows} == {'\'=HYPERLINK("x"), Åkes', "Lyktvägen"}
    assert len(rows) == 3
    assert all(len(row) == len(heads) for row in rows)
    assert rows[0][heads.index("Läge")] == "Auktoriserad"
    english, *_rest = lines(client, "/register.csv?lang=en")
    assert len(english) == len(heads)
    assert client.get("/register.csv?lang=de").status_code == 404


def test_the_csv_does_not_follow_the_readers_own_language(app: Flask, town: Town):
    reader = signed_in(app, town.guide.account_id)
    reader.get("/language/en")
    assert lines(reader)[0][0] == "Anordnare"


@pytest.mark.parametrize("address", OPEN_DATA)
def test_an_answer_is_the_same_whoever_asks_and_may_be_kept(app: Flask, town: Town, address: str):
    strangers, staff = app.test_client(), signed_in(app, town.guide.account_id)
    staff.get("/language/en")
    answers = [client.get(address) for client in (strangers, staff)]
    bodies = [re.sub(rb'"generated_at": "[^"]+"', b"", answer.data) for answer in answers]
    assert bodies[0] == bodies[1]
    for answer in answers:
        assert answer.headers["Cache-Control"] == "public, max-age=60"
        assert "Set-Cookie" not in answer.headers
        assert "cookie" not in answer.headers.get("Vary", "").lower()
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("address", OPEN_DATA)
def test_who_has_it_already_is_told_that_nothing_is_new(
    client: FlaskClient, database: Database, town: Town, address: str
):
    tag = client.get(address).headers["ETag"]
    again = client.get(address, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    with database.transaction(1) as session:
        row = of(session, town.provider_id)
        row.state = "intake_stopped"
        tell_public(session, row, "accreditation.intake_stopped", today())
    changed = client.get(address, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_a_page_for_a_person_still_varies_by_who_asks(client: FlaskClient):
    answer = client.get("/register")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cookie" in answer.headers["Vary"]


def test_the_json_says_when_it_was_made_and_where_the_feed_goes_on(client: FlaskClient):
    told = client.get("/register.json").json
    assert list(told) == ["generated_at", "version", "municipality", "events", "providers"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", told["generated_at"])
    assert told["municipality"] == "Exempelstad"
    last = told["events"]["last"]
    assert last == 3
    assert client.get(told["events"]["next"]).json == {
        "events": [],
        "last": last,
        "more": False,
        "next": f"/register/events?after={last}&limit=100",
    }


# ── the feed ──────────────────────────────────────────────────────────────────────────────────────


def test_the_feed_tells_every_event_once_while_new_ones_come(
    client: FlaskClient, database: Database, town: Town
):
    def stop_and_open() -> None:
        with database.transaction(1) as session:
            row = of(session, town.provider_id)
            for what in ("accreditation.intake_stopped", "accreditation.intake_opened"):
                tell_public(session, row, what, today())

    seen, address = [], "/register/events?limit=2"
    for turn in range(12):
        if turn < 4:
            stop_and_open()
        told = client.get(address).json
        seen += [event["number"] for event in told["events"]]
        assert len(told["events"]) <= 2
        assert told["more"] == (seen[-1] < 3 + 2 * min(turn + 1, 4))
        address = told["next"]
        if not told["more"]:
            break
    assert seen == list(range(1, 12))
    with database.reading() as session:
        assert len(session.scalars(select(RegisterEvent)).all()) == 11
    first = client.get("/register/events?after=0&limit=1").json["events"][0]
    assert set(first) == {"number", "at", "what", "day", "accreditation", "provider", "facts"}
    assert (first["number"], first["what"], first["facts"]) == (1, "accreditation.accredited", {})


@pytest.mark.parametrize("arguments", ["after=-1", "after=x", "after=", "after=1.5", "after=9" + "9" * 40,
                                       "after=%D9%A3", "after=%00", "limit=0", "limit=501", "limit=x",
                                       "after=9223372036854775808"])  # fmt: skip
def test_a_wrong_number_is_refused_with_a_sentence_as_json(client: FlaskClient, arguments: str):
    answer = client.get(f"/register/events?{arguments}")
    assert (answer.status_code, answer.content_type) == (400, "application/json")
    error = answer.json["error"]
    assert error["code"] == f"{arguments.split('=', maxsplit=1)[0]}_wrong"
    assert error["sv"].endswith(".")
    assert error["en"].endswith(".")


def test_a_number_beyond_the_last_gives_nothing_and_stays(client: FlaskClient):
    told = client.get("/register/events?after=9223372036854775807").json
    assert (told["events"], told["last"], told["more"]) == ([], 9223372036854775807, False)


def test_another_municipalitys_register_is_not_this_ones(app: Flask, database: Database, town: Town):
    from tests.support.town import found  # noqa: PLC0415  # only here

    other = found(database, municipality_id=2)
    assert other.provider_id not in provided(app.test_client())
    staff = signed_in(app, town.guide.account_id)
    assert other.provider_id not in provided(staff)
    assert len(client_events(app)) == 3


def client_events(app: Flask) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = app.test_client().get("/register/events").json["events"]
    return events


# ── the rules ─────────────────────────────────────────────────────────────────────────────────────


def test_every_event_that_the_house_tells_is_among_those_documented():
    from pathlib import Path  # noqa: PLC0415  # only here

    top = Path(__file__).parent.parent.parent
    told = {
        what
        for file in (top / "providers").rglob("*.py")
        for what in re.findall(r'tell_public\(\s*\w+,\s*\w+,\s*"([\w.]+)"', file.read_text("utf-8"))
    }
    assert told == set(rules.EVENTS)
    paper = (top / "docs/register.md").read_text("utf-8")
    for code in (*rules.EVENTS, *rules.PUBLIC_STATES, *rules.INTAKES):
        assert f"`{code}`" in paper, code


def test_the_example_in_the_documentation_has_the_keys_of_the_answer(client: FlaskClient, town: Town):
    from pathlib import Path  # noqa: PLC0415  # only here

    paper = (Path(__file__).parent.parent.parent / "docs/register.md").read_text("utf-8")
    register, events, error = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", paper, re.S))
    real = client.get("/register.json").json
    assert keys(register) == keys(real)
    assert keys(events) == keys(client.get("/register/events").json)
    assert keys(error) == keys(client.get("/register/events?after=x").json)


def keys(value: Any) -> Any:
    """The shape: keys all the way down, of a list its first item."""
    if isinstance(value, dict):
        return {key: keys(item) for key, item in value.items() if key not in ("end", "facts", "orientations")}
    return [keys(value[0])] if isinstance(value, list) and value and isinstance(value[0], dict) else None
