"""Passwords: never in production, the same answer whatever was wrong, and a lock after five failures."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
import time_machine
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import func, select, update

from app import create_app
from app.accounts import passwords
from app.accounts.models import SignIn, SignInFailure
from config import Settings, SettingsError
from core.actor import Account, Role
from core.database import Database
from core.refusal import Refusal
from tests.support.house import KEYS, settings_for

MORNING = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
PRODUCTION = {
    **KEYS,
    "VAGVAL_ENV": "production",
    "IDENTITY_KEYS": base64.urlsafe_b64encode(b"p" * 32).decode(),
    "DATABASE_URL": "sqlite:///nowhere.db",
    "OIDC_ISSUER": "https://e-id.example.org",
    "OIDC_CLIENT_ID": "vagval",
    "OIDC_CLIENT_SECRET": "a client's secret",
    "DEBTOR_IBAN": "SE3550000000054910000003",
    "DEBTOR_BIC": "ESSESESS",
}


def tried(app: Flask, user_name: str, password: str) -> str:
    """What the sign-in page says after a try; "in" when it let in."""
    answer = app.test_client().post("/sign-in", data={"user_name": user_name, "password": password})
    if answer.status_code == 302:
        return "in"
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    return page[page.index("error-summary") : page.index("</ul>", page.index("error-summary"))]


def test_production_refuses_to_start_with_passwords():
    with pytest.raises(SettingsError, match="PASSWORDS_ALLOWED cannot be yes in production"):
        Settings.from_environment({**PRODUCTION, "PASSWORDS_ALLOWED": "yes"})
    assert not Settings.from_environment(PRODUCTION).passwords_allowed


def test_production_has_no_form_and_takes_no_password(
    database_url: str, people: dict[Role, int], tmp_path: Path
):
    settings = Settings.from_environment(
        {**PRODUCTION, "DATABASE_URL": database_url, "VAGVAL_INSTANCE": str(tmp_path)}
    )
    app = create_app(settings)
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    page = client.get("/sign-in").get_data(as_text=True)
    assert "Logga in med e-legitimation" in page
    assert "<input" not in page
    assert "lösenord" not in page.lower()
    form = {"user_name": "career_guide", "password": "vagval-demo"}
    assert client.post("/sign-in", data=form).status_code == 404
    app.extensions["database"].dispose()


def test_switched_off_outside_production_is_off_too(
    database_url: str, people: dict[Role, int], tmp_path: Path
):
    app = create_app(settings_for(database_url, tmp_path, PASSWORDS_ALLOWED="no"))
    assert "lösenord" not in app.test_client().get("/sign-in").get_data(as_text=True).lower()
    app.extensions["database"].dispose()


def test_a_wrong_name_and_a_wrong_password_get_the_same_words(app: Flask):
    assert tried(app, "career_guide", "wrong") == tried(app, "nobody", "wrong")
    assert "Namnet eller lösenordet stämmer inte" in tried(app, "nobody", "vagval-demo")
    assert tried(app, " Career_Guide ", "vagval-demo") == "in"


def test_an_unknown_name_costs_as_much_work_as_a_known_one(
    app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch
):
    tried_against: list[str] = []

    class Watched(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002  # theirs
            tried_against.append(str(hash).rsplit("$", 2)[0])
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "HASHER", Watched(time_cost=1, memory_cost=8192, parallelism=1))
    with database.transaction() as session:
        session.execute(
            update(Account).where(Account.user_name == "administrator").values(password_hash=None)
        )
    for name in ("career_guide", "nobody", "administrator"):
        with pytest.raises(Refusal, match="stämmer inte"):
            passwords.checked(database, 1, name, "wrong", at=MORNING)
    assert len(tried_against) == 3
    assert len(set(tried_against)) == 1, "the same cost each time"


def test_five_failures_in_a_row_lock_for_a_quarter_of_an_hour(app: Flask):
    with time_machine.travel(MORNING, tick=False) as clock:
        said = [tried(app, "inspector", "wrong") for _ in range(5)]
        assert all("stämmer inte" in one for one in said[:4])
        assert "Försök igen klockan 09.16" in said[4]
        assert "Försök igen klockan 09.16" in tried(app, "inspector", "vagval-demo"), "right, but locked"
        assert tried(app, "career_guide", "vagval-demo") == "in", "others are not locked"
        clock.shift(timedelta(minutes=15))
        assert "stämmer inte" in tried(app, "inspector", "wrong"), "the count begins anew"
        assert tried(app, "inspector", "vagval-demo") == "in"


def test_a_success_ends_the_row(app: Flask):
    for _ in range(2):
        assert all("stämmer inte" in tried(app, "inspector", "wrong") for _ in range(4))
        assert tried(app, "inspector", "vagval-demo") == "in"


def test_a_name_that_does_not_exist_locks_as_well(app: Flask, database: Database):
    said = [tried(app, "nobody", "wrong") for _ in range(5)]
    assert "låst" in said[4]
    with database.reading() as session:
        assert "nobody" not in str(session.scalars(select(SignInFailure.name_hash)).all())


def test_guesses_made_at_once_are_counted_one_by_one(app: Flask, database: Database):
    with ThreadPoolExecutor(8) as hands:
        said = list(hands.map(lambda _: tried(app, "inspector", "wrong"), range(12)))
    assert sum("stämmer inte" in one for one in said) == 4
    assert sum("låst" in one for one in said) == 8
    with database.reading() as session:
        assert session.scalar(select(SignInFailure.failures)) == 5


def test_the_right_guess_among_many_at_once_does_not_slip_past_the_lock(app: Flask, database: Database):
    for _ in range(5):
        tried(app, "inspector", "wrong")
    with ThreadPoolExecutor(4) as hands:
        said = list(hands.map(lambda _: tried(app, "inspector", "vagval-demo"), range(4)))
    assert all("låst" in one for one in said)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(SignIn)) == 0


def test_old_failures_are_forgotten(app: Flask, database: Database):
    with time_machine.travel(MORNING, tick=False) as clock:
        tried(app, "nobody", "wrong")
        clock.shift(timedelta(days=1, seconds=1))
        tried(app, "somebody", "wrong")
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(SignInFailure)) == 1


def test_a_form_without_its_token_is_refused(settings: Settings, people: dict[Role, int]):
    app = create_app(settings)
    answer = app.test_client().post("/sign-in", data={"user_name": "career_guide", "password": "vagval-demo"})
    assert answer.status_code == 400
    app.extensions["database"].dispose()
