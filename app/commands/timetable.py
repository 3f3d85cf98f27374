"""flask timetable: the process that ticks, and each of its jobs by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import click
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.interval import IntervalTrigger
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError, ProgrammingError

from app import jobs
from app.commands.telling import Answer, database, no_database, settings, told
from core.dates import HOME, now
from core.refusal import Refusal

MOMENT = click.DateTime(formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"])


@click.group("timetable")
def command() -> None:
    """What happens by itself, and when."""


@command.command("run")
@click.option("--every", default=20.0, show_default=True, help="Seconds between two looks at the timetable.")
@click.option("--from", "start", type=MOMENT, help="Not in production: pretend that it is this moment now.")
@click.option(
    "--pace", default=1.0, help="Not in production: how many times faster the pretended clock goes."
)
@with_appcontext
def run(every: float, start: datetime | None, pace: float) -> None:
    """Tick until stopped. Start as many as you like: a job still runs once for each slot."""
    clock = _clock(start, pace)
    installation, house = settings(), database()
    scheduler = BlockingScheduler(timezone=HOME)

    def look() -> None:
        try:
            ran = jobs.tick(house, installation, clock())
        except (OperationalError, ProgrammingError) as error:
            click.echo(no_database(error).lines[0], err=True)
            return
        if ran:
            click.echo(f"{clock():%Y-%m-%d %H:%M} ran {ran}")

    scheduler.add_job(
        look, IntervalTrigger(seconds=every), max_instances=1, coalesce=True, next_run_time=now()
    )
    click.echo("The timetable is ticking.")
    try:
        scheduler.start()
    except (KeyboardInterrupt, SystemExit):
        click.echo("The timetable has stopped.")


def _clock(start: datetime | None, pace: float) -> Callable[[], datetime]:
    if start is None and pace == 1:
        return now
    if settings().environment == "production":
        raise SystemExit("The clock cannot be moved in production.")
    began = now()
    origin = began if start is None else start.replace(tzinfo=HOME)

    def pretended() -> datetime:
        return origin + timedelta(seconds=(now() - began).total_seconds() * pace)

    return pretended


def _end_of_day(at: datetime) -> datetime:
    """A bare date means the whole of that day."""
    return at + timedelta(hours=23, minutes=59) if at.time() == datetime.min.time() else at


@command.command("list")
@with_appcontext
@told
def list_() -> Answer:
    """Say which jobs there are and when they run."""
    rows = [
        {"job": job.name, "when": f"daily {job.at:%H:%M}" if job.at else f"every {job.minutes} min"}
        for job in jobs.TIMETABLE
    ]
    return Answer({"jobs": rows}, [f"{row['job']:16} {row['when']}" for row in rows])


@command.command("do")
@click.argument("name")
@click.option("--at", "at", type=MOMENT, help="The moment whose slot is run (default: now).")
@with_appcontext
@told
def do(name: str, at: datetime | None) -> Answer:
    """Run the job NAME for one slot, if nobody has."""
    job = jobs.named(name)
    moment = _end_of_day(at).replace(tzinfo=HOME) if at else now()
    slot, when = job.slots(None, moment)[-1]
    if when > now() and settings().environment == "production":
        raise Refusal("slot_in_future", "Tiden har inte kommit än.")
    ran = jobs.run_slot(database(), settings(), settings().municipality_id, job, slot, when)
    said = f"{name} ran for {slot}." if ran else f"{name} had already run for {slot}."
    return Answer({"job": name, "slot": slot, "ran": ran}, [said])
