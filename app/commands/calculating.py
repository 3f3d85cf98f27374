"""flask payouts calculate: the engine without a database, JSON in and JSON lines out."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import force_locale

from app.calculator import telling
from core.chapters import Faults
from payouts import tariffs
from payouts.calculating import LARGEST_BYTES, calculate, parsed, read

WRONG = 2


@click.command("calculate")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--language", type=click.Choice(("sv", "en")), default="en", help="The language of sentences.")
@with_appcontext
def command(file: Path, language: str) -> None:
    """Say what FILE (- is what comes in) is owed: one JSON line for each amount. See docs/calculate.md.

    Reads no database. Faults are told one a line, each with its place, and nothing is then calculated.
    """
    try:
        rows = calculate(read(parsed(_bytes(file)), tariffs.text))
    except Faults as error:
        for fault in error.faults:
            click.echo(fault, err=True)
        sys.exit(WRONG)
    with current_app.test_request_context(), force_locale(language):
        lines = [
            json.dumps({**row.as_json(), "sentence": telling.sentence(row, language)}, ensure_ascii=False)
            for row in rows
        ]
    for line in lines:
        click.echo(line)


def _bytes(file: Path) -> bytes:
    """What is in it; one byte more than is taken is enough to know that it is too much."""
    try:
        with click.open_file(str(file), "rb") as opened:
            found: bytes = opened.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise Faults([f"the file: cannot be read ({error.strerror})"]) from None
    return found
