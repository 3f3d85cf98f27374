"""flask db: move the database between versions."""

from __future__ import annotations

import click
from alembic.util import CommandError
from flask.cli import with_appcontext

import migrations
from app.commands.telling import Answer, settings, told


@click.group("db")
def command() -> None:
    """Make, move and check the database that DATABASE_URL names."""


@command.command("upgrade")
@click.argument("revision", default="head")
@with_appcontext
@told
def upgrade(revision: str) -> Answer:
    """Bring the database up to REVISION (default: the newest)."""
    before = migrations.current(settings().database_url)
    try:
        migrations.upgrade(settings().database_url, revision)
    except CommandError as error:
        raise click.BadParameter(str(error), param_hint="REVISION") from None
    after = migrations.current(settings().database_url)
    said = (
        f"The database is at {after}." if before == after else f"The database went from {before} to {after}."
    )
    return Answer({"from": before, "to": after}, [said])


@command.command("downgrade")
@click.argument("revision")
@with_appcontext
@told
def downgrade(revision: str) -> Answer:
    """Take the database back to REVISION ("base": nothing). What did not exist then is lost."""
    before = migrations.current(settings().database_url)
    try:
        migrations.downgrade(settings().database_url, revision)
    except CommandError as error:
        raise click.BadParameter(str(error), param_hint="REVISION") from None
    after = migrations.current(settings().database_url)
    return Answer({"from": before, "to": after}, [f"The database went from {before} back to {after}."])


@command.command("current")
@with_appcontext
@told
def current() -> Answer:
    """Say which version the database is at."""
    at = migrations.current(settings().database_url)
    return Answer({"revision": at}, [f"The database is at {at}." if at else "The database is empty."])


@command.command("check")
@with_appcontext
@told
def check() -> Answer:
    """Say whether the database is as the models want it."""
    found = migrations.differences(settings().database_url)
    lines = found or ["The database is as the models want it."]
    return Answer({"differences": found}, lines, 1 if found else 0)
