"""A town whose rulebooks are decided, with people who are signed in; its clock stands still."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import rulebooks
from config import Settings
from core.actor import Actor
from core.database import Database
from tests.provider.stage import TODAY, Stage, app_on, stop_the_clock

TOP = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Wednesday 3 June 2026."""
    stop_the_clock(monkeypatch)


@pytest.fixture
def database_kind() -> str:
    """The page reads rulebooks and no more; that is the same everywhere."""
    return "sqlite"


@pytest.fixture
def stage(database: Database) -> Stage:
    """A town with two providers, and three kundval more."""
    made = Stage(database)
    by = Actor.operator(made.town.municipality_id)
    with database.transaction(made.town.municipality_id) as session:
        for name in ("rusta_och_matcha", "stom", "introduktion"):
            for path in sorted((TOP / "schemes" / name).glob("*.toml")):
                rulebooks.bring_in(session, path, by=by, today=TODAY)
    return made


@pytest.fixture
def app(settings: Settings, stage: Stage) -> Iterator[Flask]:
    """The app on it."""
    made = app_on(settings)
    yield made
    made.extensions["database"].dispose()
