"""flask accounts: the first administrator, and others who have no other way in."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app.commands.telling import Answer, database, settings, told
from core.accounts import AccountForm, open_account
from core.actor import Actor, Role
from core.dates import today


@click.group("accounts")
def command() -> None:
    """People who can sign in."""


@command.command("add")
@click.option("--name", required=True)
@click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice([role.value for role in Role])
)
@click.option("--identity-number", prompt="Personal number", hide_input=True, help="Asked for when left out.")
@with_appcontext
@told
def add(name: str, roles: tuple[str, ...], identity_number: str) -> Answer:
    """Add a person who signs in with e-ID."""
    by = Actor.operator(settings().municipality_id)
    form = AccountForm(name=name, roles=tuple(map(Role, roles)), identity_number=identity_number)
    with database().transaction(by.municipality_id) as session:
        account = open_account(session, form, by=by, today=today())
    return Answer({"id": account.id, "roles": list(roles)}, [f"{name} can sign in as {', '.join(roles)}."])
