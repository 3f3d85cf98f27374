"""flask municipality: the first row of an installation, and where its postal codes are."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from app import tables
from app.commands.telling import Answer, database, settings, told
from core.actor import Actor
from core.municipalities import add_municipality
from providers.actions.places import keep_places
from providers.rules import organisation_number
from providers.rules.places import read_place

PLACE_COLUMNS = ("postal_code", "area", "latitude", "longitude")


@click.group("municipality")
def command() -> None:
    """The municipality whose pages these are."""


@command.command("add")
@click.option("--name", required=True)
@click.option("--organisation-number", "organisation_number_", required=True)
@with_appcontext
@told
def add(name: str, organisation_number_: str) -> Answer:
    """Add the municipality that MUNICIPALITY_ID names."""
    by = Actor.operator(settings().municipality_id)
    number = organisation_number(organisation_number_)
    with database().transaction(by.municipality_id) as session:
        add_municipality(session, name, number, by=by)
    return Answer({"id": by.municipality_id, "name": name}, [f"{name} is municipality {by.municipality_id}."])


@command.command("places")
@click.argument("path", type=click.Path(path_type=Path))
@with_appcontext
@told
def places(path: Path) -> Answer:
    """Take in where postal codes are: postal_code, area, latitude, longitude (degrees) in CSV or Excel."""
    by = Actor.operator(settings().municipality_id)
    forms = [read_place(cells, row) for row, cells in tables.rows(path, PLACE_COLUMNS)]
    with database().transaction(by.municipality_id) as session:
        kept = keep_places(session, forms, by=by)
    line = f"{kept.added} places added, {kept.changed} changed, {kept.same} as before."
    return Answer({"added": kept.added, "changed": kept.changed, "same": kept.same}, [line])
