"""A hundred thousand reports from a file, against a COPY of the same rows into the same table in one run."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from flask import Flask

from app import create_app
from app.files import answering, keeping, work
from config import Settings
from core.database import Base, Database
from tests.provider.stage import stop_the_clock
from tests.support.manyfold import HEADER, as_csv, many_people, told
from tests.support.town import found, noon
from vouchers.actions import sending
from vouchers.models import SentFile

pytestmark = pytest.mark.bench

PEOPLE, MONTHS = 25_000, ["2026-07", "2026-08", "2026-09", "2026-10"]
ROWS = PEOPLE * len(MONTHS)
TODAY = date(2026, 11, 3)
ROUNDS = 3
MOST_RATIO = 5.0


@pytest.fixture
def database_kind() -> str:
    """COPY is PostgreSQL's."""
    return "postgresql"


@pytest.fixture
def app(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    stop_the_clock(monkeypatch, TODAY)
    made = create_app(settings)
    yield made
    made.extensions["database"].dispose()


def test_a_hundred_thousand_rows_from_csv_take_at_most_five_times_a_bare_copy(
    database: Database, app: Flask, tmp_path: Path
):
    town = found(database, decided_on=date(2026, 3, 2))
    with database.transaction(1) as session:
        legs = many_people(session, town, PEOPLE, date(2026, 5, 4))
    csv_file, xlsx_file = tmp_path / "a.csv", tmp_path / "a.xlsx"
    csv_file.write_bytes(as_csv(told(legs, MONTHS)))
    with xlsx_file.open("wb") as out, app.test_request_context("/"):
        answering.write_xlsx(out, {"Vägval": told(legs, MONTHS)})
    files, copies = list[float](), list[float]()
    block, columns = b"", ""
    for _ in range(ROUNDS):
        _emptied(database)
        files.append(_stored(database, app, town, csv_file))
        block, columns = _copied_out(database)
        _emptied(database)
        copies.append(_copied_in(database, block, columns))
    _emptied(database)
    excel = _stored(database, app, town, xlsx_file)
    again = _stored(database, app, town, csv_file, stored=0)
    ratio = median(files) / median(copies)
    sys.stdout.write(
        f"\npostgresql: {ROWS} monthly reports of {PEOPLE} people, {len(HEADER)} columns,"
        f" {csv_file.stat().st_size / 1e6:.0f} MB as CSV;"
        f" medians of {ROUNDS} rounds, {os.cpu_count()} cores\n"
        f"  bare COPY of the same rows, ready made, into the same table {median(copies):6.2f} s\n"
        f"  CSV, looked through and stored by the rules                 {median(files):6.2f} s\n"
        f"  ratio  {ratio:5.2f}, must be at most {MOST_RATIO}\n"
        f"  Excel ({xlsx_file.stat().st_size / 1e6:.0f} MB), the same way"
        f"                                  {excel:6.2f} s, ratio {excel / median(copies):.1f}\n"
        f"  the same CSV again, which changes nothing                   {again:6.2f} s\n"
    )
    assert ratio <= MOST_RATIO


def _stored(database: Database, app: Flask, town: Any, file: Path, *, stored: int = ROWS) -> float:
    """Seconds from a file that lies there to its rows committed, by the way that any file goes."""
    content = file.read_bytes()
    place = keeping.store(app.extensions["settings"]).place(hashlib.sha256(content).hexdigest())
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    with database.transaction(1) as session:
        kept = sending.KeptFile(place.name, file.name, keeping.CSV, len(content))
        sent = sending.send_file(session, kept, "monthly", "all", by=town.manager, at=noon(TODAY))
    begun = time.perf_counter()
    with app.app_context():
        assert work.take(app, 1, sent.id)
    spent = time.perf_counter() - begun
    with database.reading() as session:
        done = session.get_one(SentFile, (1, sent.id))
    assert (done.state, done.row_count, done.stored_rows) == ("stored", ROWS, stored), done.said
    return spent


@contextmanager
def _line(database: Database) -> Iterator[Any]:
    line = database.engine.raw_connection()
    try:
        yield line.driver_connection
    finally:
        line.close()


def _emptied(database: Database) -> None:
    with _line(database) as line:
        line.execute("TRUNCATE report CASCADE")
        line.commit()
        line.autocommit = True
        line.execute("CHECKPOINT")
        line.autocommit = False


def _copied_out(database: Database) -> tuple[bytes, str]:
    columns = ", ".join(column.name for column in Base.metadata.tables["report"].columns)
    out = f"COPY report ({columns}) TO STDOUT"
    with _line(database) as line, line.cursor() as cursor, cursor.copy(out) as copy:
        return b"".join(copy), columns


def _copied_in(database: Database, block: bytes, columns: str) -> float:
    """Seconds to copy rows that are text already, in a transaction of their own."""
    with _line(database) as line:
        begun = time.perf_counter()
        with line.cursor() as cursor, cursor.copy(f"COPY report ({columns}) FROM STDIN") as copy:
            for start in range(0, len(block), 1 << 20):
                copy.write(block[start : start + (1 << 20)])
        line.commit()
        return time.perf_counter() - begun
