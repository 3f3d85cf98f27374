"""The calculator's page: an example at once, every answer in the address, nothing stored."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from payouts import tariffs
from payouts.calculating import calculate, parsed, read
from tests.provider.stage import Stage

WHO = ("handledare", "chef", "vagledare", "granskare", "ekonom", "admin")
LIFE = {
    "rulebook": "1",
    "offer": "matching:basic",
    "started": "2026-01-15",
    "months": "12",
    "ended": "2026-04-14",
    "result_on": "2026-04-15",
    "parts": ["r1", "b1"],
}


@pytest.fixture
def client(app: Flask, stage: Stage) -> FlaskClient:
    """A coach."""
    return stage.client(app, "handledare")


def words(page: str) -> str:
    """What is read on the page, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("\u00a0", " ").replace("&nbsp;", " ").split())


def test_an_example_is_filled_in_and_counted_before_anything_is_said(client: FlaskClient):
    page = words(client.get("/calculator/").text)
    assert "Ett exempel är ifyllt." in page
    assert "Jobbpeng (2016-04-01)" in page
    assert "17 av 31 dagar × 3 686 kr." in page
    assert "Stoppas Rapporten är lämnad, men inte godkänd." in page
    assert "Exempelbelopp" in page
    assert "Källa: Nacka" in page
    assert "fees.base" in page


@pytest.mark.parametrize("who", WHO)
def test_it_is_the_same_page_for_a_provider_and_the_municipality(app: Flask, stage: Stage, who: str):
    answer = stage.client(app, who).get("/calculator/", query_string=LIFE)
    assert answer.status_code == 200
    assert "Summa 29 113,48 kr" in words(answer.text)


def test_the_months_the_pause_and_the_hold_do_what_they_say(client: FlaskClient):
    def page(**more: Any) -> str:
        return words(client.get("/calculator/", query_string={**LIFE, "parts": [], **more}).text)

    assert "Betalas 11 113,48 kr" in page()
    assert "Betalas 7 427,48 kr" in page(m202602="none")
    assert "Stoppas 3 686 kr" in page(m202602="contested")
    assert "Personen säger emot närvaron" in page(m202602="contested")
    assert "7 av 28 dagar" in page(pause_from="2026-02-01", pause_to="2026-02-21")
    assert "Betalas 0 kr" in page(held="y")
    assert "Allt till anordnaren hålls inne." in page(held="y")
    assert page(m202602="nonsense") == page()


def test_what_gives_nothing_says_so(client: FlaskClient):
    short = {**LIFE, "ended": "2026-01-16", "parts": [], "result_on": ""}
    page = client.get("/calculator/", query_string=short)
    assert "Det ger ingen ersättning" in words(page.text)


@pytest.mark.parametrize("name", ["work_programme", "aarhus", "apprenticeship", "stom"])
def test_every_tariff_has_an_example_in_both_languages(client: FlaskClient, name: str):
    for code in ("sv", "en"):
        client.get(f"/language/{code}")
        page = client.get("/calculator/", query_string={"rulebook": name})
        assert page.status_code == 200
        assert re.search(r"\d", words(page.text))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"started": ""}, "Skriv första dagen."),
        ({"started": "2026-02-30"}, "Skriv en dag, till exempel 2026-11-27."),
        ({"started": "0001-01-01"}, "Skriv ett år från 2000 till 2099."),
        ({"started": "9999-12-31"}, "Skriv ett år från 2000 till 2099."),
        ({"months": "0"}, "Skriv ett tal från 1 till 60."),
        ({"months": "9" * 500}, "Skriv ett tal från 1 till 60."),
        ({"months": "tolv"}, "Skriv ett helt tal med siffror, till exempel 4."),
        ({"ended": "2026-01-01"}, "Sista dagen kan inte vara före den första."),
        ({"offer": "matching:none"}, "Välj något i listan."),
        ({"offer": ""}, "Välj något i listan."),
        ({"pause_to": "2026-02-01"}, "Skriv pausens första dag."),
        ({"pause_from": "2026-03-01", "pause_to": "2026-02-01"}, "Pausen kan inte sluta innan den börjar."),
        ({"pause_from": "2027-03-01"}, "Pausen ska börja medan insatsen pågår."),
        ({"result_on": "2025-01-01"}, "Resultatet kan inte börja före insatsen."),
        ({"result_on": ""}, "Skriv första dagen i arbete eller studier."),
    ],
)
def test_an_answer_that_cannot_be_gets_a_sentence(client: FlaskClient, change: dict[str, str], said: str):
    answer = client.get("/calculator/", query_string={**LIFE, **change})
    assert answer.status_code == 422
    assert said in words(answer.text)
    assert "Det här ger reglerna" not in answer.text


@pytest.mark.parametrize(
    "query",
    [
        {"rulebook": "999999999999999999999999"},
        {"rulebook": "../../etc/passwd"},
        {**LIFE, "parts": ["r9", "b9", "x", ""]},
        {**LIFE, "m202613": "approved", "m000000": "told", "m999999": "<b>"},
        {**LIFE, "group": "<script>", "region": "x", "finish": "x", "price": "-1", "percent": "1e9"},
        {**LIFE, "_external": "1", "_anchor": "x", "_scheme": "javascript", "endpoint": "x"},
        {"started": "\ud7ff\u202e", "offer": "\x00"},
    ],
)
def test_a_strange_address_is_a_page_all_the_same(client: FlaskClient, query: dict[str, Any]):
    for place in ("/calculator/", "/calculator/input.json"):
        answer = client.get(place, query_string=query)
        assert answer.status_code in (200, 302, 422)
        assert "<script>" not in answer.text
        assert "javascript:" not in answer.text


def test_the_file_gives_what_the_page_shows(client: FlaskClient):
    life = {**LIFE, "m202602": "told", "pause_from": "2026-03-02", "pause_to": "2026-03-08"}
    page = words(client.get("/calculator/", query_string=life).text)
    answer = client.get("/calculator/input.json", query_string=life)
    assert answer.mimetype == "application/json"
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = calculate(read(parsed(answer.data), tariffs.text))
    paid = sum(row.amount for row in rows if row.gate is None)
    stopped = sum(row.amount for row in rows if row.gate)
    assert paid > 0
    assert stopped == 368_600
    assert f"Betalas {paid // 100:,}".replace(",", " ") + f",{paid % 100:02d} kr" in page
    assert "Nacka" in json.loads(answer.text)["rulebook"]


def test_the_file_of_a_wrong_life_leads_back_to_its_faults(client: FlaskClient):
    answer = client.get("/calculator/input.json", query_string={**LIFE, "months": "0"})
    assert answer.status_code == 302
    assert client.get(answer.location).status_code == 422


def test_nothing_is_stored(client: FlaskClient, stage: Stage):
    def counts() -> dict[str, int]:
        with stage.database.reading() as session:
            names = text("SELECT name FROM sqlite_master WHERE type = 'table'")
            tables = session.execute(names).scalars().all()
            return {
                table: int(session.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one())
                for table in tables
            }

    client.get("/calculator/")
    before = counts()
    assert client.get("/calculator/", query_string=LIFE).status_code == 200
    assert client.get("/calculator/input.json", query_string=LIFE).status_code == 200
    assert counts() == before


def test_it_is_led_to_from_the_menus(app: Flask, stage: Stage):
    stage.started("Amal Provlund")
    pages = {"handledare": "/provider/money", "ekonom": "/finance/", "vagledare": "/oversight/"}
    for who, page in pages.items():
        answer = stage.client(app, who).get(page)
        assert 'href="/calculator/"' in answer.text, who
