"""flask municipality: the first row of an installation."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app.commands.telling import Answer, database, settings, told
from core.actor import Actor
from core.municipalities import add_municipality
from providers.rules import organisation_number


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
