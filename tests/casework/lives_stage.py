"""A town on a day that stands still, and clients of its staff, for the pages of an accreditation's life."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import Settings
from core.database import Database
from providers.models import Accreditation
from tests.provider.stage import TODAY, Stage, app_on, stop_the_clock
from tests.providers.lives import accreditation

Client = Callable[[str], FlaskClient]
WHY = "Lokalen var stängd vid två besök."


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Wednesday 3 June 2026."""
    stop_the_clock(monkeypatch)


@pytest.fixture
def stage(database: Database) -> Stage:
    """A town with two providers."""
    return Stage(database)


@pytest.fixture
def app(settings: Settings, stage: Stage) -> Iterator[Flask]:
    """The app on the stage, without form tokens."""
    made = app_on(settings)
    yield made
    made.extensions["database"].dispose()


@pytest.fixture
def as_(app: Flask, stage: Stage) -> Client:
    """A client signed in as that user name."""
    return lambda who: stage.client(app, who)


@pytest.fixture
def one_id(stage: Stage) -> int:
    """Stigfinnarna's accreditation for matching."""
    with stage.database.reading() as session:
        return accreditation(session, stage.town.provider_id).id


def row(stage: Stage, accreditation_id: int) -> Accreditation:
    """The accreditation as it is now."""
    with stage.database.reading() as session:
        return session.get_one(Accreditation, (1, accreditation_id))


__all__ = ["TODAY", "WHY", "Client", "Stage", "app", "as_", "clock", "one_id", "row", "stage"]
