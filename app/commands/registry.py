"""flask registry: what the watch over the register finds, and a day of it by hand."""

from __future__ import annotations

from datetime import date, datetime

import click
from flask.cli import with_appcontext

from app.commands.telling import Answer, Json, database, settings, told
from core.actor import Actor
from core.dates import today
from core.refusal import Refusal
from providers.actions.watching import watch
from providers.queries import watching
from providers.queries.watching import Life
from providers.rules.dormancy import how_long
from vouchers.queries import customers

DAY = click.DateTime(formats=["%Y-%m-%d"])
AS_OF = click.option("--as-of", "as_of", type=DAY, help="The day to look from (default: today).")
DONE = {
    "customers_came": "a customer has come",
    "lapsed": "proposals lapsed",
    "called_again": "called to apply again",
    "reminded": "reminded: no customers",
    "proposed": "proposed to the board: no customers",
    "expiry_proposed": "proposed to the board: not renewed",
    "results_flagged": "flagged by published results",
    "results_proposed": "proposed to the board: published results",
    "evidence_asked": "asked for new evidence",
    "evidence_ended": "evidence has ended",
}


@click.group("registry")
def command() -> None:
    """The register of providers, and the watch over it."""


@command.command("watch")
@AS_OF
@with_appcontext
@told
def watch_(as_of: datetime | None) -> Answer:
    """Do a day of the watch: remind, propose, wake. It decides nothing, and may be repeated."""
    day = _day(as_of)
    by = Actor.clock(settings().municipality_id)
    with database().transaction(by.municipality_id) as session:
        done = watch(session, customers.seen(session, by.municipality_id, day), by=by, today=day)
        facts = {"as_of": day.isoformat(), **done.counts(), "ids": vars(done)}
    said = [f"  {count} {DONE[name]}" for name, count in done.counts().items() if count]
    return Answer(facts, [f"As of {day}:", *(said or ["  nothing to do."])])


@command.command("dormant")
@AS_OF
@with_appcontext
@told
def dormant(as_of: datetime | None) -> Answer:
    """List the accreditations that have waited for a customer past their reminder, and since when."""
    day, owner = as_of.date() if as_of else today(), settings().municipality_id
    with database().reading() as session:
        found = watching.dormant(session, owner, customers.seen(session, owner, day), day)
    rows = [_told(one, day) for one in found]
    lines = [f"{len(rows)} without customers as of {day}:" if rows else f"Nobody is dormant as of {day}."]
    lines += [
        f"  {row['provider']}, {row['service']}: since {row['counted_from']}"
        f" ({row['months']} months {row['days']} days, {row['uncounted_days']} do not count);"
        f" {row['verdict']} ({row['state']})"
        for row in rows
    ]
    return Answer({"as_of": day.isoformat(), "count": len(rows), "dormant": rows}, lines)


def _day(as_of: datetime | None) -> date:
    day = as_of.date() if as_of else today()
    if day > today() and settings().environment == "production":
        raise Refusal("slot_in_future", "Tiden har inte kommit än.")
    return day


def _told(one: Life, day: date) -> Json:
    found = one.finding
    months, days = how_long(found.counted_from, day)
    return {
        "accreditation": one.accreditation_id,
        "provider": one.provider,
        "service": one.service,
        "area": one.area,
        "state": one.state,
        "verdict": found.verdict,
        "counted_from": found.counted_from.isoformat(),
        "last_customer_on": found.last_customer_on.isoformat() if found.last_customer_on else None,
        "months": months,
        "days": days,
        "uncounted_days": found.uncounted_days,
        "remind_on": found.remind_on.isoformat() if found.remind_on else None,
        "propose_on": found.propose_on.isoformat() if found.propose_on else None,
    }
