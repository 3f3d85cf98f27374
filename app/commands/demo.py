"""flask demo: the invented town, made from a seed; or the national market, from published results."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date

import click
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app import evidence
from app.commands.telling import Answer, database, period_of, settings, told
from app.demo.cast import Size
from app.demo.market import Market
from app.demo.people import MUNICIPALITY_NAME, PAPER, PAPER_FILE, PASSWORD, SIGN_INS
from app.demo.town import Town
from app.oversight.figures import beside_published, town_figures
from core.database import Municipality
from core.dates import today
from core.refusal import Refusal

STANDARD = Size()


@click.command("demo")
@click.option("--seed", default=2010, show_default=True)
@click.option(
    "--months",
    default=STANDARD.months,
    type=click.IntRange(4, 120),
    show_default=True,
    help="Months of history.",
)
@click.option(
    "--arrivals",
    default=STANDARD.arrivals,
    type=click.IntRange(0, 10_000),
    show_default=True,
    help="New vouchers a month.",
)
@click.option("--from-results", is_flag=True, help="The national market instead, from imported results.")
@click.option("--period", help="With --from-results: the period to replay, such as 2025-11.")
@with_appcontext
@told
def command(seed: int, months: int, arrivals: int, from_results: bool, period: str | None) -> Answer:
    """Fill an empty database with Exempelstad: its people, providers, history and money."""
    if settings().environment == "production":
        raise Refusal("demo_in_production", "Demon kan inte läggas i en skarp databas.")
    owner = settings().municipality_id
    with database().reading() as session:
        if session.get(Municipality, owner):
            raise Refusal("demo_exists", "Det finns redan en kommun i databasen. Demon läggs bara i en tom.")
    if from_results:
        return _market(owner, period_of(period or ""))
    if period:
        raise Refusal("period_alone", "Ange --from-results tillsammans med --period.", status=422)
    return _town(owner, seed, Size(months, arrivals))


def _town(owner: int, seed: int, size: Size) -> Answer:
    evidence.store().put(evidence.checked(PAPER, PAPER_FILE.name))
    with _bar("days") as progress:
        Town(database(), owner, today(), seed).build(size, progress)
    with database().reading() as session:
        figures = town_figures(session, owner, today())
    rows = beside_published(figures)
    lines = [f"{MUNICIPALITY_NAME} is ready. Its figures, beside those that Nacka has published:"]
    lines += [f"  {what:38} {ours:26} {published}" for what, ours, published in rows]
    lines += [f"Sign in as, all with the password {PASSWORD}:"]
    lines += [f"  {row.user_name:12} {row.name}, {row.note}" for row in SIGN_INS]
    facts = {"municipality": MUNICIPALITY_NAME, "seed": seed, "sign_ins": len(SIGN_INS), **asdict(figures)}
    return Answer(facts, lines)


def _market(owner: int, period: date) -> Answer:
    with _bar("participants") as progress:
        made = Market(database(), owner, period).build(progress)
    lines = [
        f"The market of {period:%Y-%m}: {made.participants} invented people at {made.providers} invented"
        f" providers, {made.contracts} contracts.",
        f"Published: {made.first_results} first and {made.second_results} second results;"
        f" {made.opening} first results lie before, in an opening run.",
        f"Now pay it: flask payouts run --as-of {Market(database(), owner, period).today}",
    ]
    return Answer(asdict(made), lines)


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int, int], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
