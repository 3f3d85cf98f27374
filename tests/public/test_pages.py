"""The public pages, asked for by a client without a browser."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app import create_app
from app.public import views
from app.public.models import Feedback
from config import Settings
from core.audit import AuditEntry
from core.database import Database
from tests.accounts.people import signed_in
from tests.public.history import History, put
from tests.support.town import Town

PAGES = ("/", "/compare", "/about", "/accessibility", "/feedback", "/feedback?sent=wanted")


@pytest.fixture
def database_kind() -> str:
    """The queries behind the pages are asked on both kinds in their own tests."""
    return "sqlite"


def text_of(client: FlaskClient, address: str) -> str:
    """The page as a reader meets it: no tags, single spaces."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def listed(client: FlaskClient, address: str) -> list[str]:
    return re.findall(r'class="card__title"><a [^>]+>([^<]+)<', client.get(address).text)


def test_every_page_answers_before_there_is_anything(settings: Settings):
    empty = create_app(settings)
    for address in PAGES:
        assert empty.test_client().get(address).status_code == 200, address
    assert "Inga anordnare än" in empty.test_client().get("/compare").text
    empty.extensions["database"].dispose()


def test_a_stranger_meets_the_idea_and_two_ways_on(client: FlaskClient):
    page = text_of(client, "/")
    assert "Du väljer vem som hjälper dig till arbete" in page
    assert "2 anordnare att välja på" in page
    assert 'href="/compare?order=name"' in client.get("/").text


def test_whoever_is_signed_in_finds_the_way_on(app: Flask, town: Town):
    client = signed_in(app, town.seeker.account_id)
    assert "Gå till Min väg" in text_of(client, "/")


def test_the_comparison_says_the_chance_with_the_number_behind(
    client: FlaskClient, database: Database, history: History
):
    with database.transaction(1) as session:
        history.crowd(session, 4, 10)
    page = text_of(client, "/compare?service=jobbpeng.matching")
    assert "mellan 17 och 69 av 100 började arbeta eller studera 10 personer har slutat här." in page
    unknown = page[page.index("För få för att säga") :]
    assert "Färre än 10 personer har slutat. Hela kommunen: mellan 17 och 69 av 100." in unknown


def test_the_filters_live_in_the_address(client: FlaskClient):
    assert listed(client, "/compare?language=so") == ["Lyktvägen"]
    assert listed(client, "/compare?area=Centrum&open=1") == ["Stigfinnarna"]
    assert listed(client, "/compare?order=name") == ["Lyktvägen", "Stigfinnarna"]
    page = client.get("/compare?language=so&order=name").text
    assert '<option selected value="so">' in page
    assert 'href="/providers/' in page
    assert "language=so" in re.findall(r'href="(/providers/[^"]+)"', page)[0]
    assert "Ingen anordnare passar alla val" in text_of(client, "/compare?language=so&area=Centrum")
    assert listed(client, "/compare?order=name&page=99&service=x&language=%00") == [
        "Lyktvägen",
        "Stigfinnarna",
    ]


def test_an_order_by_result_says_within_which_service(client: FlaskClient):
    assert "Här visas matchande insats." in text_of(client, "/compare?order=result")


def test_reload_keeps_the_order(client: FlaskClient, database: Database, history: History):
    with database.transaction(1) as session:
        for serial in range(1, 5):
            history.provider(session, serial)
    assert listed(client, "/compare") == listed(client, "/compare")


def test_a_strangers_page_has_no_button_to_choose(client: FlaskClient):
    assert "/choose/" not in client.get("/compare").text


