"""flask payouts: compute what is owed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime

import click
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.commands.telling import Answer, database, settings, told
from core.actor import Actor
from core.dates import now, today
from core.money import kronor
from payouts.actions import audits
from payouts.actions.runs import run_in_chunks
from payouts.actions.years import close_year

DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group("payouts")
def command() -> None:
    """What is owed, and what is booked."""


@command.command("run")
@click.option("--as-of", "as_of", type=DAY, help="The last day that counts (default: today).")
@with_appcontext
@told
def run(as_of: datetime | None) -> Answer:
    """Book what is owed. May be repeated: what is booked already is not booked again.

    May be stopped (ctrl-C) at any moment: the next call goes on where it was.
    """
    by = Actor.operator(settings().municipality_id)
    day: date = as_of.date() if as_of else today()
    with _bar() as bar:
        task = bar.add_task("vouchers", total=None)
        done = run_in_chunks(
            database(),
            by=by,
            as_of=day,
            at=now(),
            progress=lambda count, total: bar.update(task, completed=count, total=total),
        )
    facts = {
        "as_of": done.as_of.isoformat(),
        "run": done.run_id,
        "taken_up": done.taken_up,
        "vouchers": done.vouchers,
        "lines": done.lines,
        "earned_ore": done.earned_ore,
        "clawed_ore": done.clawed_ore,
    }
    said = f"As of {done.as_of}: {done.lines} lines; {done.vouchers} vouchers looked at"
    sums = (
        f"; earned {kronor(done.earned_ore)}, clawed back {kronor(done.clawed_ore)}." if done.lines else "."
    )
    first = ["A run that had not come to its end was taken up first."] if done.taken_up else []
    return Answer(facts, [*first, said + sums])


@command.command("close-year")
@click.argument("year", type=click.IntRange(2000, 9998))
@with_appcontext
@told
def close(year: int) -> Answer:
    """Close a year that is over: nothing is booked in it any more. It cannot be opened again."""
    by = Actor.operator(settings().municipality_id)
    with database().transaction(by.municipality_id) as session:
        close_year(session, year, by=by, at=now())
    return Answer({"closed": year}, [f"{year} is closed."])


@command.command("audit")
@click.option("--as-of", "as_of", type=DAY, help="The last day that counts (default: that of the last run).")
@with_appcontext
@told
def audit(as_of: datetime | None) -> Answer:
    """Recompute everything from scratch, and compare it with the ledger to the öre. Exit code 1 on a
    fault."""
    here = settings().municipality_id
    with database().reading() as session:
        stands_at = audits.last_day(session, here)
    day: date = as_of.date() if as_of else stands_at or today()
    with _bar() as bar:
        task = bar.add_task("vouchers", total=None)
        found = audits.reckon(
            database(),
            here,
            day,
            progress=lambda count, total: bar.update(task, completed=count, total=total),
        )
    facts = {
        "as_of": day.isoformat(),
        "vouchers": found.vouchers,
        "lines": found.lines,
        "booked_ore": found.booked_ore,
        "earned_ore": found.earned_ore,
        **found.counts,
        "differences": [asdict(one) for one in found.differences],
        "untotalled": found.untotalled,
    }
    lines = [
        f"As of {day}: {found.vouchers} vouchers, {found.lines} lines;"
        f" booked {kronor(found.booked_ore)}, earned {kronor(found.earned_ore)}.",
        *(
            f"voucher {one.voucher_id} {one.component} {one.part}:"
            f" booked {kronor(one.booked_ore)}, earned {kronor(one.earned_ore)} ({one.why})"
            for one in found.differences
        ),
        *(f"run {run_id}: its totals are not what its lines sum to" for run_id in found.untotalled),
        ", ".join(f"{name}: {count}" for name, count in found.counts.items()),
        "The ledger agrees." if found.agrees else "The ledger does not agree.",
    ]
    return Answer(facts, lines, 0 if found.agrees else 1)


def _bar() -> Progress:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
