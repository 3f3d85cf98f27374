"""The page about becoming a provider: every condition is told before anybody signs in."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from tests.accounts.people import signed_in
from tests.support.town import Town, found


@pytest.fixture
def town(database) -> Town:
    """A town whose kundval takes applications."""
    return found(database)


@pytest.fixture
def app(settings, town):
    """The app on it."""
    made = create_app(settings)
    yield made
    made.extensions["database"].dispose()


def page(client: FlaskClient, address: str = "/become-provider") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_the_conditions_the_control_the_time_and_the_appeal_are_told(app: Flask):
    told = page(app.test_client())
    for words in (
        "Matchande insats",
        "Rustande insats",
        "Godkänd för F-skatt",
        "Kommunen jämför med ett offentligt register.",
        "Kommunen kommer på besök.",
        "Varifrån villkoren kommer",
        "Det gäller i högst 12 månader",
        "Inom 90 dagar",
        "2 personer, var för sig",
        "Laglighetsprövning, inom 21 dagar",
        'href="/provider/applications"',
    ):
        assert words in told
    assert told.count("<h4>") == 8


def test_it_is_linked_from_the_start_and_from_every_foot(app: Flask):
    client = app.test_client()
    assert page(client, "/").count('href="/become-provider"') == 2
    assert 'href="/become-provider"' in page(client, "/about")


def test_who_is_signed_in_as_another_is_told_so(app: Flask, town: Town):
    assert "/provider/applications" in page(signed_in(app, town.manager.account_id))
    told = page(signed_in(app, town.guide.account_id))
    assert "/provider/applications" not in told
    assert "Du är inloggad i en annan roll." in told


def test_a_town_without_applications_says_so(database, settings):
    from app.demo.people import municipality  # noqa: PLC0415  # only here

    with database.transaction(1) as session:
        municipality(session, 1)
    made = create_app(settings)
    assert "tar inte emot ansökningar här just nu" in page(made.test_client())
    made.extensions["database"].dispose()
