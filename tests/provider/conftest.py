"""The stage, the app on it, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from config import Settings
from core.database import Database
from tests.provider.applicant import Applicant
from tests.provider.stage import Stage, app_on, stop_the_clock


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
def newcomer(app, stage: Stage) -> Applicant:
    """A manager who works for nobody yet."""
    return Applicant(stage.client(app, "nyanordnare"))


@pytest.fixture
def draft(newcomer: Applicant) -> Applicant:
    """The same, with an organisation and an empty application."""
    assert newcomer.enter().status_code == 302
    newcomer.begin()
    return newcomer
