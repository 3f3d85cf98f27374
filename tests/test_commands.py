"""Every command speaks to a person, with --json to a program, and refuses with a sentence and exit code 1."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest
from flask import Flask
from sqlalchemy import select, text

import migrations
from app import create_app, jobs
from app.demo.people import JOBBPENG, SIGN_INS
from core.actor import Account
from core.database import Database
from core.rulebooks import Rulebook
from payouts.models import LedgerLine
from tests.support import town as towns
from tests.support.house import settings_for

HEAD = migrations.revisions()[-1]
ROOMS = (
    "accounts", "audit", "db", "demo", "municipality", "payouts", "registry", "results", "rulebook",
    "timetable",
)  # fmt: skip
PRODUCTION = {
    "VAGVAL_ENV": "production",
    "OIDC_ISSUER": "https://login.example.org",
    "OIDC_CLIENT_ID": "vagval",
    "OIDC_CLIENT_SECRET": "a secret of the broker's",
    "DEBTOR_IBAN": "SE3550000000054910000003",
    "DEBTOR_BIC": "ESSESESS",
}


class Said(NamedTuple):
    """What a command answered: its exit code, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def facts(self) -> dict[str, Any]:
        """The one JSON object; nothing else may have been written."""
        assert self.err == ""
        assert self.out.count("\n") == 1
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


Flask_ = Callable[..., Said]


def flask_of(app: Flask) -> Flask_:
    def flask(*words: str, typed: str | None = None) -> Said:
        result = app.test_cli_runner().invoke(args=list(words), input=typed)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return Said(result.exit_code, result.stdout, result.stderr)

    return flask


@contextmanager
def command_line(url: str, place: Path, **changes: str) -> Iterator[Flask_]:
    app = create_app(settings_for(url, place / "instance", **changes))
    yield flask_of(app)
    app.extensions["database"].dispose()


@pytest.fixture
def flask(database_url: str, tmp_path: Path) -> Iterator[Flask_]:
    """The command line on a migrated, empty database."""
    with command_line(database_url, tmp_path) as flask:
        yield flask


@pytest.fixture
def flask_on_nothing(empty_url: str, tmp_path: Path) -> Iterator[Flask_]:
    """The command line on a database that is not migrated."""
    with command_line(empty_url, tmp_path) as flask:
        yield flask


@pytest.fixture
def bad_file(tmp_path: Path) -> str:
    file = tmp_path / "bad.toml"
    file.write_text(JOBBPENG.read_text("utf-8").replace("instalments = 12", "instalments = 0"), "utf-8")
    return str(file)


