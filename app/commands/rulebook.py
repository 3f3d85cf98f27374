"""flask rulebook: read a rulebook file, and bring one into the database."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from app import rulebooks
from app.commands.telling import Answer, database, settings, told
from core.actor import Actor
from core.dates import today

FILE = click.argument("file", type=click.Path(path_type=Path))


@click.group("rulebook")
def command() -> None:
    """Check and import rulebooks (schemes/<kundval>/<version>.toml)."""


@command.command("check")
@FILE
@with_appcontext
@told
def check(file: Path) -> Answer:
    """Read FILE and say everything that is wrong in it, each with its path."""
    head = rulebooks.checked(file).root
    scheme, version = head.text("scheme"), head.text("version")
    return Answer({"scheme": scheme, "version": version}, [f"{scheme} {version} is a whole rulebook."])


@command.command("import")
@FILE
@with_appcontext
@told
def import_(file: Path) -> Answer:
    """Store FILE as a decided version. The same file twice is one version."""
    by = Actor.operator(settings().municipality_id)
    with database().transaction(by.municipality_id) as session:
        found = rulebooks.bring_in(session, file, by=by, today=today())
    facts = {"id": found.id, "scheme": found.scheme, "version": found.version, "digest": found.digest}
    return Answer(facts, [f"{found.scheme} {found.version} is in the database."])
