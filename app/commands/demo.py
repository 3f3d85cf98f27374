"""flask demo: the invented town, made from a seed."""

from __future__ import annotations

import click
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import Progress

from app.commands.telling import Answer, database, settings, told
from app.demo.people import MUNICIPALITY_NAME, PASSWORD, SIGN_INS
from app.demo.town import Size, Town
from core.database import Municipality
from core.dates import today
from core.refusal import Refusal


@click.command("demo")
@click.option("--seed", default=2010, show_default=True)
@click.option(
    "--months", default=14, type=click.IntRange(4, 120), show_default=True, help="Months of history."
)
@click.option(
    "--arrivals", default=6, type=click.IntRange(0, 1000), show_default=True, help="New vouchers a month."
)
@with_appcontext
@told
def command(seed: int, months: int, arrivals: int) -> Answer:
    """Fill an empty database with Exempelstad: its people, providers, history and money."""
    if settings().environment == "production":
        raise Refusal("demo_in_production", "Demon kan inte läggas i en skarp databas.")
    owner = settings().municipality_id
    with database().reading() as session:
        if session.get(Municipality, owner):
            raise Refusal("demo_exists", "Det finns redan en kommun i databasen. Demon läggs bara i en tom.")
    town = Town(database(), owner, today(), seed)
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("days", total=None)
        town.build(Size(months, arrivals), lambda done, total: bar.update(task, completed=done, total=total))
    lines = [f"{MUNICIPALITY_NAME} is ready. Sign in as, all with the password {PASSWORD}:"]
    lines += [f"  {row.user_name:12} {row.name}, {row.note}" for row in SIGN_INS]
    return Answer({"municipality": MUNICIPALITY_NAME, "seed": seed, "sign_ins": len(SIGN_INS)}, lines)
