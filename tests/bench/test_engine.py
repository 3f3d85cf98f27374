"""The payment run over a whole market, against a bare COPY of the lines that it books (docs/market.md)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from sqlalchemy import text

from core.database import Database
from tests.bench import market
from tests.support.house import open_database
from tests.support.postgres import Server

pytestmark = pytest.mark.bench

SIZE = int(os.environ.get("MARKET", "1000000"))
SMALL = SIZE // 10
ROUNDS = 3
MOST_MONTH, MOST_ALL, MOST_NOTHING, MOST_GROWTH = 2.0, 5.0, 0.3, 11.0
MOST_MEMORY_KB = 1024 * 1024
BY_RUNS = ("changed_voucher", "voucher_look")
MOST_BYTES = 15 * 10**9
COLUMNS = (
    "municipality_id, scope_id, component, part, sequence, voucher_id, leg_id, provider_id, rulebook_id,"
    " run_id, period_on, unit_price_ore, quantity, of_quantity, amount_ore, reason, evidence_id"
)
KEY = "municipality_id, scope_id, component, part, sequence"
TWINS = {
    "id": ("PRIMARY KEY (id)", f"UNIQUE ({KEY})"),
    "natural": (f"PRIMARY KEY ({KEY})",),
}
"""What is copied into: a number as the key and the natural key beside it, which the limits are against, as
`docs/market.md` says; and, told beside, the natural key as the only one, as the ledger itself has it."""
# What a process of its own does and tells: so its memory is the engine's, and not the market-maker's, which
# what a process is said to have used at most would begin with.
RUNNER = """
import json, sys, time
from datetime import date
from pathlib import Path
from core.actor import Actor
from payouts.actions.audits import reckon
from payouts.actions.runs import run_in_chunks
from tests.support.house import open_database, settings_for
from tests.support.town import noon
url, place, what, day = sys.argv[1:]
database, day = open_database(settings_for(url, Path(place))), date.fromisoformat(day)
begun = time.perf_counter()
if what == "run":
    done = run_in_chunks(database, by=Actor.clock(1), as_of=day, at=noon(day))
    told = {"lines": done.lines, "vouchers": done.vouchers, "run": done.run_id}
else:
    found = reckon(database, 1, day)
    told = {"lines": found.lines, "vouchers": found.vouchers, **found.counts}
told["seconds"] = time.perf_counter() - begun
status = Path("/proc/self/status").read_text().splitlines()
told["peak_kb"] = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(json.dumps(told))
database.dispose()
"""


@pytest.fixture(scope="module")
def postgres_server() -> Iterator[Server]:
    """One with the memory of a server that has such a database (docs/market.md)."""
    with Server(shared_buffers="1GB") as server:
        yield server


@pytest.fixture
def database_kind() -> str:
    """COPY is PostgreSQL's."""
    return "postgresql"


@pytest.fixture
def small_url(database_maker: Any) -> Any:
    """A second database, for the small market."""
    url = database_maker.migrated()
    yield url
    database_maker.drop(url)


def test_the_monthly_run_and_a_recomputation_of_everything_against_a_bare_copy(
    database: Database, small_url: str, settings: Any, database_maker: Server, tmp_path: Path
):
    def by_url(url: str) -> Database:
        return open_database(replace(settings, database_url=url))

    small = measured(by_url(small_url), SMALL, database_maker, by_url, tmp_path)
    found = measured(database, SIZE, database_maker, by_url, tmp_path)
    first = found["rounds"][0]
    growth, growth_all = (
        middle(found, name, "seconds") / middle(small, name, "seconds") for name in ("month", "all")
    )
    sys.stdout.write(
        f"\npostgresql: a market of {SIZE} vouchers (docs/market.md); {os.cpu_count()} cores;"
        f" {ROUNDS} rounds, each against its own COPY\n"
        f"  history: {found['history']} lines in six runs; the database is {found['bytes'] / 1e9:.1f} GB\n"
        f"  bare COPY of the month's {first['month']['lines']} lines: {told(found, 'copy', 'seconds')} s"
        f" (with the natural key alone {first['lean']['seconds']:.2f} s)\n"
        + "".join(
            f"  {words}: {told(found, name, 'seconds')} s, {told(found, name, 'times')} times, in the middle"
            f" {middle(found, name, 'times'):.2f} (at most {most}), {peak(found, name) // 1024} MiB\n"
            for name, words, most in (
                ("month", f"monthly run, {first['month']['vouchers']} vouchers looked at", MOST_MONTH),
                ("all", f"everything recomputed, {first['all']['lines']} lines", MOST_ALL),
                ("nothing", "a run with nothing due", MOST_NOTHING),
            )
        )
        + f"  from {SMALL} to {SIZE} vouchers: the month {growth:.1f} times,"
        f" all {growth_all:.1f} times (at most {MOST_GROWTH})\n"
    )
    for one in (*found["rounds"], *small["rounds"]):
        assert one["all"]["fault"] == one["nothing"]["lines"] == 0
    assert found["bytes"] < MOST_BYTES
    for name, most in (("month", MOST_MONTH), ("all", MOST_ALL), ("nothing", MOST_NOTHING)):
        assert middle(found, name, "times") <= most, name
        assert peak(found, name) < MOST_MEMORY_KB, name
    assert growth <= MOST_GROWTH
    assert growth_all <= MOST_GROWTH