def leaves(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from leaves(below, (*path, name))
    else:
        yield path, command


# ── all of them ───────────────────────────────────────────────────────────────────────────────────


def test_every_command_says_what_it_does_and_has_a_form_for_programs(tmp_path: Path):
    app = create_app(settings_for("sqlite://", tmp_path))
    found = [leaf for room in ROOMS for leaf in leaves(app.cli.commands[room], (room,))]
    assert len(found) >= 15
    for path, command in found:
        assert command.help, path
        takes_json = any("--json" in option.opts for option in command.params)
        assert takes_json == (path not in (("timetable", "run"), ("payouts", "calculate"))), path


EVERY = [
    ("audit verify", 0),
    ("db current", 0),
    ("db check", 0),
    ("db upgrade", 0),
    (f"rulebook check {JOBBPENG}", 0),
    ("rulebook check /no/such/file.toml", 1),
    ("payouts run", 0),
    ("registry watch", 0),
    ("registry watch --as-of 2026-11-20", 0),
    ("registry dormant", 0),
    ("results review", 1),
    ("results review --period 2025-13", 1),
    ("timetable list", 0),
    ("timetable do anchor_trail", 0),
    ("timetable do sleep", 1),
]


def test_each_command_prints_lines_for_a_person_and_one_json_object_for_a_program(flask: Flask_):
    for line, code in EVERY:
        said = flask(*line.split())
        assert said.code == code, (line, said)
        assert said.err.strip() if code else said.out.strip(), line
        assert not (said.out if code else said.err), line
        assert "{" not in said.out + said.err, line
        for_program = flask(*line.split(), "--json")
        assert for_program.code == code, line
        assert for_program.facts, line
        if code:
            assert for_program.facts["sentence"] == said.err.strip(), line


def test_on_a_database_that_is_not_migrated_each_says_so_in_a_sentence(flask_on_nothing: Flask_):
    for line in (
        "audit verify",
        "payouts run",
        "timetable do book_payments",
        "demo --months 4",
        f"rulebook import {JOBBPENG}",
        "accounts add --name Prov --role inspector --identity-number 198002289802",
    ):
        said = flask_on_nothing(*line.split())
        assert said.code == 1, line
        assert "Run: flask db upgrade" in said.err, line
        assert "Traceback" not in said.err
        assert flask_on_nothing(*line.split(), "--json").facts["error"] == "database", line


def test_when_the_database_does_not_answer_it_is_said(tmp_path: Path):
    with command_line("postgresql+psycopg://nobody@127.0.0.1:1/nothing", tmp_path) as flask:
        for line in ("audit verify", "db current", "payouts run"):
            said = flask(*line.split())
            assert said.code == 1
            assert "Is DATABASE_URL right?" in said.err
            assert flask(*line.split(), "--json").facts["error"] == "database"


# ── db ────────────────────────────────────────────────────────────────────────────────────────────


def test_the_database_is_made_moved_and_checked(flask_on_nothing: Flask_, empty_url: str):
    flask = flask_on_nothing
    assert flask("db", "current").out == "The database is empty.\n"
    assert flask("db", "current", "--json").facts == {"revision": None}
    assert flask("db", "check").code == 1
    assert flask("db", "upgrade", "--json").facts == {"from": None, "to": HEAD}
    assert flask("db", "upgrade").out == f"The database is at {HEAD}.\n"
    assert flask("db", "current").out == f"The database is at {HEAD}.\n"
    assert flask("db", "check", "--json").facts == {"differences": []}
    engine = migrations.engine_for(empty_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE stranger (id INTEGER PRIMARY KEY)"))
    said = flask("db", "check")
    assert said.code == 1
    assert "stranger" in said.err
    assert flask("db", "downgrade", "base", "--json").facts == {"from": HEAD, "to": None}


def test_a_revision_nobody_knows_is_refused_with_a_sentence(flask: Flask_):
    for line in ("db upgrade 4711", "db downgrade 4711"):
        said = flask(*line.split())
        assert said.code != 0
        assert "4711" in said.err
        assert flask("db", "current", "--json").facts == {"revision": HEAD}


# ── rulebooks ─────────────────────────────────────────────────────────────────────────────────────


def test_a_bad_rulebook_is_told_with_the_path_of_each_fault(flask: Flask_, bad_file: str):
    fault = "fees.base.instalments: must be a whole number from 1 to 240"
    said = flask("rulebook", "check", bad_file)
    assert (said.code, said.err) == (1, f"{fault}\n")
    facts = flask("rulebook", "check", bad_file, "--json").facts
    assert facts == {"error": "rulebook_wrong", "sentence": fault}


def test_a_rulebook_is_imported_once_and_a_bad_one_never(
    flask: Flask_, database: Database, bad_file: str, tmp_path: Path
):
    towns.found(database)
    first = flask("rulebook", "import", str(JOBBPENG), "--json").facts
    assert flask("rulebook", "import", str(JOBBPENG), "--json").facts == first
    changed = tmp_path / "changed.toml"
    changed.write_text(JOBBPENG.read_text("utf-8").replace("ore = 368600", "ore = 368700"), "utf-8")
    refused = flask("rulebook", "import", str(changed), "--json")
    assert (refused.code, refused.facts["error"]) == (1, "rulebook_is_decided")
    assert "2016-04-01" in refused.facts["sentence"]
    assert flask("rulebook", "import", bad_file).code == 1
    with database.reading() as session:
        assert session.query(Rulebook).count() == 1


# ── the audit trail ───────────────────────────────────────────────────────────────────────────────


def test_the_trail_is_verified_against_the_heads_kept_outside(flask: Flask_, database: Database):
    towns.found(database)
    assert flask("timetable", "do", "anchor_trail", "--json").facts["ran"] is True
    whole = flask("audit", "verify", "--json").facts
    assert (whole["whole"], whole["anchors"], whole["fault"]) == (True, 1, None)
    assert f"{whole['links']} links" in flask("audit", "verify").out
    with database.engine.begin() as connection:
        if database.is_sqlite:
            connection.exec_driver_sql("DROP TRIGGER audit_entry_no_delete")
        else:
            connection.exec_driver_sql("ALTER TABLE audit_entry DISABLE TRIGGER ALL")
        connection.exec_driver_sql("DELETE FROM audit_entry WHERE sequence > 5")
    cut = flask("audit", "verify", "--json")
    assert (cut.code, cut.facts["whole"], cut.facts["links"]) == (1, False, 5)
    assert flask("audit", "verify").err.startswith("The chain is broken at link ")


def test_a_file_of_heads_that_cannot_be_read_is_refused(flask: Flask_, tmp_path: Path):
    for name, content in (("words", b"not a head"), ("number", b"x " + b"f" * 64), ("bytes", b"\xff\xfe")):
        file = tmp_path / name
        file.write_bytes(content)
        said = flask("audit", "verify", "--anchors", str(file), "--json")
        assert (said.code, said.facts["error"]) == (1, "anchors_wrong"), name


# ── payouts ───────────────────────────────────────────────────────────────────────────────────────


def test_a_second_run_books_nothing(flask: Flask_, database: Database):
    town = towns.found(database)
    with database.transaction(1) as session:
        leg_id = town.started(session)
        for month in (date(2026, 3, 1), date(2026, 4, 1)):
            town.reported(session, leg_id, month)
    first = flask("payouts", "run", "--as-of", "2026-04-30", "--json").facts
    assert (first["as_of"], first["vouchers"], first["lines"]) == ("2026-04-30", 1, 2)
    assert first["earned_ore"] > 368_600
    again = flask("payouts", "run", "--as-of", "2026-04-30", "--json").facts
    assert (again["run"], again["lines"], again["earned_ore"]) == (None, 0, 0)
    assert flask("payouts", "run", "--as-of", "2026-04-30").out.startswith("As of 2026-04-30: 0 lines")
    with database.reading() as session:
        assert session.query(LedgerLine).count() == 2


def test_a_day_that_is_none_is_refused(flask: Flask_):
    said = flask("payouts", "run", "--as-of", "2026-02-30")
    assert said.code == 2
    assert "2026-02-30" in said.err


# ── the timetable ─────────────────────────────────────────────────────────────────────────────────


def test_the_timetable_tells_its_jobs_and_does_each_by_hand_once_a_slot(flask: Flask_, database: Database):
    towns.found(database)
    listed = flask("timetable", "list", "--json").facts["jobs"]
    assert [row["job"] for row in listed] == [job.name for job in jobs.TIMETABLE]
    assert "book_payments    daily 03:00" in flask("timetable", "list").out
    assert flask("timetable", "do", "book_payments", "--at", "2026-03-10T12:00", "--json").facts == {
        "job": "book_payments",
        "slot": "2026-03-10",
        "ran": True,
    }
    assert (
        flask("timetable", "do", "book_payments", "--at", "2026-03-10T12:00", "--json").facts["ran"] is False
    )
    assert "had already run" in flask("timetable", "do", "book_payments", "--at", "2026-03-10T23:00").out
    unknown = flask("timetable", "do", "sleep", "--json")
    assert (unknown.code, unknown.facts["error"]) == (1, "job_unknown")


def test_in_production_only_a_slot_that_has_come_is_run(database_url: str, tmp_path: Path):
    with command_line(database_url, tmp_path, **PRODUCTION) as flask:
        assert flask("timetable", "do", "anchor_trail", "--at", "2026-03-10", "--json").facts["ran"] is True
        ahead = flask("timetable", "do", "anchor_trail", "--at", "2099-03-10", "--json")
        assert (ahead.code, ahead.facts["error"]) == (1, "slot_in_future")
        demo = flask("demo", "--json")
        assert (demo.code, demo.facts["error"]) == (1, "demo_in_production")
        said = flask("timetable", "run", "--from", "2026-03-10")
        assert said.code == 1
        assert "The clock cannot be moved in production." in said.out + said.err


# ── accounts and the demo ─────────────────────────────────────────────────────────────────────────


def test_the_first_administrator_is_added_and_asked_for_the_number_without_showing_it(
    flask: Flask_, database: Database
):
    towns.found(database)
    add = ("accounts", "add", "--name", "Prov Person", "--role", "administrator")
    said = flask(*add, typed="19800228-9802\n")
    assert said.code == 0
    assert "9802" not in said.out + said.err
    with database.reading() as session:
        assert "Prov Person" in session.scalars(select(Account.name)).all()
    again = flask(*add, "--identity-number", "198002289802", "--json")
    assert (again.code, again.facts["error"]) == (1, "account_exists")
    wrong = flask(*add, "--identity-number", "198002289803", "--json")
    assert (wrong.code, wrong.facts["error"]) == (1, "identity_number_wrong")
    assert "198002289803" not in wrong.out
    assert flask(*add[:-1], "king", "--identity-number", "198002289802").code == 2


def test_the_demo_is_laid_in_an_empty_database_only(flask: Flask_):
    small = ("demo", "--months", "4", "--arrivals", "0")
    said = flask(*small)
    assert said.code == 0, said
    for row in SIGN_INS:
        assert row.user_name in said.out
    again = flask(*small, "--json")
    assert (again.code, again.facts["error"]) == (1, "demo_exists")
    assert flask("demo", "--months", "3").code == 2
