"""A town with cases in it, and people at the municipality who are signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.demo.people import PASSWORD, Names, SignInRow, staff
from config import Settings
from core import dates
from core.actor import Actor, Role
from core.database import Database
from core.identity import Protection
from tests.support.town import Town, decided, found, voucher_form
from vouchers import actions
from vouchers.actions.people import ParticipantForm

SECRET = "Hemliga Skisshed"
NUMBERS = Names(77)


@dataclass(frozen=True)
class Secret:
    """A protected person, their guide, and what is theirs."""

    guide: Actor
    participant_id: int
    voucher_id: int
    identity_number: str


@pytest.fixture
def decided_on() -> date:
    """A working day two months back, so that months have passed to report."""
    return dates.add_working_days(dates.today() - timedelta(days=75), 0)


@pytest.fixture
def town(database: Database, decided_on: date) -> Town:
    """Staff, providers, and a seeker who was given a voucher and has not chosen."""
    return found(database, decided_on=decided_on)


@pytest.fixture
def secret(database: Database, town: Town) -> Secret:
    """A protected person with a voucher, whose guide is not the town's guide."""
    number, day = NUMBERS.number(), dates.today()
    given, family = SECRET.split(" ")
    with database.transaction(town.municipality_id) as session:
        row = SignInRow("vagledare2", Role.GUIDE, "Nils Provskog", "en annan vägledare")
        _, guide = staff(session, row, NUMBERS.number(), by=Actor.operator(town.municipality_id), today=day)
        form = ParticipantForm(
            number, given, family, Protection.CONFIDENTIAL, phone="070-174 06 44", street="Hemligatan 1"
        )
        participant = actions.register_participant(session, form, by=guide, today=day)
        voucher = decided(session, participant.id, voucher_form(town.rulebook_id), by=guide, today=day)
        return Secret(guide, participant.id, voucher.id, number)


@pytest.fixture
def app(settings: Settings, town: Town) -> Iterator[Flask]:
    """The app in the town, without form tokens; those have a test of their own."""
    made = create_app(settings)
    made.config["WTF_CSRF_ENABLED"] = False
    yield made
    made.extensions["database"].dispose()


@pytest.fixture
def sign_in(app: Flask) -> Callable[[str], FlaskClient]:
    """A browser in which that person is signed in."""

    def signed_in(user_name: str) -> FlaskClient:
        client = app.test_client()
        answer = client.post("/sign-in", data={"user_name": user_name, "password": PASSWORD})
        assert answer.status_code == 302, answer.text
        return client

    return signed_in


@pytest.fixture
def guide(sign_in: Callable[[str], FlaskClient]) -> FlaskClient:
    """The career guide's browser."""
    return sign_in("vagledare")


@pytest.fixture
def inspector(sign_in: Callable[[str], FlaskClient]) -> FlaskClient:
    """The inspector's browser."""
    return sign_in("granskare")
