"""The app with people in it, and the e-ID broker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from config import Settings
from core.actor import Role
from core.database import Database
from tests.accounts.people import settle
from tests.support.house import settings_for
from tests.support.oidc import Broker
from tests.support.oidc import broker as broker_server


@pytest.fixture
def people(database: Database) -> dict[Role, int]:
    """One account of each role."""
    return settle(database)


@pytest.fixture
def app(settings: Settings, people: dict[Role, int]) -> Iterator[Flask]:
    """The app with the people, without form tokens; those have a test of their own."""
    made = create_app(settings)
    made.config["WTF_CSRF_ENABLED"] = False
    yield made
    made.extensions["database"].dispose()


@pytest.fixture(scope="module")
def broker_running() -> Iterator[Broker]:
    """The broker's server, one for the module."""
    with broker_server() as running:
        yield running


@pytest.fixture
def broker(broker_running: Broker) -> Broker:
    """The broker, behaving."""
    broker_running.instead.clear()
    broker_running.asked.clear()
    broker_running.used.clear()
    return broker_running


@pytest.fixture
def e_id(database_url: str, people: dict[Role, int], broker: Broker, tmp_path: Path) -> Iterator[Flask]:
    """The app with the broker behind its e-ID button, and no passwords."""
    settings = settings_for(
        database_url, tmp_path / "instance", OIDC_ISSUER=broker.issuer, PASSWORDS_ALLOWED="no"
    )
    made = create_app(settings)
    yield made
    made.extensions["database"].dispose()
