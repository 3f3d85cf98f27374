"""Two real timetable processes, a fast clock, and SIGKILL: every slot once, none missing."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

import migrations
from app.jobs import JobRun, anchors_file
from config import Settings
from core import audit
from core.audit import AuditEntry
from core.database import TURN, Database, Municipality
from payouts.models import LedgerLine
from tests.support import sqlite
from tests.support import town as towns
from tests.support.house import open_database, settings_for
from tests.support.timetable import Ticking, until

DAY_A_SECOND = 86_400
BEGUN = date(2026, 3, 1)  # the clock begins at midnight after this day, whose slots are the latest then


@pytest.fixture
def processes() -> Iterator[list[Ticking]]:
    started: list[Ticking] = []
    yield started
    for process in started:
        process.stop()


def is_held(database: Database) -> bool:
    """Whether somebody is in the middle of a transaction of the municipality, and stays there."""
    for _ in range(2):
        if not _is_held_now(database):
            return False
        time.sleep(0.2)
    return True


def _is_held_now(database: Database) -> bool:
    if not database.is_sqlite:
        with database.engine.begin() as connection:
            asked = text(f"select pg_try_advisory_xact_lock({TURN}, 1)")
            return not connection.execute(asked).scalar_one()
    with closing(sqlite3.connect(str(database.engine.url.database), timeout=0)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        return False


def slots(database: Database, job: str) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(JobRun.slot).where(JobRun.job == job).order_by(JobRun.slot)))


def days(first: date, last: str) -> list[str]:
    count = (date.fromisoformat(last) - first).days
    return [(first + timedelta(days=number)).isoformat() for number in range(count + 1)]


def test_each_slot_is_run_once_though_processes_are_killed_also_in_the_middle_of_a_job(
    database: Database, settings: Settings, processes: list[Ticking], tmp_path: Path
):
    town = towns.found(database, decided_on=date(2026, 2, 2))
    with database.transaction(1) as session:
        town.reported(session, town.started(session), date(2026, 2, 1))

    def process(instance: Path, start: date, pace: int) -> Ticking:
        processes.append(Ticking(settings, instance, f"{start}T00:00", pace))
        return processes[-1]

    # One process stops inside a job, its slot taken and its transaction open: it waits for a reader.
    stuck_place = tmp_path / "stuck"
    stuck_place.mkdir()
    os.mkfifo(stuck_place / "audit-anchors-1.txt")
    stuck = process(stuck_place, BEGUN + timedelta(days=1), 1)
    until(lambda: slots(database, "read_answers") != [], "the first jobs were never done", stuck)
    until(lambda: is_held(database), "nobody holds a transaction open", stuck)
    assert slots(database, "anchor_trail") == []
    one = process(settings.instance, BEGUN + timedelta(days=1), DAY_A_SECOND)
    two = process(settings.instance, BEGUN + timedelta(days=1), DAY_A_SECOND)
    until(lambda: "ticking" in one.said and "ticking" in two.said, "the others never began", one, two)
    stuck.kill()
    until(lambda: slots(database, "anchor_trail") != [], "the killed one's slot was never free", one, two)

    # The other two go through some days together; one is killed wherever it is.
    third = (BEGUN + timedelta(days=3)).isoformat()
    until(lambda: slots(database, "book_payments")[-1] >= third, "the days do not pass", one, two)
    one.kill()
    seen = date.fromisoformat(slots(database, "book_payments")[-1])
    goal = (seen + timedelta(days=2)).isoformat()
    until(lambda: slots(database, "book_payments")[-1] >= goal, "the days stopped", two)
    two.stop()

    booked = slots(database, "book_payments")
    assert booked == days(BEGUN, booked[-1])
    with database.reading() as session:
        told = [json.loads(row) for row in session.scalars(
            select(AuditEntry.details).where(AuditEntry.what == "job.done")
        )]  # fmt: skip
        done = Counter((row["job"], row["slot"]) for row in told)
        assert set(done.values()) == {1}
        assert {slot for job, slot in done if job == "book_payments"} == set(booked)
        assert {slot for job, slot in done if job == "anchor_trail"} == set(slots(database, "anchor_trail"))
        rows = anchors_file(settings, 1).read_text().split()
        heads = {int(number): seal for number, seal in zip(rows[::2], rows[1::2], strict=True)}
        assert heads
        assert audit.verify(session, 1, heads).fault is None
        assert session.query(LedgerLine).count() == 1  # the one month that was approved, by the first run
    assert not [line for process in processes for line in process.said.splitlines() if "failed" in line]


def test_a_timetable_that_began_before_its_database_says_so_and_begins_when_it_is_there(
    sqlite_files: sqlite.Files, processes: list[Ticking], tmp_path: Path
):
    settings = settings_for(sqlite_files.empty(), tmp_path)
    processes.append(Ticking(settings, tmp_path, "2026-03-02T08:00", 1))
    until(lambda: "Run: flask db upgrade" in processes[0].said, "it said nothing", *processes)
    assert "Traceback" not in processes[0].said
    migrations.upgrade(settings.database_url)
    database = open_database(settings)
    with database.transaction() as session:
        session.add(Municipality(id=1, name="Exempel", organisation_number="2120000001"))
    until(lambda: slots(database, "anchor_trail") != [], "it never began", *processes)
    database.dispose()