def test_a_provider_has_a_page_while_it_is_accredited(
    client: FlaskClient, database: Database, town: Town, history: History
):
    page = text_of(client, f"/providers/{town.provider_id}")
    for word in ("Stigfinnarna", "Matchande insats", "Rustande insats", "Centrumsvägen 3",
                 "svenska, engelska", "08-465 004 01", "anordnare1@example.org"):  # fmt: skip
        assert word in page
    assert client.get("/providers/1").status_code == 404
    with database.transaction(1) as session:
        put(session, town.provider_id, "withdraw")
    page = text_of(client, f"/providers/{town.provider_id}")
    for word in ("Stigfinnarna", "inte auktoriserad längre", "egen begäran", "Har upphört"):
        assert word in page
    assert "08-465 004 01" not in page


def test_the_words_of_a_provider_are_marked_with_their_language(
    client: FlaskClient, database: Database, history: History
):
    with database.transaction(1) as session:
        history.provider(session, 1, about_en="")
    client.get("/language/en")
    page = client.get("/compare").text
    assert '<span lang="sv">Vi provar.</span>' in page
    assert "Together." in page


def test_the_language_is_chosen_stays_and_never_leads_away(client: FlaskClient):
    answer = client.get("/language/en?next=/compare?language=so")
    assert answer.status_code == 302
    assert answer.location == "/compare?language=so"
    assert '<html lang="en"' in client.get("/about").text
    for away in ("https://example.org/", "//example.org", "/\\example.org", ""):
        assert client.get("/language/sv", query_string={"next": away}).location == "/"
    assert '<html lang="sv"' in client.get("/about").text
    assert client.get("/language/xx").status_code == 404


def test_feedback_is_stored_without_a_trace_of_who(client: FlaskClient, database: Database):
    form = {"text": " Knappen syns inte. ", "page": "/compare", "contact": "nagon@example.org"}
    answer = client.post("/feedback", data=form)
    assert answer.status_code == 302
    assert "svarar dig" in text_of(client, answer.location)
    with database.reading() as session:
        kept = session.scalars(select(Feedback)).one()
        entry = session.scalars(select(AuditEntry).where(AuditEntry.what == "feedback.sent")).one()
    assert (kept.text, kept.page, kept.contact) == ("Knappen syns inte.", "/compare", "nagon@example.org")
    assert (entry.actor_kind, entry.account_id, entry.details) == ("stranger", 0, "{}")


def test_feedback_needs_only_its_text(client: FlaskClient, database: Database):
    answer = client.post("/feedback", data={"text": "   ", "contact": "nagon@example.org"})
    assert answer.status_code == 422
    assert "Skriv vad du tycker." in answer.text
    assert 'value="nagon@example.org"' in answer.text, "nothing typed is lost"
    assert client.post("/feedback", data={"text": "x" * 5001}).status_code == 422
    assert client.post("/feedback", data={"text": "Bra!"}).location.endswith("sent=none")
    with database.reading() as session:
        assert len(session.scalars(select(Feedback)).all()) == 1
    assert 'value="/compare"' in client.get("/feedback?page=/compare").text


def test_feedback_without_its_token_is_refused(app: Flask, client: FlaskClient):
    app.config["WTF_CSRF_ENABLED"] = True
    assert client.post("/feedback", data={"text": "Hej"}).status_code == 400


def test_health_says_ok_and_when_the_database_is_gone_says_so(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
):
    answer = client.get("/health")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})
    assert "Set-Cookie" not in answer.headers

    def gone() -> None:
        raise OperationalError("select 1", {}, ConnectionError())

    monkeypatch.setattr(views, "reading", gone)
    answer = client.get("/health")
    assert (answer.status_code, answer.json) == (503, {"status": "no database"})


def test_the_statement_is_dated_and_names_the_law_and_who_watches(client: FlaskClient):
    page = text_of(client, "/accessibility")
    for word in ("2018:1937", "EN 301 549", "delvis förenlig", "Digg", "22 november 2026", "axe"):
        assert word in page
    assert 'href="/feedback?page=/accessibility"' in client.get("/accessibility").text


def test_about_names_the_rulebook_in_force(client: FlaskClient):
    assert "Jobbpeng, version 2016-04-01" in text_of(client, "/about")
