"""One office for many tests: a town with a known history, nobody changes it, and staff who look at it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.oversight.figures import Figures, gather
from core import dates
from core.database import Database
from tests.accounts.people import signed_in
from tests.oversight.stage import TODAY, Stage
from tests.support import postgres, sqlite
from tests.support import town as towns
from tests.support.house import open_database, settings_for
from tests.support.town import Town


@dataclass(frozen=True)
class Office:
    """The app on a database with the stage's history in it."""

    app: Flask
    database: Database
    town: Town


@pytest.fixture(scope="session")
def _offices() -> Iterator[dict[str, Office]]:
    found: dict[str, Office] = {}
    yield found
    for office in found.values():
        office.database.dispose()
        office.app.extensions["database"].dispose()


@pytest.fixture
def office(
    _offices: dict[str, Office],
    database_kind: str,
    database_maker: postgres.Server | sqlite.Files,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Office:
    """On 20 March 2027, on SQLite and on PostgreSQL. For looking only."""
    if database_kind not in _offices:
        settings = settings_for(database_maker.migrated(), tmp_path_factory.mktemp("office"))
        database = open_database(settings)
        town = towns.found(database)
        with database.transaction(town.municipality_id) as session:
            Stage(session, town).everything()
        _offices[database_kind] = Office(create_app(settings), database, town)
    monkeypatch.setattr(dates, "today", lambda: TODAY)
    return _offices[database_kind]


@pytest.fixture
def found(office: Office) -> Figures:
    """All the figures."""
    with office.database.reading() as session:
        return gather(session, office.town.municipality_id, TODAY)


@pytest.fixture
def client(office: Office) -> FlaskClient:
    """An economist who is signed in."""
    return signed_in(office.app, office.town.maker.account_id)
