"""Results by three definitions: the stage's history counted by hand, on the page and in the file."""

from __future__ import annotations

import csv
import io
import re

import pytest
from flask.testing import FlaskClient

from app.definitions import gathered
from app.oversight.secrecy import Hidden
from tests.accounts.people import signed_in
from tests.oversight.conftest import Office
from tests.oversight.stage import TODAY
from tests.oversight.test_pages import cells_of, text_of

MATCHING, PREPARATORY = "jobbpeng.matching", "jobbpeng.preparatory"


def test_the_page_says_all_three_with_their_definitions(client: FlaskClient):
    page = text_of(client.get("/oversight/results").text)
    for words in (
        "Betalt resultat 50 av 100 6 av 12 ",
        "Minst en månad (KAS) 50 av 100 6 av 12 ",
        "Kvar efter sex månader 42 av 100 5 av 12 ",
        "Lönestöd räknas, anställning hos kommunen räknas inte.",
        "Grupper med färre än fem personer visas inte.",
    ):
        assert words in page
    by_hand = "6 av 12 50 av 100"
    assert cells_of(client.get("/oversight/results").text, "Resultat efter det år") == [
        ["2026", "12", by_hand, by_hand, "5 av 12 42 av 100"]
    ]


def test_the_statistics_and_this_page_say_the_same_of_who_is_still_there(client: FlaskClient):
    assert "42 av 100 5 av 12" in text_of(client.get("/oversight/").text)


def test_a_service_is_chosen_in_the_address(client: FlaskClient):
    page = client.get(f"/oversight/results?service={MATCHING}").text
    assert 'aria-current="true">Matchande insats' in page
    unknown = client.get("/oversight/results?service=nothing").text
    assert 'aria-current="true">Alla insatser' in unknown


def test_the_file_has_a_line_a_year_and_service(client: FlaskClient):
    answer = client.get("/oversight/results.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="resultat-2027-03-20.csv"'
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0][:4] == ["År", "Insats", "Slutade", "Betalt resultat"]
    assert rows[1:] == [
        ["2026", "Alla insatser", "12", "6", "12", "0", "6", "12", "0", "5", "12", "0"],
        ["2026", "Matchande insats", "12", "6", "12", "0", "6", "12", "0", "5", "12", "0"],
    ]


@pytest.mark.parametrize("path", ["/oversight/results", "/oversight/results.csv"])
def test_a_provider_and_a_stranger_do_not_see_the_town(office: Office, path: str):
    coach = signed_in(office.app, office.town.coach.account_id)
    assert coach.get(path).status_code == 403
    assert office.app.test_client().get(path).status_code == 302


def test_few_are_hidden_and_a_provider_sees_its_own(office: Office):
    with office.database.transaction(1) as session:
        early = gathered(session, 1, TODAY.replace(year=2026, month=8, day=1))
        own = gathered(session, 1, TODAY, provider_id=office.town.provider_id)
        other = gathered(session, 1, TODAY, provider_id=office.town.other_provider_id)
    (line,) = early.by_year()
    assert (line.left, line.parts["paid"].words) == (6, "6 av 6")
    assert own.hidden == frozenset()
    assert own.tally("later").good == 5
    assert other.by_year() == []


def test_nobody_is_asked_before_six_months_have_passed(office: Office):
    with office.database.reading() as session:
        before = gathered(session, 1, TODAY.replace(year=2026, month=11, day=29))
    (line,) = before.by_year()
    assert line.parts["later"].of == 0, "the six months have not passed"
    assert not isinstance(line.parts["paid"].good, Hidden)


def test_a_preparatory_service_is_not_followed(office: Office):
    with office.database.reading() as session:
        found = gathered(session, 1, TODAY)
    assert found.line(2026, PREPARATORY).parts["later"].words == "–"
    assert re.fullmatch("0 av 0", found.line(2026, PREPARATORY).parts["paid"].words)
