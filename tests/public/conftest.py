"""A town, its history, and the app on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from config import Settings
from core.database import Database
from core.dates import today
from tests.public.history import History
from tests.support.town import Town, found


@pytest.fixture
def decided_on() -> date:
    """When the person's voucher was decided."""
    return today()


@pytest.fixture
def town(database: Database, decided_on: date) -> Town:
    """Two providers, and a person who is to choose these days."""
    return found(database, decided_on=decided_on)


@pytest.fixture
def history(town: Town) -> History:
    """What adds people who have left, and more providers."""
    return History(town)


@pytest.fixture
def app(settings: Settings, town: Town) -> Iterator[Flask]:
    """The app, without form tokens; those have a test of their own."""
    made = create_app(settings)
    made.config["WTF_CSRF_ENABLED"] = False
    yield made
    made.extensions["database"].dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor who has not signed in."""
    return app.test_client()
