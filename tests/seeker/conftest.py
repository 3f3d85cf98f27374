"""A town with a person who is to choose these days, and the app on it."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.accounts.people import signed_in
from tests.public.conftest import app, decided_on, history, town
from tests.support.town import Town

__all__ = ["app", "decided_on", "history", "town"]


@pytest.fixture
def client(app: Flask, town: Town) -> FlaskClient:
    """The seeker, signed in."""
    return signed_in(app, town.seeker.account_id)
