"""The register as CSV and JSON and its feed: whole, stable, the same whoever asks, and as documented."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from core.database import Database
from core.dates import today
from providers.actions.deciding import tell_public
from providers.models import Provider, RegisterEvent
from providers.rules import open_register as rules
from tests.accounts.people import signed_in
from tests.public.asking import OPEN_DATA, json_of, lines, of, provided
from tests.support.town import Town, found

TOP = Path(__file__).parent.parent.parent


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
    told = json_of(client.get("/register.json"))
    assert list(told) == ["generated_at", "version", "municipality", "events", "providers"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", told["generated_at"])
    assert told["municipality"] == "Exempelstad"
    last = told["events"]["last"]
    assert last == 3
    assert json_of(client.get(told["events"]["next"])) == {
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
        told = json_of(client.get(address))
        seen += [event["number"] for event in told["events"]]
        assert len(told["events"]) <= 2
        assert told["more"] == (seen[-1] < 3 + 2 * min(turn + 1, 4))
        address = told["next"]
        if not told["more"]:
            break
    assert seen == list(range(1, 12))
    with database.reading() as session:
        assert len(session.scalars(select(RegisterEvent)).all()) == 11
    first = json_of(client.get("/register/events?after=0&limit=1"))["events"][0]
    assert set(first) == {"number", "at", "what", "day", "accreditation", "provider", "facts"}
    assert (first["number"], first["what"], first["facts"]) == (1, "accreditation.accredited", {})


@pytest.mark.parametrize("arguments", ["after=-1", "after=x", "after=", "after=1.5", "after=9" + "9" * 40,
                                       "after=%D9%A3", "after=%00", "limit=0", "limit=501", "limit=x",
                                       "after=9223372036854775808"])  # fmt: skip
def test_a_wrong_number_is_refused_with_a_sentence_as_json(client: FlaskClient, arguments: str):
    answer = client.get(f"/register/events?{arguments}")
    assert (answer.status_code, answer.content_type) == (400, "application/json")
    error = json_of(answer)["error"]
    assert error["code"] == f"{arguments.split('=', maxsplit=1)[0]}_wrong"
    assert error["sv"].endswith(".")
    assert error["en"].endswith(".")


def test_a_number_beyond_the_last_gives_nothing_and_stays(client: FlaskClient):
    told = json_of(client.get("/register/events?after=9223372036854775807"))
    assert (told["events"], told["last"], told["more"]) == ([], 9223372036854775807, False)


def test_another_municipalitys_register_is_not_this_ones(app: Flask, database: Database, town: Town):
    other = found(database, municipality_id=2)
    assert other.provider_id not in provided(app.test_client())
    staff = signed_in(app, town.guide.account_id)
    assert other.provider_id not in provided(staff)
    assert len(client_events(app)) == 3


def client_events(app: Flask) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = json_of(app.test_client().get("/register/events"))["events"]
    return events


# ── the rules ─────────────────────────────────────────────────────────────────────────────────────


def test_every_event_that_the_house_tells_is_among_those_documented():
    told = {
        what
        for file in (TOP / "providers").rglob("*.py")
        for what in re.findall(r'tell_public\(\s*\w+,\s*\w+,\s*"([\w.]+)"', file.read_text("utf-8"))
    }
    assert told == set(rules.EVENTS)
    paper = (TOP / "docs/register.md").read_text("utf-8")
    for code in (*rules.EVENTS, *rules.PUBLIC_STATES, *rules.INTAKES):
        assert f"`{code}`" in paper, code


def test_the_example_in_the_documentation_has_the_keys_of_the_answer(client: FlaskClient, town: Town):
    paper = (TOP / "docs/register.md").read_text("utf-8")
    register, events, error = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", paper, re.S))
    real = json_of(client.get("/register.json"))
    assert keys(register) == keys(real)
    assert keys(events) == keys(json_of(client.get("/register/events")))
    assert keys(error) == keys(json_of(client.get("/register/events?after=x")))


def keys(value: Any) -> Any:
    """The shape: keys all the way down, of a list its first item."""
    if isinstance(value, dict):
        return {key: keys(item) for key, item in value.items() if key not in ("end", "facts", "orientations")}
    return [keys(value[0])] if isinstance(value, list) and value and isinstance(value[0], dict) else None
