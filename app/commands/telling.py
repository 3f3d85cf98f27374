"""How commands speak: to a person in lines, with --json to a program in one JSON object."""

from __future__ import annotations

import functools
import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import click
from flask import current_app
from flask_babel import force_locale, gettext
from sqlalchemy.exc import OperationalError, ProgrammingError

from config import Settings
from core.database import Database
from core.refusal import Refusal, fill

Json = dict[str, Any]
NOT_THERE = ("no such table", "no such column", "has no column", "does not exist")


@dataclass(frozen=True)
class Answer:
    """What a command found: `facts` for a program, `lines` for a person, and the exit code."""

    facts: Json
    lines: list[str] = field(default_factory=list)
    code: int = 0


def told(command: Callable[..., Answer]) -> Callable[..., None]:
    """Give a command --json, say its answer, and turn a refusal into a sentence and exit code 1."""

    @click.option("--json", "as_json", is_flag=True, help="One JSON object for a program.")
    @functools.wraps(command)
    def say(*args: Any, as_json: bool, **kwargs: Any) -> None:
        try:
            answer = command(*args, **kwargs)
        except Refusal as refusal:
            with current_app.test_request_context(), force_locale("en"):
                sentence = fill(gettext(refusal.sentence), refusal.params)
            answer = Answer({"error": refusal.code, "sentence": sentence}, [sentence], 1)
        except (OperationalError, ProgrammingError) as error:
            answer = no_database(error)
        if as_json:
            click.echo(json.dumps(answer.facts, ensure_ascii=False, default=str))
        else:
            for line in answer.lines or [f"{name}: {value}" for name, value in answer.facts.items()]:
                click.echo(line, err=answer.code != 0)
        sys.exit(answer.code)

    return say


def no_database(error: OperationalError | ProgrammingError) -> Answer:
    """What to say when the database is not there, or not as this version of the house wants it."""
    cause = str(error.orig).strip().splitlines()[0]
    if any(phrase in cause for phrase in NOT_THERE):
        sentence = f"The database has not been made, or is of another version: {cause}. Run: flask db upgrade"
    else:
        sentence = f"The database did not answer: {cause}. Is DATABASE_URL right?"
    return Answer({"error": "database", "sentence": sentence}, [sentence], 1)


def period_of(text: str) -> date:
    """The first day of a month said as 2025-11. Raises Refusal."""
    match = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", text)
    if not match:
        raise Refusal("period_wrong", "Ange perioden som år och månad, till exempel 2025-11.", status=422)
    return date(int(match[1]), int(match[2]), 1)


def settings() -> Settings:
    """The installation's settings."""
    found: Settings = current_app.extensions["settings"]
    return found


def database() -> Database:
    """The installation's database."""
    found: Database = current_app.extensions["database"]
    return found
