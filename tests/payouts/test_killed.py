"""A run that is killed at any moment, and taken up again: every line once, none lost. On both databases."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from sqlalchemy import func, select

from config import Settings
from core import audit
from core.audit import AuditEntry
from core.bulk import insert_rows
from core.database import Database, new_ids
from core.dates import add_months, last_of_month
from payouts.models import LedgerLine, PaymentRun, RunTotal
from payouts.queries.batches import waiting
from tests.support import postgres, sqlite
from tests.support.house import open_database, settings_for
from tests.support.killing import Order, Runner, all_ended, cut_power
from tests.support.lacking import lacking
from tests.support.manyfold import many_people
from tests.support.town import Town, found
from vouchers.models import Report

SEED = 20_261_122
PEOPLE, MONTHS, CHUNK = 180, 6, 15
BEGAN, AS_OF = date(2026, 3, 2), date(2026, 8, 31)
CHUNKS = PEOPLE // CHUNK
MOMENTS, MORE_MOMENTS, POWER_CUTS, RUNNERS = 50, 200, 10, 16
MID_RUN = 0.8

Maker: TypeAlias = "postgres.Server | sqlite.Files"
Ledger: TypeAlias = Counter[tuple[Any, ...]]


@dataclass
class Stage:
    """Databases that are copies of one market in which nothing is booked yet."""

    maker: Maker
    place: Path
    market: str

    def fresh(self) -> Settings:
        """An installation on a copy of its own."""
        return settings_for(self.maker.copy_of(self.market), self.place)

    def order(self, settings: Settings, **how: Any) -> Order:
        return Order(settings, AS_OF, CHUNK, **how)


def filled(database: Database) -> None:
    """Many people with months that are told, approved and not booked; a part of them not approved."""
    town = found(database, decided_on=BEGAN)
    draw = random.Random(SEED)
    with database.transaction(1) as session:
        legs = many_people(session, town, PEOPLE, BEGAN)
        rows = [(leg, add_months(date(2026, 3, 1), n)) for leg in legs for n in range(MONTHS)]
        ids = new_ids(len(rows))
        insert_rows(
            session,
            Report.metadata.tables["report"],
            ("municipality_id", "id", "leg_id", "month", "state", "activity_minutes", "meetings",
             "physical_meetings", "progress", "next_step", "next_step_on", "submitted_by", "submitted_on",
             "is_late", "judged_by", "judged_on", "comment"),
            (told(town, one, *row, approved=draw.random() > 0.1) for one, row in zip(ids, rows, strict=True)),
        )  # fmt: skip


def told(town: Town, report: int, leg: int, month: date, *, approved: bool) -> tuple[Any, ...]:
    day = last_of_month(month)
    judged = (town.guide.account_id, day) if approved else (None, None)
    state = "approved" if approved else "submitted"
    return (1, report, leg, month, state, 600, 2, 1, "Söker.", "Ringa.", day, town.coach.account_id, day,
            False, *judged, "")  # fmt: skip


@pytest.fixture
def stage(database_maker: Maker, tmp_path: Path) -> Iterator[Stage]:
    """A market on each kind of database."""
    yield from staged(database_maker, tmp_path)


def staged(maker: Maker, place: Path) -> Iterator[Stage]:
    market = maker.migrated()
    database = open_database(settings_for(market, place))
    filled(database)
    database.dispose()
    yield Stage(maker, place, market)
    maker.drop(market)


def ledger(settings: Settings) -> Ledger:
    """Every line of the ledger but for the run's own number, counted."""
    database = open_database(settings)
    columns = [column for column in LedgerLine.__table__.columns if column.name != "run_id"]
    with database.reading() as session:
        lines = Counter(tuple(row) for row in session.execute(select(*columns)))
    database.dispose()
    return lines


def whole(settings: Settings) -> None:
    """What must hold when all is done: nothing runs, totals are those of the lines, the trail has no gap."""
    database = open_database(settings)
    with database.reading() as session:
        runs = session.scalars(select(PaymentRun)).all()
        assert [run.state for run in runs] == ["done"]
        sums = select(func.count(), func.sum(LedgerLine.amount_ore)).where(LedgerLine.run_id == runs[0].id)
        assert (runs[0].lines, runs[0].earned_ore) == tuple(session.execute(sums).one())
        totals = select(func.sum(RunTotal.lines), func.sum(RunTotal.earned_ore))
        assert tuple(session.execute(totals).one()) == (runs[0].lines, runs[0].earned_ore)
        told_of = select(func.count()).where(AuditEntry.what == "run.booked")
        assert session.scalar(told_of) == 1
        assert audit.verify(session, 1).fault is None
    database.dispose()


def payable(settings: Settings) -> int:
    """What a batch made now would take up, in öre."""
    database = open_database(settings)
    with database.reading() as session:
        ore = sum(row.earned_ore for row in waiting(session, 1))
    database.dispose()
    return ore


def clean(stage: Stage) -> Ledger:
    """What one run that nobody disturbs books."""
    settings = stage.fresh()
    runner = Runner(stage.order(settings))
    said = runner.end()
    assert len(runner.commits) == CHUNKS
    lines = ledger(settings)
    assert said == f"d {lines.total()}"
    assert lines.total() > PEOPLE
    stage.maker.drop(settings.database_url)
    return lines


