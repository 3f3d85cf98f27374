"""flask sandbox: a town for those who build a provider's system, and the hand that turns its clock."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

import click
from flask.cli import with_appcontext

from app import evidence
from app import sandbox as clock
from app.commands.telling import Answer, database, settings, told
from app.demo.people import PAPER, PAPER_FILE, PASSWORD
from app.demo.sandbox import Sandbox
from core import dates
from core.database import Municipality
from core.refusal import Refusal


@click.group("sandbox")
def command() -> None:
    """A town to try a provider's own system against. Set SANDBOX=yes; never in production."""


@command.command("make")
@with_appcontext
@told
def make() -> Answer:
    """Fill an empty database with the sandbox, and print the keys of its two providers, this once."""
    _only_there()
    owner = settings().municipality_id
    with database().reading() as session:
        if session.get(Municipality, owner):
            raise Refusal("demo_exists", "Det finns redan en kommun i databasen. Demon läggs bara i en tom.")
    evidence.store().put(evidence.checked(PAPER, PAPER_FILE.name))
    made = Sandbox(database(), owner, dates.today()).build()
    lines = [
        "The sandbox is ready. In your system's requests: Authorization: Bearer <key>",
        f"  your key        {made.key}",
        f"  a neighbour's   {made.other_key}   (what it sees, yours must never)",
        "People, by what is to be done for them:",
        *(f"  {name:14} {count}" for name, count in made.people.items()),
        f"On the pages: chef, handledare, vagledare (who approves), all with the password {PASSWORD}.",
        "Turn the clock: POST /api/v1/sandbox/clock, or flask sandbox turn 2027-01-31.",
    ]
    return Answer(asdict(made), lines)


@command.command("turn")
@click.argument("day", type=click.DateTime(formats=["%Y-%m-%d"]))
@with_appcontext
@told
def turn(day: datetime) -> Answer:
    """Turn the sandbox's clock forward to DAY; each day's jobs are run on the way."""
    _only_there()
    today = clock.turn_to(day.date(), database(), settings())
    return Answer({"today": today.isoformat()}, [f"In the sandbox it is {today}."])


def _only_there() -> None:
    if not settings().sandbox:
        raise Refusal("no_sandbox", "Det här är ingen sandlåda. Sätt SANDBOX=yes, men aldrig i skarp drift.")
