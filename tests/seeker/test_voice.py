"""A person answers a few questions, writes to the guide, and nobody else reads it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from core import dates
from core.database import Database
from tests.accounts.people import signed_in
from tests.support.answers import crowd
from tests.support.town import Town
from vouchers.actions.writing import write_message
from vouchers.models import Message, SurveyAnswer

SECRET = "Hemliga ord om handledaren"


@pytest.fixture
def decided_on() -> date:
    """Long enough ago to be asked."""
    return dates.add_working_days(dates.today() - timedelta(days=75), 0)


@pytest.fixture
def leg_id(database: Database, town: Town) -> int:
    """The seeker has been at the first provider since then."""
    with database.transaction(town.municipality_id) as session:
        return town.started(session)


def kept(database: Database) -> list[SurveyAnswer]:
    with database.reading() as session:
        return list(session.scalars(select(SurveyAnswer).order_by(SurveyAnswer.id)))


def test_one_answers_what_one_wants_and_is_thanked(client: FlaskClient, database: Database, leg_id: int):
    page = client.get(f"/seeker/surveys/{leg_id}").text
    assert "Hur går det hos Stigfinnarna?" in page
    assert page.count('type="radio"') == 4 * 5
    answer = client.post(
        f"/seeker/surveys/{leg_id}", data={"q_listened": "5", "q_recommend": "4", "words": SECRET}
    )
    assert answer.status_code == 302
    thanks = client.get(answer.location).text
    assert "Tack för dina svar" in thanks
    assert SECRET not in thanks
    (row,) = kept(database)
    assert (row.answers, row.overall, row.words) == ({"listened": 5, "recommend": 4}, 4, SECRET)


def test_what_was_answered_stands_in_the_form_and_may_be_changed(
    client: FlaskClient, database: Database, leg_id: int
):
    address = f"/seeker/surveys/{leg_id}"
    client.post(address, data={"q_met": "2", "words": SECRET})
    page = client.get(address).text
    assert SECRET in page
    assert page.count(" checked") == 1
    client.post(address, data={"q_met": "5"})
    assert [row.answers["met"] for row in kept(database)] == [2, 5]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Svara på minst en fråga"),
        ({"q_met": "17"}, "Svara på minst en fråga"),
        ({"q_met": "x", "q_unheard_of": "3"}, "Svara på minst en fråga"),
        ({"words": "x" * 2_001}, "Skriv högst 2000 tecken"),
        ({"q_met": "1", "words": "ett\x0btu"}, "tecken som inte syns"),
    ],
)
def test_an_odd_answer_gets_a_sentence_and_loses_nothing(
    client: FlaskClient, database: Database, leg_id: int, data: dict[str, str], sentence: str
):
    answer = client.post(f"/seeker/surveys/{leg_id}", data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert kept(database) == []
    if words := data.get("words"):
        assert words.replace("\x0b", "") in answer.text


def test_a_survey_is_ones_own_and_has_its_time(
    client: FlaskClient, app: Flask, database: Database, town: Town, leg_id: int
):
    stranger = signed_in(app, town.other_seeker.account_id)
    for address in (f"/seeker/surveys/{leg_id}", f"/seeker/surveys/{leg_id}/answered"):
        assert stranger.get(address).status_code == 404
    assert stranger.post(f"/seeker/surveys/{leg_id}", data={"q_met": "1"}).status_code == 404
    assert client.get(f"/seeker/surveys/{leg_id}/answered").status_code == 302
    assert client.get("/seeker/surveys/17").status_code == 404
    assert kept(database) == []


class TestTooEarly:
    """Somebody who began last week."""

    @pytest.fixture
    def decided_on(self) -> date:
        return dates.add_working_days(dates.today() - timedelta(days=14), 0)

    def test_is_told_when_questions_come(self, client: FlaskClient, leg_id: int):
        answer = client.get(f"/seeker/surveys/{leg_id}")
        assert answer.status_code == 200
        assert "Inga frågor just nu" in answer.text
        assert "Inga frågor just nu" in client.post(f"/seeker/surveys/{leg_id}", data={"q_met": "1"}).text


# ── letters ──────────────────────────────────────────────────────────────────────────────────────


def test_one_writes_and_sees_when_an_answer_comes(client: FlaskClient, database: Database, town: Town):
    empty = client.get("/seeker/messages").text
    assert "Inget är skrivet än" in empty
    answer = client.post("/seeker/messages", data={"text": "Kan jag byta?\n<script>alert(1)</script>"})
    assert (answer.status_code, answer.location) == (302, "/seeker/messages")
    page = client.get("/seeker/messages").text
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "Du får svar" in page
    with database.transaction(town.municipality_id) as session:
        write_message(session, town.participant_id, "Ja.", by=town.guide, at=dates.now())
    page = client.get("/seeker/messages").text
    assert town.guide.name in page
    assert "Du får svar" not in page
    with database.reading() as session:
        unread = select(func.count()).where(Message.read_at.is_(None), Message.from_person.is_(False))
        assert session.scalar(unread) == 0


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Skriv något"),
        (" \n ", "Skriv något"),
        ("å" * 4_001, "Skriv högst 4000 tecken"),
        ("noll\x00tecken", "tecken som inte syns"),
    ],
)
def test_an_odd_letter_gets_a_sentence_and_is_not_lost(
    client: FlaskClient, database: Database, text: str, sentence: str
):
    answer = client.post("/seeker/messages", data={"text": text})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert text.replace("\x00", "").strip() in answer.text
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 0


def test_the_twenty_first_letter_of_a_day_waits(client: FlaskClient, database: Database, town: Town):
    with database.transaction(town.municipality_id) as session:
        for number in range(20):
            write_message(session, town.participant_id, f"Nr {number}", by=town.seeker, at=dates.now())
    answer = client.post("/seeker/messages", data={"text": "En till, med tårar"})
    assert answer.status_code == 422
    assert "Vänta till i morgon, eller ring" in answer.text
    assert "En till, med tårar" in answer.text


def test_a_seeker_without_a_case_has_no_letters(app: Flask, town: Town):
    assert signed_in(app, town.coach.account_id).get("/seeker/messages").status_code == 403


# ── what the provider sees ───────────────────────────────────────────────────────────────────────


def test_the_provider_sees_figures_from_the_minimum_on_and_never_a_word(
    app: Flask, client: FlaskClient, database: Database, town: Town, leg_id: int
):
    client.post(f"/seeker/surveys/{leg_id}", data={"q_recommend": "1", "words": SECRET})
    client.post("/seeker/messages", data={"text": SECRET})
    manager = signed_in(app, town.manager.account_id)
    assert "För få för att säga" in manager.get("/provider/voice").text
    with database.transaction(town.municipality_id) as session:
        crowd(session, town, leg_id, [4] * 14, on=dates.today(), words=SECRET)
    page = manager.get("/provider/voice").text
    assert "3,8 av 5" in page
    for address in ("/provider/", "/provider/voice", f"/provider/participants/{leg_id}", "/provider/money"):
        answer = manager.get(address, follow_redirects=True)
        assert answer.status_code == 200, address
        assert SECRET not in answer.text
        assert "/messages" not in answer.text
    person = f"/casework/people/{town.participant_id}/messages"
    for address in ("/seeker/messages", f"/seeker/surveys/{leg_id}", "/casework/messages", person,
                    f"/casework/providers/{town.provider_id}/voice"):  # fmt: skip
        for who in (town.manager, town.coach):
            browser = signed_in(app, who.account_id)
            assert browser.get(address).status_code == 403
            assert browser.post(address).status_code in (403, 405)


def test_everybody_sees_the_figures_apart_from_results(
    app: Flask, database: Database, town: Town, leg_id: int
):
    stranger, address = app.test_client(), f"/providers/{town.provider_id}"
    assert "för få svar för att säga" in stranger.get(address).text
    with database.transaction(town.municipality_id) as session:
        crowd(session, town, leg_id, [4] * 10, on=dates.today(), words=SECRET)
        write_message(session, town.participant_id, SECRET, by=town.seeker, at=dates.now())
    page = stranger.get(address).text
    for text in ("4,0 av 5", "Fråga för fråga", "Lyssnar de på dig?"):
        assert text in page
    assert SECRET not in page
