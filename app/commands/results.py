"""flask results: take in what a national agency has published, and recompute it."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import date
from pathlib import Path

import click
from flask.cli import with_appcontext

from app import rulebooks, tables
from app.commands.telling import Answer, database, period_of, settings, told
from core.actor import Actor
from core.dates import now
from core.refusal import Refusal
from providers import actions
from providers.queries import published
from providers.rules.published import COLUMNS, Review, Row, read_review, read_row

REVIEWS = Path(__file__).parents[2] / "schemes" / "rusta_och_matcha" / "2023-04-17.toml"
WEIGHT = re.compile(r"(\d{4})-(\d{2})=(\d(?:\.\d{1,6})?),(\d(?:\.\d{1,6})?),(\d(?:\.\d{1,6})?)")
RULEBOOK = click.option(
    "--rulebook", type=click.Path(path_type=Path), default=REVIEWS, help="Where weights and thresholds stand."
)


class FileFaults(Refusal):
    """A file of rows that was refused as a whole; one line for each fault, by row."""

    def __init__(self, faults: list[str]) -> None:
        said = "\n".join(faults).replace("{", "{{").replace("}", "}}")
        super().__init__("file_wrong", said, status=422)
        self.faults = faults


@click.group("results")
def command() -> None:
    """Published results: import them, and see that they can be recomputed."""


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--weights", multiple=True, help="PERIOD=A,B,C, such as 2025-11=0.693028,0.945659,1.297294.")
@RULEBOOK
@with_appcontext
@told
def import_(file: Path, weights: tuple[str, ...], rulebook: Path) -> Answer:
    """Read FILE (CSV or .xlsx) into the registry. A wrong file is refused whole, each fault by its row."""
    rows = read(file)
    known = {**review_of(rulebook).weights, **dict(map(_weights, weights))}
    by = Actor.operator(settings().municipality_id)
    with database().transaction(by.municipality_id) as session:
        done = actions.import_results(session, rows, known, by=by, at=now())
    facts = {"rows": len(rows), "periods": [asdict(one) for one in done]}
    lines = [f"{len(rows)} rows read."]
    for one in done:
        what = (
            f"revision {one.revision}: {one.added} new, {one.changed} changed, {one.removed} gone"
            if one.revision
            else "as before"
        )
        lines.append(f"  {one.period:%Y-%m}: {one.contracts} contracts, {what}")
    return Answer(facts, lines)


@command.command("check")
@RULEBOOK
@with_appcontext
@told
def check(rulebook: Path) -> Answer:
    """Recompute every published weighted result and flag, and say how many agree."""
    with database().reading() as session:
        found = published.check(session, settings().municipality_id, review_of(rulebook))
    whole = (
        found.weighted_result_agrees == found.rows
        and found.flags_agree == found.flags_published
        and not found.false_flags
    )
    lines = [
        f"Weighted result: {found.weighted_result_agrees} of {found.rows} rows agree.",
        f"Termination flag: {found.flags_agree} of {found.flags_published} published flags agree,"
        f" {found.false_flags} false.",
    ]
    return Answer(asdict(found), lines, 0 if whole else 1)


@command.command("review")
@click.option("--period", help="The follow-up, such as 2025-05 (default: the newest imported).")
@RULEBOOK
@with_appcontext
@told
def review(period: str | None, rulebook: Path) -> Answer:
    """Say who is flagged at a follow-up, and who has been at enough of them in a row to be proposed."""
    rules, municipality_id = review_of(rulebook), settings().municipality_id
    with database().reading() as session:
        day = period_of(period) if period else next(iter(published.periods(session, municipality_id)), None)
        if day is None:
            raise Refusal("results_missing", "Det finns inga publicerade resultat. Läs in en fil först.")
        found = published.review(session, municipality_id, day, rules)
    rows = [
        {**asdict(found.flagged[contract]), "in_a_row": contract in found.in_a_row}
        for contract in sorted(found.flagged)
    ]
    facts = {
        "period": f"{day:%Y-%m}",
        "flagged": len(found.flagged),
        "second_in_a_row": len(found.in_a_row),
        "compared_with": [f"{one:%Y-%m}" for one in found.periods[1:]],
        "contracts": rows,
    }
    counts = f"{len(found.flagged)} flagged, {len(found.in_a_row)} of them at {rules.in_a_row} in a row."
    return Answer(facts, [f"{day:%Y-%m}: {counts}", *map(_line, rows)])


def _line(row: dict[str, object]) -> str:
    weighted = int(str(row["weighted"]))
    mark = "  in a row" if row["in_a_row"] else ""
    return f"  {row['contract_no']}  0.{weighted:03d}  {row['provider']}, {row['delivery_area']}{mark}"


def read(file: Path) -> list[Row]:
    """Every row of a file, or FileFaults with every fault."""
    found: dict[tuple[date, str], tuple[int, Row]] = {}
    faults: list[str] = []
    for number, cells in tables.rows(file, COLUMNS):
        row, wrong = read_row(cells)
        faults += [f"row {number}: {fault}" for fault in wrong]
        if row is None:
            continue
        first, earlier = found.setdefault((row.period, row.contract_no), (number, row))
        if first != number:
            differs = "with other values" if earlier != row else "again"
            faults.append(
                f"row {number}: contract_no: the contract stands in row {first} of the period, {differs}"
            )
    if not faults and not found:
        faults.append("the file: has no rows")
    if faults:
        raise FileFaults(faults)
    return [row for _, row in found.values()]


def review_of(path: Path) -> Review:
    """The chapter on published results of a rulebook file."""
    review = read_review(rulebooks.checked(path).root)
    if review is None:
        raise Refusal("review_missing", "Regelverket har inget kapitel om publicerade resultat.", status=422)
    return review


def _weights(text: str) -> tuple[date, tuple[int, int, int]]:
    match = WEIGHT.fullmatch(text.strip())
    if not match or not 1 <= int(match[2]) <= 12:
        raise Refusal("weights_wrong", "Vikterna {text} går inte att läsa.", text=text[:80], status=422)
    a, b, c = (_millionths(match[place]) for place in (3, 4, 5))
    return date(int(match[1]), int(match[2]), 1), (a, b, c)


def _millionths(text: str) -> int:
    whole, _, decimals = text.partition(".")
    return int(whole) * 1_000_000 + int(decimals.ljust(6, "0"))
