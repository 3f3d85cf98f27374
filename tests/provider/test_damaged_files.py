"""Damaged files from a seed: a sentence each, no crash, nothing half stored; and one still whole is taken."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import delete, func, select

from app.files import answering, keeping, work
from app.files.opened import MOST_ROWS, opened
from app.files.references import leg_of, reference
from app.web import sentence
from config import Settings
from core.database import Database
from core.refusal import Refusal
from tests.provider.damage import ACCEPTED, EITHER, RARE, REFUSED, Whole, as_csv, zip_bomb
from tests.provider.stage import TODAY, Stage, app_on, stop_the_clock
from tests.support.house import KEYS
from tests.support.manyfold import told
from tests.support.town import noon
from vouchers.actions import sending
from vouchers.models import Report, SentFile

CI, SOAK = 1_000, 10_000
SEED = 20_261_122
MOST_BYTES = 512 * 1024 * 1024


@pytest.fixture
def database_kind() -> str:
    """What a file is does not hang on where its rows go."""
    return "sqlite"


@pytest.fixture
def app(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    stop_the_clock(monkeypatch)
    made = app_on(settings)
    yield made
    made.extensions["database"].dispose()


class Desk:
    """Where files are sent and taken, and what is said of them."""

    def __init__(self, database: Database, app: Flask) -> None:
        self.database, self.app = database, app
        stage = Stage(database)
        self.town = stage.town
        legs = [stage.started(name, day=date(2026, 3, 2)) for name in ("Amal Provlund", "Chen Mönsterby")]
        theirs = stage.started("Gunnar Provmark", other=True, day=date(2026, 3, 2))
        rows = list(told(legs, ["2026-03", "2026-04", "2026-05"]))
        for row in rows[1:]:
            row[11] = "2026-06-12"
        self.whole = Whole(rows, (theirs,))
        self.count = len(rows) - 1

    def taken(self, content: bytes, mode: str = "all") -> SentFile:
        """A file, sent and taken."""
        place = keeping.store(self.app.extensions["settings"]).place(hashlib.sha256(content).hexdigest())
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        with self.database.transaction(1) as session:
            kept = sending.KeptFile(place.name, "a.csv", keeping.CSV, len(content))
            sent = sending.send_file(session, kept, "monthly", mode, by=self.town.coach, at=noon(TODAY))
        with self.app.app_context():
            assert work.take(self.app, 1, sent.id)
        with self.database.reading() as session:
            return session.get_one(SentFile, (1, sent.id))

    def stored(self) -> int:
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(Report)) or 0

    def said(self, file: SentFile) -> str:
        """What the sender reads, whole file or row by row."""
        with self.app.test_request_context("/"), force_locale("sv"):
            if file.said:
                kept: Any = file.said_with
                return sentence(Refusal(file.said, kept["sentence"], **kept["params"]))
        assert file.answer_digest
        place = keeping.store(self.app.extensions["settings"]).place(file.answer_digest)
        with opened(place) as answer:
            return " ".join(cells[-1] for _, cells in list(answer.lines())[1:]).strip()


@pytest.fixture
def desk(database: Database, app: Flask) -> Desk:
    return Desk(database, app)


def _refused(desk: Desk, damage: Any, content: bytes) -> None:
    file = desk.taken(content)
    assert file.state == "refused", f"{damage.__name__}: {file.state}, {file.said}"
    said = desk.said(file)
    assert said.endswith((".", ")")), f"{damage.__name__}: {said!r}"
    assert "{" not in said, said


def _walk(desk: Desk, count: int, seed: int) -> None:
    """So many files that must be told, nothing of which may be stored."""
    rng = random.Random(seed)
    for number in range(count):
        damage = REFUSED[number % len(REFUSED)]
        _refused(desk, damage, damage(rng, desk.whole))
        if number % 50 == 49:
            assert desk.stored() == 0, damage.__name__
    assert desk.stored() == 0


def test_damaged_files_are_told_in_a_sentence_and_nothing_is_stored(desk: Desk):
    assert len(REFUSED) >= 15
    _walk(desk, CI - 201, SEED)
    for damage in RARE:
        _refused(desk, damage, damage(random.Random(SEED), desk.whole))
    assert desk.stored() == 0


def test_a_file_damaged_so_that_it_is_still_whole_is_taken(desk: Desk):
    rng = random.Random(SEED)
    for number in range(100):
        damage = ACCEPTED[number % len(ACCEPTED)]
        file = desk.taken(damage(rng, desk.whole))
        assert file.state == "stored", f"{damage.__name__}: {desk.said(file)}"
        assert (file.row_count, file.good_rows, file.bad_rows) == (desk.count, desk.count, 0), damage.__name__
        assert file.stored_rows == (0 if number else desk.count), damage.__name__
    assert desk.stored() == desk.count


def test_bytes_changed_anywhere_are_taken_whole_or_not_at_all(desk: Desk):
    _flip(desk, 100, SEED)


def _flip(desk: Desk, count: int, seed: int) -> None:
    rng = random.Random(seed)
    for number in range(count):
        damage = EITHER[number % len(EITHER)]
        file = desk.taken(damage(rng, desk.whole))
        assert file.state in ("stored", "refused"), damage.__name__
        assert desk.stored() == (file.stored_rows if file.state == "stored" else 0)
        if file.state == "stored":
            assert file.stored_rows == file.row_count <= desk.count + 1
            with desk.database.transaction(1) as session:
                session.execute(delete(Report))
        else:
            assert desk.said(file)


@pytest.mark.soak
def test_ten_thousand_damaged_files(desk: Desk):
    _walk(desk, SOAK - 1_000, SEED + 1)
    _flip(desk, 1_000, SEED + 2)


def test_a_file_with_too_many_rows_is_told_so(desk: Desk):
    rows = [desk.whole.rows[0], *([desk.whole.rows[1]] * (MOST_ROWS + 1))]
    file = desk.taken(as_csv(rows), mode="good")
    assert (file.state, file.said) == ("refused", "rows_too_many")
    assert desk.stored() == 0


def test_whom_a_row_is_about_survives_the_word_for_it():
    rng = random.Random(SEED)
    for leg in (1, 2**63 - 1, *(rng.getrandbits(62) + 1 for _ in range(200))):
        word = reference(leg)
        assert leg_of(word) == leg_of(f" {word.lower()} ") == leg_of(str(leg)) == leg
        assert word[0].isalpha()
        place = rng.randrange(1, 15)
        other = word[:place] + ("0" if word[place] != "0" else "1") + word[place + 1 :]
        assert leg_of(other) != leg
    for nothing in ("", "P", "0", "-1", str(2**63), "P" + "Z" * 14, "1.2e+18", "Å" * 15):
        assert leg_of(nothing) is None, nothing


# ── how much room ─────────────────────────────────────────────────────────────────────────────────

PROGRAM = """
import resource, sys
from datetime import date
from pathlib import Path
from app import create_app
from app.files import work
from config import Settings
from core import dates
dates.today = lambda: date(2026, 6, 3)
app = create_app(Settings.from_environment())
with app.app_context():
    for file_id in sys.argv[1:]:
        assert work.take(app, 1, int(file_id))
