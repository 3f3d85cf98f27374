"""A letter's code at the door: it opens the way for the one it is for, and tells nobody anything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core import dates, identity
from core.database import Database
from tests.accounts.people import signed_in
from tests.support.town import Town
from vouchers.actions.letters import make_letter
from vouchers.models import Letter

WRONG = "Koden stämmer inte, eller gäller inte längre."
NAMES = ("Samira", "Testgren", "Provgatan", "Matchande", "Maja")
MISSES = 10


def make(database: Database, town: Town, days_ago: int = 0) -> str:
    """The code of a new letter, made some days ago."""
    at = dates.now().replace(hour=11) - timedelta(days=days_ago)
    with database.transaction(town.municipality_id) as session:
        made = make_letter(session, town.voucher_id, by=town.guide, at=at)
        return identity.vault(session).open(made.code_sealed)


@pytest.fixture
def code(database: Database, town: Town) -> str:
    return make(database, town)


@pytest.fixture
def as_(app: Flask, town: Town) -> Callable[[str], FlaskClient]:
    """A browser in which that person of the town is signed in."""
    return lambda user_name: signed_in(app, town.actors[user_name].account_id)


def told_nothing(text: str) -> None:
    assert not [name for name in NAMES if name in text]


# ── without signing in ───────────────────────────────────────────────────────────────────────────


def test_a_typed_code_leads_to_two_ways_on_and_shows_nobody(client: FlaskClient, code: str):
    answer = client.post("/letter", data={"code": f" {code.lower().replace('-', ' ')} "})
    assert answer.location.endswith(f"/letter/{code}")
    page = client.get(f"/letter/{code}")
    assert page.status_code == 200
    assert f'href="/seeker/letters/{code}"' in page.text
    assert 'href="/compare"' in page.text
    told_nothing(page.text)
    assert page.headers["Cache-Control"] == "no-store"


def test_a_scanned_code_in_small_letters_finds_the_same_page(client: FlaskClient, code: str):
    assert client.get(f"/letter/{code.lower()}").location.endswith(f"/letter/{code}")


def test_mistyped_unknown_expired_and_locked_are_answered_alike(
    client: FlaskClient, database: Database, town: Town
):
    expired = make(database, town, days_ago=91)
    locked = make(database, town)
    with database.transaction(town.municipality_id) as session:
        session.scalars(select(Letter).where(Letter.locked_at.is_(None))).one().locked_at = dates.now()
    pages: dict[str, set[str]] = {"typed": set(), "scanned": set()}
    for typed in ("hej", "0000-0000-0000-0000", expired, locked):
        typing, scanning = client.post("/letter", data={"code": typed}), client.get(f"/letter/{typed}")
        for how, answer in (("typed", typing), ("scanned", scanning)):
            assert answer.status_code == 422
            assert WRONG in answer.text
            told_nothing(answer.text)
            pages[how].add(answer.text.replace(typed, ""))
    assert {how: len(found) for how, found in pages.items()} == {"typed": 1, "scanned": 1}


def test_an_empty_or_endless_code_is_told_at_its_field(client: FlaskClient, town: Town):
    assert "Skriv koden som står i brevet." in client.post("/letter", data={"code": "  "}).text
    assert client.post("/letter", data={"code": "A" * 5_000}).status_code == 422


def test_ten_misses_close_the_door_for_that_address_and_no_other(app: Flask, client: FlaskClient, code: str):
    for _ in range(MISSES):
        assert WRONG in client.post("/letter", data={"code": "wrong"}).text
    for typed in ("wrong", code):
        answer = client.post("/letter", data={"code": typed})
        assert answer.status_code == 422
        assert "Du har försökt för många gånger." in answer.text
    assert client.get(f"/letter/{code}").status_code == 422
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    assert client.get(f"/letter/{code}", environ_base=elsewhere).status_code == 200


def test_a_guide_is_offered_the_case_and_a_stranger_is_not(as_, client: FlaskClient, code: str):
    assert "Öppna ärendet" in as_("vagledare").get(f"/letter/{code}").text
    assert "Öppna ärendet" not in client.get(f"/letter/{code}").text
    assert "Öppna ärendet" not in as_("handledare").get(f"/letter/{code}").text


# ── signed in ────────────────────────────────────────────────────────────────────────────────────


def test_whoever_is_not_signed_in_comes_back_to_the_letter(client: FlaskClient, code: str):
    answer = client.get(f"/seeker/letters/{code}")
    assert answer.location.endswith(f"/sign-in?next=/seeker/letters/{code}")


def test_the_right_person_lands_on_the_comparison_of_the_vouchers_service(
    as_, database, town: Town, code: str
):
    answer = as_("sokande").get(f"/seeker/letters/{code}")
    assert answer.location.endswith("/compare?service=jobbpeng.matching")
    with database.reading() as session:
        assert session.scalars(select(Letter)).one().opened_at is not None


def test_from_the_code_to_the_receipt_are_two_decisions(as_, app: Flask, town: Town, code: str):
    seeker = as_("sokande")
    listed = seeker.get(f"/seeker/letters/{code}", follow_redirects=True).text
    chosen = f"/seeker/vouchers/{town.voucher_id}/choose/{town.provider_id}"
    assert chosen in listed
    check = seeker.get(chosen).text
    sealed = check.split('name="shown"')[1].split('value="')[1].split('"', maxsplit=1)[0]
    answer = seeker.post(chosen, data={"shown": sealed})
    assert "/seeker/receipts/" in answer.location


def test_somebody_else_is_told_nothing_and_the_third_time_locks_it(as_, database, town: Town, code: str):
    other = as_("sokande2")
    for _ in range(3):
        answer = other.get(f"/seeker/letters/{code}")
        assert answer.status_code == 422
        assert WRONG in answer.text
        told_nothing(answer.text)
    with database.reading() as session:
        letter = session.scalars(select(Letter)).one()
    assert (letter.failures, letter.locked_at is not None) == (3, True)
    own = as_("sokande").get(f"/seeker/letters/{code}")
    assert own.status_code == 200
    assert "Brevet gäller inte längre" in own.text
    assert "Du är inloggad, så du kan välja ändå." in own.text


def test_only_the_right_person_learns_that_it_has_expired(as_, database: Database, town: Town):
    code = make(database, town, days_ago=91)
    assert WRONG in as_("sokande2").get(f"/seeker/letters/{code}").text
    own = as_("sokande").get(f"/seeker/letters/{code}").text
    assert "Koden i brevet har gått ut" in own
    assert "Be Maja Exempeldal." in own


def test_who_has_chosen_is_shown_what_happens_now(as_, database: Database, town: Town, code: str):
    with database.transaction(town.municipality_id) as session:
        town.chosen(session)
    seeker = as_("sokande")
    answer = seeker.get(f"/seeker/letters/{code}")
    assert answer.location.endswith("/seeker/")
    assert "Du har redan valt." in seeker.get("/seeker/").text


def test_nobody_but_seekers_opens_letters(as_, code: str):
    for user_name in ("vagledare", "handledare", "granskare", "ekonom", "admin"):
        assert as_(user_name).get(f"/seeker/letters/{code}").status_code == 403


def test_the_own_letter_is_the_persons_alone(as_, database: Database, town: Town):
    path = f"/seeker/vouchers/{town.voucher_id}/letter"
    assert "Inget brev än" in as_("sokande").get(path).text
    code = make(database, town)
    page = as_("sokande").get(path).text
    assert code in page
    assert "Du får välja vem som ska hjälpa dig" in page
    other = as_("sokande2").get(path)
    assert other.status_code == 404
    told_nothing(other.text)
