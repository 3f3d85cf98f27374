"""A town, the app on it, and two providers' systems with keys."""

from __future__ import annotations

import pytest
from flask import Flask

from core.actor import AccountRole, Role
from core.database import Database
from tests.api.desk import Desk, key_for
from tests.provider.conftest import app
from tests.provider.stage import Stage, stop_the_clock

__all__ = ["app"]


@pytest.fixture
def stage(database: Database, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A town with two providers, where it is Wednesday 3 June 2026."""
    stop_the_clock(monkeypatch)
    return Stage(database)


@pytest.fixture
def desk(app: Flask, stage: Stage) -> Desk:
    """The first provider's system, with its manager's key."""
    return Desk(app, key_for(stage.database, stage.town.manager))


@pytest.fixture
def stranger(app: Flask, stage: Stage) -> Desk:
    """The second provider's system, with a key of somebody who may all that one can there."""
    who = stage.town.other_coach
    with stage.database.transaction(1) as session:
        session.add(AccountRole(municipality_id=1, account_id=who.account_id, role=Role.MANAGER.value))
    return Desk(app, key_for(stage.database, stage.town.other_coach))
