"""Sessions end: by time, by sign-out, by a closed account; and none can be prepared for somebody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select, update

from app.accounts.models import SignIn
from app.accounts.sessions import hashed
from core import audit
from core.actor import Account, Role
from core.audit import AuditEntry
from core.database import Database
from tests.accounts.people import signed_in

MORNING = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
HOMES = {
    Role.SEEKER: "seeker.home",
    Role.COACH: "provider.week",
    Role.MANAGER: "provider.week",
    Role.GUIDE: "casework.cases",
    Role.INSPECTOR: "casework.cases",
    Role.MAKER: "finance.overview",
    Role.SIGNER: "finance.overview",
    Role.SECRETARY: "casework.register",
    Role.CHAIR: "casework.board",
    Role.ADMINISTRATOR: "casework.trail",
}


def is_in(client: FlaskClient) -> bool:
    """Whether the client is signed in, by what the about page's header says."""
    return "Logga ut" in client.get("/about").get_data(as_text=True)


def whats(database: Database) -> list[str]:
    with database.reading() as session:
        rows = session.scalars(
            select(AuditEntry.what).where(AuditEntry.what.like("account.sign%")).order_by(AuditEntry.sequence)
        )
        return list(rows)


def test_a_session_ends_when_it_has_rested_too_long(app: Flask, people: dict[Role, int]):
    with time_machine.travel(MORNING, tick=False) as clock:
        client = signed_in(app, people[Role.GUIDE])
        for _ in range(3):
            clock.shift(timedelta(minutes=29))
            assert is_in(client), "each page begins the half hour anew"
        clock.shift(timedelta(minutes=30))
        page = client.get("/about").get_data(as_text=True)
        assert "Logga ut" not in page
        assert "Din inloggning har tagit slut" in client.get("/sign-in").get_data(as_text=True) + page
        clock.shift(timedelta(minutes=-20))
        assert not is_in(client), "the cookie has let go of the token"


def test_a_session_ends_when_the_day_is_over_however_busy(app: Flask, people: dict[Role, int]):
    with time_machine.travel(MORNING, tick=False) as clock:
        client = signed_in(app, people[Role.GUIDE])
        for _ in range(26):
            clock.shift(timedelta(minutes=20))
            assert is_in(client)
        clock.shift(timedelta(minutes=20))
        assert not is_in(client), "nine hours have gone"


def test_use_is_noted_once_a_minute_at_most(app: Flask, people: dict[Role, int], database: Database):
    def seen() -> datetime | None:
        with database.reading() as session:
            return session.scalar(select(SignIn.seen_at))

    with time_machine.travel(MORNING, tick=False) as clock:
        client = signed_in(app, people[Role.GUIDE])
        clock.shift(timedelta(seconds=59))
        client.get("/about")
        assert seen() == MORNING
        clock.shift(timedelta(seconds=1))
        client.get("/about")
        assert seen() == MORNING + timedelta(minutes=1)


def test_signing_out_kills_a_copied_cookie(app: Flask, people: dict[Role, int], database: Database):
    client, thief = signed_in(app, people[Role.MAKER]), app.test_client()
    with client.session_transaction() as cookie, thief.session_transaction() as copied:
        copied.update(cookie)
    assert is_in(thief)
    answer = client.post("/sign-out")
    assert answer.status_code == 302
    assert not is_in(client)
    assert not is_in(thief)
    assert whats(database) == ["account.signed_in", "account.signed_out"]


def test_signing_out_twice_or_as_a_stranger_changes_nothing(
    app: Flask, people: dict[Role, int], database: Database
):
    client = signed_in(app, people[Role.MAKER])
    assert [client.post("/sign-out").status_code for _ in range(2)] == [302, 302]
    assert app.test_client().post("/sign-out").status_code == 302
    assert whats(database).count("account.signed_out") == 1


def test_a_closed_account_is_out_at_once_and_cannot_come_back(
    app: Flask, people: dict[Role, int], database: Database
):
    client = signed_in(app, people[Role.COACH])
    with database.transaction() as session:
        session.execute(update(Account).where(Account.id == people[Role.COACH]).values(is_active=False))
    assert not is_in(client)
    form = {"user_name": Role.COACH.value, "password": "vagval-demo"}
    assert app.test_client().post("/sign-in", data=form).status_code == 422


def test_a_made_up_token_opens_nothing(app: Flask, people: dict[Role, int], database: Database):
    signed_in(app, people[Role.GUIDE])
    with database.reading() as session:
        stored = session.scalar(select(SignIn.token_hash))
    for token in (stored, "", "x" * 5000, "' or 1=1 --"):
        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie["_user_id"] = token
        assert not is_in(client)


