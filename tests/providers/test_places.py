"""Where postal codes are: taken in from a file, told again, and refused with the row."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app import create_app
from app.sentences import SENTENCES
from config import Settings
from core.audit import AuditEntry
from core.database import Database
from core.refusal import Refusal
from providers.actions.places import PlacesKept, keep_places
from providers.queries.places import Known, known, spot_of
from providers.queries.registry import register
from providers.rules.places import PlaceForm, Spot
from tests.support.town import Town, found

HERE, THERE = Spot(5_890_000, 1_330_000), Spot(5_891_000, 1_331_000)


@pytest.fixture
def town(database: Database) -> Town:
    """A town of this test's own: its places change."""
    return found(database)


@pytest.fixture
def app(settings: Settings, town: Town) -> Flask:
    """The app on it."""
    return create_app(settings)


def test_places_are_added_moved_and_left_alone(database: Database, town: Town):
    with database.transaction(1) as session:
        forms = [PlaceForm("10010", "Norr", HERE), PlaceForm("10020", "Söder", THERE)]
        assert keep_places(session, forms, by=town.inspector) == PlacesKept(2, 0, 0)
    with database.transaction(1) as session:
        forms = [PlaceForm("10010", "Norr", THERE), PlaceForm("10030", "Öster", HERE)]
        assert keep_places(session, forms, by=town.inspector) == PlacesKept(1, 1, 0)
        assert keep_places(session, forms, by=town.inspector) == PlacesKept(0, 0, 2)
    with database.reading() as session:
        assert known(session, 1) == [
            Known("10010", "Norr", THERE), Known("10020", "Söder", THERE), Known("10030", "Öster", HERE),
        ]  # fmt: skip
        assert (spot_of(session, 1, "10030"), spot_of(session, 1, "99999")) == (HERE, None)
        assert spot_of(session, 2, "10030") is None
        rows = session.scalars(select(AuditEntry).where(AuditEntry.what == "places.imported")).all()
    assert len(rows) == 3
    assert "10010" not in rows[0].details
    assert "places.imported" in SENTENCES


def test_a_site_is_where_its_postal_code_is(database: Database, town: Town):
    def spots() -> list[Spot | None]:
        with database.reading() as session:
            return [place.spot for one in register(session, 1, town.decided_on) for place in one.sites]

    assert spots() == [None, None]
    with database.transaction(1) as session:
        keep_places(session, [PlaceForm("10001", "Centrum", HERE)], by=town.inspector)
    assert sorted(spots(), key=str) == sorted([HERE, None], key=str)


def test_a_postal_code_twice_and_no_postal_code_are_refused(database: Database, town: Town):
    twice = [PlaceForm("10010", "Norr", HERE), PlaceForm("10010", "Söder", THERE)]
    for forms, code in ((twice, "place_twice"), ([], "places_none")):
        with database.reading() as session, pytest.raises(Refusal) as refused:
            keep_places(session, forms, by=town.inspector)
        assert refused.value.code == code


def test_the_command_takes_a_file_and_refuses_a_wrong_one_whole(
    app: Flask, database: Database, town: Town, tmp_path: Path
):
    path = tmp_path / "places.csv"
    head = "postal_code,area,latitude,longitude\n"

    def told(text: str) -> tuple[int, str]:
        path.write_text(text, "utf-8")
        result = app.test_cli_runner().invoke(args=["municipality", "places", str(path)])
        return result.exit_code, result.output

    assert told(head + "100 10,Norr,58.9,13.3\n100 20,Söder,58.91,13.31\n") == (
        0,
        "2 places added, 0 changed, 0 as before.\n",
    )
    code, said = told(head + "100 30,Öster,58.9,13.3\n100 40,Väster,north,13.3\n")
    assert code == 1
    assert "3" in said
    assert "latitude" in said
    assert told("postal_code,area\n10010,Norr\n")[0] == 1
    assert told(head)[0] == 1
    with database.reading() as session:
        assert [one.postal_code for one in known(session, 1)] == ["10010", "10020"]
    app.extensions["database"].dispose()


def test_more_places_than_there_are_postal_codes_are_refused(database: Database, town: Town):
    forms = [PlaceForm(f"{10_000 + number:05d}", "Norr", HERE) for number in range(20_001)]
    with database.transaction(1) as session, pytest.raises(Refusal, match="20000 platser"):
        keep_places(session, forms, by=town.inspector)