def test_a_run_killed_after_every_commit_books_every_line_once(stage: Stage) -> None:
    expected = clean(stage)
    settings = stage.fresh()
    for _ in range(CHUNKS):
        runner = Runner(stage.order(settings, dies_after=1, workers=1))  # so that each commit has its turn
        runner.end()
        assert [word[:1] for word in runner.heard] == ["w", "c"]
        assert payable(settings) == 0
        found_now = ledger(settings)
        assert found_now <= expected
        assert set(found_now.values()) <= {1}
    assert Runner(stage.order(settings)).end().startswith("d")
    assert ledger(settings) == expected
    whole(settings)
    again = Runner(stage.order(settings))
    assert again.end() == "d 0"
    assert ledger(settings) == expected


@dataclass(frozen=True)
class Moment:
    """After so many commits, and then a share of the time that a chunk takes."""

    commits: int
    share: float


def moments(count: int) -> list[Moment]:
    """Seeded moments between the first write and the last."""
    draw = random.Random(SEED)
    return [Moment(draw.randrange(CHUNKS), draw.random()) for _ in range(count)]


def chunk_takes(stage: Stage) -> float:
    """Seconds from one commit to the next, of a run that nobody disturbs."""
    settings = stage.fresh()
    runner = Runner(stage.order(settings))
    runner.hear("w")
    began = time.monotonic()
    runner.end()
    stage.maker.drop(settings.database_url)
    return (time.monotonic() - began) / CHUNKS


def struck(runner: Runner, moment: Moment, chunk_s: float) -> None:
    """Wait for a moment of a run."""
    runner.hear("w")
    while len(runner.commits) < moment.commits and runner.listens():
        pass
    time.sleep(moment.share * chunk_s)  # what is drawn is the moment itself; nothing is waited for


def killed_and_taken_up(stage: Stage, count: int) -> None:
    expected = clean(stage)
    chunk_s = chunk_takes(stage)
    log: list[tuple[Moment, int, bool]] = []
    for moment in moments(count):
        settings = stage.fresh()
        runner = Runner(stage.order(settings))
        struck(runner, moment, chunk_s)
        runner.kill()
        log.append((moment, len(runner.commits), runner.was_at_work))
        between = ledger(settings)
        assert between <= expected
        assert payable(settings) in (0, sum_of(expected))
        assert Runner(stage.order(settings)).end().startswith("d")
        assert ledger(settings) == expected
        whole(settings)
        stage.maker.drop(settings.database_url)
    said = [f"after {commits:2} of {CHUNKS} commits, mid-run {mid}" for _, commits, mid in log]
    mid_run = sum(mid for *_, mid in log)
    print("\n".join(said), f"\n{mid_run} of {count} kills mid-run")  # noqa: T201  # the log that says so
    assert mid_run >= MID_RUN * count
    assert len({commits for _, commits, _ in log}) > CHUNKS // 2


def test_a_run_killed_at_any_moment_books_every_line_once(stage: Stage) -> None:
    killed_and_taken_up(stage, MOMENTS)


@pytest.mark.soak
def test_a_run_killed_at_many_more_moments_books_every_line_once(stage: Stage) -> None:
    killed_and_taken_up(stage, MORE_MOMENTS)


def test_sixteen_runs_started_at_once_and_one_books(stage: Stage) -> None:
    expected = clean(stage)
    settings = stage.fresh()
    runners = [Runner(stage.order(settings, waits=True)) for _ in range(RUNNERS)]
    for runner in runners:
        runner.go()
    said = all_ended(runners)
    booked = [word for word in said if word.startswith("d ") and word != "d 0"]
    assert booked == [f"d {expected.total()}"]
    assert {word for word in said if word not in booked} <= {"r run_in_progress", "d 0"}
    assert ledger(settings) == expected
    whole(settings)


def test_a_run_whose_server_loses_its_power_books_every_line_once(tmp_path: Path) -> None:
    """What was said to be committed must be there: so this server answers only when it is written."""
    try:
        server = postgres.Server(synchronous_commit="on")
    except postgres.Lacking as sentence:
        lacking(str(sentence))
    with server:
        for stage in staged(server, tmp_path):
            expected = clean(stage)
            chunk_s = chunk_takes(stage)
            mid_run = 0
            for moment in moments(POWER_CUTS):
                settings = stage.fresh()
                runner = Runner(stage.order(settings))
                struck(runner, moment, chunk_s)
                cut_power(server.place)
                runner.end()
                mid_run += runner.was_at_work
                server.start()
                between = ledger(settings)
                assert between <= expected
                assert between.total() >= len(runner.commits), "a commit that was said is lost"
                assert Runner(stage.order(settings)).end().startswith("d")
                assert ledger(settings) == expected
                whole(settings)
            print(f"{mid_run} of {POWER_CUTS} power cuts mid-run")  # noqa: T201  # the log that says so
            assert mid_run >= MID_RUN * POWER_CUTS


def sum_of(lines: Ledger) -> int:
    """What is earned in those lines, in öre."""
    place = [column.name for column in LedgerLine.__table__.columns if column.name != "run_id"].index(
        "amount_ore"
    )
    return sum(line[place] for line in lines)