# What `ru_maxrss` says of a process begins with the size of the one that it was made from.
status = Path("/proc/self/status").read_text().splitlines()
mine = next(int(row.split()[1]) for row in status if "VmHWM" in row)
mine, cage = mine * 1024, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
print(mine, cage)
"""


def _room(desk: Desk, contents: dict[str, bytes]) -> dict[str, SentFile]:
    """Take the files in a process of their own. AssertionError when it or its cage took more than it may."""
    settings = desk.app.extensions["settings"]
    sent = {}
    for name, content in contents.items():
        place = keeping.store(settings).place(hashlib.sha256(content).hexdigest())
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        with desk.database.transaction(1) as session:
            kept = sending.KeptFile(place.name, name, keeping.CSV, len(content))
            file = sending.send_file(session, kept, "monthly", "good", by=desk.town.coach, at=noon(TODAY))
            sent[name] = file.id
    environment = {
        **os.environ, "VAGVAL_ENV": "test", "VAGVAL_INSTANCE": str(settings.instance),
        "DATABASE_URL": settings.database_url, **KEYS,
    }  # fmt: skip
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, sent.values())],
        env=environment, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    mine, cage = map(int, run.stdout.split())
    sys.stdout.write(f"\nroom: {mine / 2**20:.0f} MiB, the cage {cage / 2**20:.0f} MiB\n")
    assert max(mine, cage) < MOST_BYTES
    with desk.database.reading() as session:
        return {name: session.get_one(SentFile, (1, file_id)) for name, file_id in sent.items()}


def _wide(desk: Desk, rows: int) -> bytes:
    """Long texts with a letter that makes Python keep every one in four bytes, and a fault in each."""
    row = list(desk.whole.rows[1])
    row[9], row[10] = "o" * 3_900 + "🧭", "p" * 3_900 + "🧭"
    return as_csv([desk.whole.rows[0], *[[*row[:3], str(n), *row[4:]] for n in range(rows)]])


def test_no_file_takes_more_than_half_a_gigabyte(desk: Desk):
    files = _room(
        desk,
        {
            "wide.csv": _wide(desk, 3_000),
            "bomb.xlsx": zip_bomb(random.Random(SEED), desk.whole),
            "line.csv": b"a" * keeping.LARGEST_FILE,
        },
    )
    assert files["wide.csv"].row_count == 3_000
    assert {name: file.said for name, file in files.items() if file.said} == {
        "bomb.xlsx": "file_too_heavy",
        "line.csv": "row_long",
    }


@pytest.mark.soak
def test_a_hundred_thousand_rows_of_excel_take_no_more_either(desk: Desk, tmp_path: Path):
    rows = [
        desk.whole.rows[0],
        *[[*desk.whole.rows[1][:3], str(n), *desk.whole.rows[1][4:]] for n in range(MOST_ROWS)],
    ]
    with (tmp_path / "a.xlsx").open("wb") as out, desk.app.test_request_context("/"):
        answering.write_xlsx(out, {"Vägval": rows})
    files = _room(desk, {"long.xlsx": (tmp_path / "a.xlsx").read_bytes(), "wide.csv": _wide(desk, 5_000)})
    assert files["long.xlsx"].row_count == MOST_ROWS
    assert files["long.xlsx"].bad_rows > MOST_ROWS // 2