def middle(found: dict[str, Any], name: str, what: str) -> float:
    """The median of the rounds."""
    return median(one[name][what] for one in found["rounds"])


def told(found: dict[str, Any], name: str, what: str) -> str:
    """Each round's."""
    return ", ".join(f"{one[name][what]:.2f}" for one in found["rounds"])


def peak(found: dict[str, Any], name: str) -> int:
    """The most memory in any round, in kB."""
    return max(int(one[name]["peak_kb"]) for one in found["rounds"])


def measured(
    database: Database, size: int, maker: Server, by_url: Callable[[str], Database], place: Path
) -> dict[str, Any]:
    """Make a market, book its history, then measure the month some times, each in a copy of it all.

    A machine that others share may be half as fast in one minute as in the next: what is compared is measured
    within few minutes, and the middle of some rounds is told.
    """
    made, late = market.made(database, size), None
    history = 0
    for month in range(market.MONTHS):
        late = market.told(database, made, month, late)
        market.settled(
            database, "report", "leg", "outcome", "outcome_check", "changed_voucher", "voucher_look"
        )
        if month < market.MONTHS - 1:
            history += in_a_process(database.url, place, "run", made.last_day(month))["lines"]
            market.settled(database, "ledger_line", *BY_RUNS)
    database.dispose()
    rounds = []
    for number in range(ROUNDS):
        url = maker.copy_of(database.url)
        rounds.append(measured_once(by_url(url), made.last_day(market.MONTHS - 1), place, number))
        maker.drop(url)
    return {"history": history, "rounds": rounds, "bytes": rounds[0]["bytes"]}


def measured_once(database: Database, day: date, place: Path, number: int) -> dict[str, Any]:
    """The month, nothing, everything, and the bare COPY; each with its seconds and its times of the COPY."""
    market.settled(database, "changed_voucher")
    at_rest(database)
    month = in_a_process(database.url, place, "run", day)
    market.settled(database, "changed_voucher")
    nothing = in_a_process(database.url, place, "run", day)
    everything = in_a_process(database.url, place, "audit", day)
    found: dict[str, Any] = {"month": month, "nothing": nothing, "all": everything}
    found["bytes"] = size_of(database)
    copies = copied(database, month["run"], list(TWINS)[: 1 if number else None])
    for one in (month, nothing, everything):
        one["times"] = one["seconds"] / copies["id"]
    found |= {"copy": {"seconds": copies["id"]}, "lean": {"seconds": copies.get("natural")}}
    database.dispose()
    return found


def at_rest(database: Database) -> None:
    """Nothing is left to be written of what was done before."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as line:
        line.execute(text("CHECKPOINT"))
    os.sync()


def in_a_process(url: str, place: Path, what: str, day: date) -> dict[str, Any]:
    """What the engine did in a process of its own, how long it took and the most memory it had."""
    said = subprocess.run(
        [sys.executable, "-c", RUNNER, url, str(place), what, day.isoformat()],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert said.returncode == 0, said.stderr
    found: dict[str, Any] = json.loads(said.stdout.strip().splitlines()[-1])
    return found


def copied(database: Database, run_id: int, twins: list[str]) -> dict[str, float]:
    """Seconds to COPY the run's lines, ready made, into each twin filled with all others, and to commit."""
    line = database.engine.raw_connection()
    try:
        driver = line.driver_connection
        assert driver is not None
        return {name: _copied(database, driver, run_id, *TWINS[name]) for name in twins}
    finally:
        line.close()


def _copied(database: Database, driver: Any, run_id: int, *keys: str) -> float:
    driver.execute("CREATE TABLE twin (id BIGINT, LIKE ledger_line)")
    numbered = f"SELECT row_number() OVER (ORDER BY {KEY}) + {{}}, {COLUMNS} FROM ledger_line WHERE run_id"
    driver.execute(f"INSERT INTO twin (id, {COLUMNS}) {numbered.format(0)} <> {run_id}")
    added = ", ".join(
        f"ADD {key}" for key in (*keys, "FOREIGN KEY (municipality_id, run_id) REFERENCES payment_run")
    )
    driver.execute(f"ALTER TABLE twin {added}")
    lines = f"{numbered.format(1 << 40)} = {run_id} ORDER BY 1"
    with driver.cursor() as cursor, cursor.copy(f"COPY ({lines}) TO STDOUT") as copy:
        block = b"".join(copy)
    driver.commit()
    driver.autocommit = True
    driver.execute("VACUUM ANALYZE twin")
    driver.autocommit = False
    at_rest(database)
    begun = time.perf_counter()
    with driver.cursor() as cursor, cursor.copy(f"COPY twin (id, {COLUMNS}) FROM STDIN") as copy:
        for at in range(0, len(block), 1 << 20):
            copy.write(block[at : at + (1 << 20)])
    driver.commit()
    spent = time.perf_counter() - begun
    driver.execute("DROP TABLE twin")
    driver.commit()
    return spent


def size_of(database: Database) -> int:
    """The bytes of the database."""
    with database.reading() as session:
        return int(session.scalar(text("SELECT pg_database_size(current_database())")) or 0)
