"""An employer's link: shown to whoever has it, answered once, and about as little as can be answered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.demo.people import organisation_number
from core import dates, identity
from core.audit import AuditEntry
from core.database import Database
from core.identity import Protection
from tests.support.town import Town
from vouchers import actions
from vouchers.models import Check, EmployerQuestion, Verification

YES = {"answer": "confirmed", "answered_as": "Anna Provsson, chef"}
OVER = "Länken gäller inte"


@pytest.fixture
def code(database: Database, town: Town) -> str:
    """The code of a link about work that began today."""
    today = dates.today()
    with database.transaction(1) as session:
        leg_id = town.started(session, today)
        form = actions.OutcomeForm("work", today, today, 75, employer_number=organisation_number(7001))
        actions.claim_outcome(session, leg_id, form, by=town.coach, today=today)
        check_id = session.scalars(select(Check.id)).one()
        asked = actions.Asked("Provbageriet", "chef@example.org")
        question = actions.ask_employer(session, check_id, asked, by=town.guide, at=dates.now())
        return identity.vault(session).open(question.code_sealed)


def test_the_page_shows_what_must_be_known_and_nothing_more(client: FlaskClient, code: str, town: Town):
    answer = client.get(f"/employer/{code}")
    assert answer.status_code == 200
    for said in ("Samira Testgren", "75 procent", "noindex"):
        assert said in answer.text
    hidden = ("Stigfinnarna", "Matchande", "Jobbpeng", "jobbpeng", "anordnare", "arbetslös", "lönestöd",
              "hjälper dig till arbete", "chef@example.org", town.identity_number[:8])  # fmt: skip
    assert not [word for word in hidden if word in answer.text]
    assert answer.headers["Cache-Control"] == "no-store"


def test_it_is_answered_once_and_says_thanks_after(client: FlaskClient, database: Database, code: str):
    assert client.post(f"/employer/{code}", data=YES).location.endswith(f"/employer/{code}")
    page = client.get(f"/employer/{code}")
    assert "Tack för svaret" in page.text
    assert "Samira" not in page.text
    again = client.post(f"/employer/{code}", data={**YES, "answer": "denied"})
    assert "Samira" not in again.text
    with database.reading() as session:
        assert session.scalars(select(Verification.found)).all() == ["supports"]
        question = session.scalars(select(EmployerQuestion)).one()
    assert (question.answer, question.answered_as) == ("confirmed", "Anna Provsson, chef")


def test_half_an_answer_loses_nothing(client: FlaskClient, database: Database, code: str):
    for data, said in (
        ({"answered_as": "Anna Provsson"}, "Välj om uppgifterna stämmer eller inte."),
        ({"answer": "confirmed", "words": "Hon är bra."}, "Skriv ditt namn och din roll."),
        ({**YES, "answer": "maybe"}, "Välj om uppgifterna stämmer eller inte."),
        ({**YES, "words": "x" * 2_001}, "Skriv högst 2000 tecken."),
    ):
        answer = client.post(f"/employer/{code}", data=data)
        assert answer.status_code == 422
        assert said in answer.text
        assert (data.get("answered_as") or data["words"]) in answer.text
    with database.reading() as session:
        assert session.scalars(select(Verification.id)).all() == []


def test_who_opened_it_is_noted_once_and_by_no_name(client: FlaskClient, database: Database, code: str):
    for _ in range(3):
        client.get(f"/employer/{code}")
    client.post(f"/employer/{code}", data=YES)
    with database.reading() as session:
        rows = session.scalars(
            select(AuditEntry).where(AuditEntry.what.like("check.employer%")).order_by(AuditEntry.sequence)
        ).all()
    assert [row.what for row in rows] == [
        "check.employer_asked", "check.employer_opened", "check.employer_answered",
    ]  # fmt: skip
    assert [row.actor_kind for row in rows[1:]] == ["stranger", "stranger"]
    assert not [row for row in rows if "Anna" in row.details or "Provbageriet" in row.details]


def test_small_letters_lead_to_the_link(client: FlaskClient, code: str):
    answer = client.get(f"/employer/{code.lower()}")
    assert answer.location.endswith(f"/employer/{code}")


@pytest.mark.parametrize("wrong", ["0000-0000-0000-0000", "x", "../../etc", "7Q2K" * 30, "%00", "å"])
def test_a_wrong_link_tells_nothing(client: FlaskClient, code: str, wrong: str):
    answer = client.get(f"/employer/{wrong}")
    assert answer.status_code == 404
    assert "Samira" not in answer.text


def test_an_old_link_and_one_of_a_person_who_is_protected_now_tell_nothing(
    client: FlaskClient, database: Database, town: Town, code: str, monkeypatch: pytest.MonkeyPatch
):
    later = dates.now() + timedelta(days=31)
    with monkeypatch.context() as patch:
        patch.setattr(dates, "now", lambda: later)
        answer = client.get(f"/employer/{code}")
        assert (answer.status_code, OVER in answer.text, "Samira" in answer.text) == (404, True, False)
        assert client.post(f"/employer/{code}", data=YES).status_code == 404
    assert client.get(f"/employer/{code}").status_code == 200
    with database.transaction(1) as session:
        actions.set_protection(session, town.participant_id, Protection.CONFIDENTIAL, by=town.guide)
    answer = client.get(f"/employer/{code}")
    assert (answer.status_code, "Samira" in answer.text) == (404, False)
    assert client.post(f"/employer/{code}", data=YES).status_code == 404


def test_whoever_guesses_is_locked_out_for_a_time(client: FlaskClient, code: str):
    for number in range(10):
        assert client.get(f"/employer/0000-0000-0000-000{number}").status_code == 404
    locked = client.get(f"/employer/{code}")
    assert locked.status_code == 404
    assert "för många gånger" in locked.text
    assert "Samira" not in locked.text


def test_a_form_without_its_token_is_not_taken(app, database: Database, code: str):
    app.config["WTF_CSRF_ENABLED"] = True
    answer = app.test_client().post(f"/employer/{code}", data=YES)
    assert answer.status_code == 400
    with database.reading() as session:
        assert session.scalars(select(Verification.id)).all() == []
