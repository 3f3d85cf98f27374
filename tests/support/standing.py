"""One founded town for many tests: each works in a transaction of its own that is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from sqlalchemy.orm import Session

from core.database import Database
from tests.support import postgres, sqlite
from tests.support import town as towns
from tests.support.house import open_database, settings_for
from tests.support.town import Town


class Standing(NamedTuple):
    """A database and the town that stands in it."""

    database: Database
    town: Town


@pytest.fixture(scope="session")
def _standing() -> Iterator[dict[str, Standing]]:
    found: dict[str, Standing] = {}
    yield found
    for one in found.values():
        one.database.dispose()


@pytest.fixture
def standing(
    _standing: dict[str, Standing],
    database_kind: str,
    database_maker: postgres.Server | sqlite.Files,
    tmp_path_factory: pytest.TempPathFactory,
) -> Standing:
    """This worker's town of that kind. Nobody may commit anything in it."""
    if database_kind not in _standing:
        settings = settings_for(database_maker.migrated(), tmp_path_factory.mktemp("standing"))
        database = open_database(settings)
        _standing[database_kind] = Standing(database, towns.found(database))
    return _standing[database_kind]


@pytest.fixture
def town(standing: Standing) -> Town:
    """Who lives in the town that `session` looks into."""
    return standing.town


@pytest.fixture
def session(standing: Standing) -> Iterator[Session]:
    """A session in the town, on SQLite and on PostgreSQL; what a test does there is undone after it."""
    database = standing.database
    with Session(database.engine, info=dict(database._info), expire_on_commit=False) as opened:
        yield opened
        opened.rollback()
