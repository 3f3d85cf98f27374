"""The national market as published for 2025-11: made, paid, and paid again, on both databases."""

from __future__ import annotations

import json
import os
import resource
import time
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import create_app
from config import Settings
from core import audit
from core.database import Database
from payouts.models import LedgerLine, PaymentRun, RunTotal
from tests.support.published import csv_bytes, table

PUBLISHED = Path(__file__).parents[3] / "shared" / "data" / "rusta-och-matcha-2025.csv"
FILE = Path(os.environ.get("FILE") or PUBLISHED)
ONE_GIB_KB = 1024 * 1024


def flask(app: Flask, *arguments: str) -> dict[str, object]:
    result = app.test_cli_runner().invoke(args=[*arguments, "--json"])
    assert result.exit_code == 0, result.output
    found: dict[str, object] = json.loads(result.stdout.strip().splitlines()[-1])
    return found


def result_lines(database: Database, run_id: object) -> dict[int, int]:
    with database.reading() as session:
        rows = session.execute(
            select(LedgerLine.part, func.count())
            .where(LedgerLine.run_id == run_id, LedgerLine.component == "result")
            .group_by(LedgerLine.part)
        ).all()
    return {row[0]: row[1] for row in rows}


def walk(settings: Settings, file: Path) -> tuple[dict[str, object], dict[str, object], dict[int, int]]:
    app = create_app(settings)
    database: Database = app.extensions["database"]
    taken = flask(app, "results", "import", str(file))
    started = time.perf_counter()
    made = flask(app, "demo", "--from-results", "--period", "2025-11")
    loaded = time.perf_counter()
    run = flask(app, "payouts", "run", "--as-of", "2025-11-30")
    paid = time.perf_counter()
    again = flask(app, "payouts", "run", "--as-of", "2025-11-30")
    assert (again["run"], again["lines"]) == (None, 0)
    lines = int(str(run["lines"]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(  # noqa: T201  # kept in docs/ by make national
        f"\n{database.engine.dialect.name}: {taken['rows']} rows imported;"
        f" market made in {loaded - started:.0f} s;"
        f" {lines} lines in {paid - loaded:.0f} s, {lines / (paid - loaded):.0f} lines a second;"
        f" again 0 lines in {time.perf_counter() - paid:.0f} s; peak memory {peak // 1024} MiB"
    )
    assert peak < ONE_GIB_KB
    with database.reading() as session:
        total = session.scalars(
            select(func.sum(RunTotal.earned_ore)).where(RunTotal.run_id == run["run"])
        ).one()
        assert total == run["earned_ore"]
        bulk = session.scalars(
            select(func.count())
            .select_from(audit.AuditEntry)
            .where(audit.AuditEntry.what == "histories.imported")
        ).one()
        assert bulk <= 2
        assert len(session.scalars(select(PaymentRun)).all()) == 2  # the opening run and this one
    found = result_lines(database, run["run"])
    database.dispose()
    return made, run, found


def test_a_small_market_pays_exactly_the_published_results(settings: Settings, tmp_path: Path) -> None:
    rows = [row for row in table() if row["period"] == "2025-11-01"]
    file = tmp_path / "results.csv"
    file.write_bytes(csv_bytes(rows))
    first = sum(int(row[f"rr1_{level}"]) for row in rows for level in "abc")
    second = sum(int(row[f"rr2_{level}"]) for row in rows for level in "abc")
    made, _, found = walk(settings, file)
    assert made["participants"] == sum(int(row["participants"]) for row in rows)
    assert made["opening"] == 1
    assert found == {1: first, 2: second}


@pytest.mark.national
def test_the_national_market_pays_exactly_the_published_results(settings: Settings) -> None:
    if not FILE.exists():
        pytest.fail(f"There is no file {FILE}. Say which: make national FILE=path")
    made, _, found = walk(settings, FILE)
    assert made["participants"] == 80_477
    assert found == {1: 22_920, 2: 16_857}


@pytest.mark.national
def test_every_published_row_and_flag_is_recomputed(settings: Settings) -> None:
    app = create_app(settings)
    flask(app, "results", "import", str(FILE))
    assert flask(app, "results", "check") == {
        "rows": 4603,
        "weighted_result_agrees": 4603,
        "flags_published": 259,
        "flags_agree": 259,
        "false_flags": 0,
    }
    for period, flagged, in_a_row in (("2025-03", 118, 0), ("2025-05", 141, 96)):
        said = flask(app, "results", "review", "--period", period)
        assert (said["period"], said["flagged"], said["second_in_a_row"]) == (period, flagged, in_a_row)
    app.extensions["database"].dispose()