def test_the_row_keeps_only_the_hash_of_the_token(app: Flask, people: dict[Role, int], database: Database):
    client = signed_in(app, people[Role.GUIDE])
    with client.session_transaction() as cookie, database.reading() as session:
        row = session.scalars(select(SignIn)).one()
        assert row.token_hash == hashed(cookie["_user_id"])
        assert cookie["_user_id"] not in {str(value) for value in vars(row).values()}


def test_signing_in_gives_a_new_token_and_keeps_only_language_and_seed(app: Flask, people: dict[Role, int]):
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie.update(_user_id="planted", language="en", seed="0123", something="planted")
    client.post("/sign-in", data={"user_name": "seeker", "password": "vagval-demo"})
    with client.session_transaction() as cookie:
        first = cookie["_user_id"]
        assert first != "planted"
        assert len(first) >= 43
        assert (cookie["language"], cookie["seed"]) == ("en", "0123")
        assert "something" not in cookie
        assert not cookie.permanent, "the token goes when the browser closes"
    page = client.get("/about").get_data(as_text=True)
    assert '<html lang="en"' in page
    assert "Test seeker" in page


def test_signing_in_again_ends_the_session_before(app: Flask, people: dict[Role, int], database: Database):
    client, thief = signed_in(app, people[Role.MAKER]), app.test_client()
    with client.session_transaction() as cookie, thief.session_transaction() as copied:
        copied.update(cookie)
    app.extensions["settings"] = replace(app.extensions["settings"], environment="demo")
    client.post("/sign-in", data={"user_name": "finance_signer", "password": "vagval-demo"})
    assert "Test finance_signer" in client.get("/about").get_data(as_text=True)
    assert not is_in(thief)
    assert whats(database) == ["account.signed_in", "account.signed_out", "account.signed_in"]


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_each_role_comes_home(app: Flask, people: dict[Role, int], role: Role):
    client = app.test_client()
    answer = client.post("/sign-in", data={"user_name": role.value, "password": "vagval-demo"})
    with app.test_request_context("/"):
        assert answer.location == app.url_for(HOMES[role])


def test_the_visitor_comes_back_to_the_page_that_was_asked_for(app: Flask, people: dict[Role, int]):
    client = app.test_client()
    asked = client.get("/casework/?page=2")
    assert asked.status_code == 302
    answer = client.post(asked.location, data={"user_name": "career_guide", "password": "vagval-demo"})
    assert answer.location == "/casework/?page=2"


@pytest.mark.parametrize(
    "address",
    ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "/\r/evil.example"],
)
def test_nobody_is_sent_away_from_the_house(app: Flask, people: dict[Role, int], address: str):
    client = app.test_client()
    form = {"user_name": "career_guide", "password": "vagval-demo"}
    answer = client.post("/sign-in", query_string={"next": address}, data=form)
    assert answer.status_code == 302
    assert answer.location == "/casework/"


@pytest.mark.parametrize(("role", "most"), [(Role.COACH, 2), (Role.GUIDE, 1), (Role.SEEKER, 1)])
def test_few_questions_tell_who_asks(app: Flask, people: dict[Role, int], role: Role, most: int):
    with signed_in(app, people[role]).session_transaction() as cookie:
        token = cookie["_user_id"]
    asked: list[str] = []
    engine = app.extensions["database"].engine
    event.listen(engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    with app.test_request_context("/"):
        user = app.login_manager.user_callback(token)  # type: ignore[attr-defined]  # flask-login puts it there
    assert user.actor.has(role)
    assert sum(statement.startswith("SELECT") for statement in asked) <= most
    assert (user.actor.provider_id is not None) == (role is Role.COACH)
    assert (user.actor.participant_id is not None) == (role is Role.SEEKER)


def test_the_trail_of_a_day_at_the_door_holds_and_names_nobody(
    app: Flask, people: dict[Role, int], database: Database
):
    client = signed_in(app, people[Role.GUIDE])
    client.post("/sign-out")
    client.post("/sign-in", data={"user_name": "career_guide", "password": "wrong"})
    client.post("/sign-in", data={"user_name": "Kerstin Svensson", "password": "wrong"})
    with database.reading() as session:
        rows = session.scalars(select(AuditEntry).where(AuditEntry.what.like("account.sign%"))).all()
        assert [(row.what, row.subject_id, row.details) for row in rows[-2:]] == [
            ("account.sign_in_refused", people[Role.GUIDE], '{"how": "password", "reason": "wrong"}'),
            ("account.sign_in_refused", 0, '{"how": "password", "reason": "wrong"}'),
        ]
        assert audit.verify(session, 1).fault_at is None
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == audit.verify(session, 1).links
