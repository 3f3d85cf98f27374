"""Runs in chunks: what is looked at, what is never lost, and what stopping one leaves behind."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

import migrations
from core import audit, columns
from core.actor import Actor
from core.database import Database, new_id
from core.refusal import Forbidden, Refusal
from core.running import one_run
from payouts.actions import audits, run
from payouts.actions.runs import run_in_chunks
from payouts.models import LedgerLine, PaymentRun, RunTotal
from payouts.models.course import RunChunk, VoucherLook
from tests.support.manyfold import many_people
from tests.support.spring import BEGUN, JUNE, PEOPLE, chunked, report
from tests.support.town import noon
from vouchers.models import ChangedVoucher, Leg, Report, Voucher
from vouchers.queries.waking import wake


def marked(database: Database) -> set[int]:
    with database.reading() as session:
        return set(session.scalars(select(ChangedVoucher.voucher_id)))


def booked(database: Database) -> list[tuple[object, ...]]:
    with database.reading() as session:
        rows = session.execute(
            select(LedgerLine.component, LedgerLine.part, LedgerLine.sequence, LedgerLine.amount_ore)
        )
        return sorted(tuple(row) for row in rows)


def test_a_run_in_chunks_books_each_line_once_and_its_totals_are_its_lines(database, town, legs):
    seen = []
    done = chunked(database, workers=1, progress=lambda count, total: seen.append((count, total)))
    assert (done.vouchers, done.lines) == (PEOPLE, PEOPLE * 3)
    assert [count for count, _ in seen] == [5, 10, 15, 20, 23]
    assert {total for _, total in seen} == {PEOPLE}
    with database.reading() as session:
        made = session.scalars(select(PaymentRun)).one()
        assert (made.state, made.lines, made.earned_ore) == ("done", PEOPLE * 3, done.earned_ore)
        assert session.scalar(select(func.sum(RunTotal.lines))) == PEOPLE * 3
        assert session.scalar(select(func.sum(RunTotal.earned_ore))) == done.earned_ore
        assert session.scalar(select(func.count()).select_from(RunChunk)) == 5
        assert audit.verify(session, 1).fault is None


def test_one_transaction_books_what_chunks_book(database, database_maker, town, legs):
    with database.transaction(1, serial=False) as session:
        done = run(session, by=Actor.clock(1), as_of=JUNE, at=noon(JUNE))
    assert (done.vouchers, done.lines) == (PEOPLE, PEOPLE * 3)
    assert chunked(database).vouchers == 0
    assert audits.reckon(database, 1, JUNE, chunk=4).agrees


def test_nothing_due_looks_at_nobody_and_writes_nothing(database, town, legs):
    chunked(database)
    assert marked(database) == set()
    again = chunked(database)
    assert (again.run_id, again.vouchers, again.lines) == (None, 0, 0)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(PaymentRun)) == 1


def voucher_of(database: Database, leg_id: int) -> int:
    with database.reading() as session:
        return session.scalars(select(Leg.voucher_id).where(Leg.id == leg_id)).one()


CHANGES: dict[str, str] = {
    "a report comes": "",
    "a report changes": "UPDATE report SET state = 'submitted', judged_by = NULL WHERE leg_id = :leg",
    "a report is gone": "DELETE FROM report WHERE leg_id = :leg",
    "the leg ends": "UPDATE leg SET ended_on = '2026-06-15' WHERE id = :leg",
    "the voucher is longer": "UPDATE voucher SET months = 13 WHERE id = :voucher",
    "a pause": (
        "INSERT INTO pause (municipality_id, id, voucher_id, leg_id, reason, from_on, expected_on,"
        " decided_by, decided_on)"
        " VALUES (1, 7, :voucher, :leg, 'sick', '2026-06-01', '2026-06-20', 1, '2026-06-01')"
    ),
    "a result": (
        "INSERT INTO outcome (municipality_id, id, voucher_id, leg_id, kind, state, starts_on,"
        " extent_percent, subsidised, claimed_by, claimed_on)"
        " VALUES (1, 7, :voucher, :leg, 'work', 'claimed', '2026-06-01', 100, false, 1, '2026-06-01')"
    ),
    "a contest": (
        "INSERT INTO attendance_answer (municipality_id, id, report_id, said, words, shown, said_by, said_at,"
        " reasons) SELECT 1, 7, min(id), 'contested', '', '{}', 1, '2026-06-01 10:00:00', '' FROM report"
        " WHERE leg_id = :leg"
    ),
}


@pytest.mark.parametrize("statement", CHANGES.values(), ids=CHANGES.keys())
def test_the_database_marks_the_voucher_when(database, town, legs, statement: str):
    chunked(database)
    voucher_id = voucher_of(database, legs[3])
    with database.transaction(1) as session:
        if statement:
            session.execute(text(statement), {"leg": legs[3], "voucher": voucher_id})
        else:
            report(session, legs[3], date(2026, 6, 1))
    assert marked(database) == {voucher_id}
    assert chunked(database).vouchers == 1
    assert marked(database) == set()


def test_what_is_rolled_back_leaves_no_mark(database, town, legs):
    chunked(database)
    with pytest.raises(ZeroDivisionError), database.transaction(1) as session:
        report(session, legs[0], date(2026, 6, 1))
        raise ZeroDivisionError
    assert marked(database) == set()


def test_what_is_woken_is_looked_at(database, town, legs):
    chunked(database)
    with database.transaction(1) as session:
        assert wake(session, 1, [voucher_of(database, legs[0])]) == 1
    assert chunked(database).vouchers == 1
    with database.transaction(1) as session:
        assert wake(session, 1, provider_id=town.provider_id) == PEOPLE
    assert chunked(database).vouchers == PEOPLE


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_fact_that_is_committed_late_is_never_lost(database, town, legs):
    """It was written before a run, is seen by nobody while it goes, and has its mark afterwards."""
    with database.transaction(serial=False) as late:
        report(late, legs[0], date(2026, 6, 1))
        first = chunked(database)
        assert first.lines == PEOPLE * 3
    assert marked(database) == {voucher_of(database, legs[0])}
    assert chunked(database).lines == 1


class Stop(BaseException):
    """As ctrl-C, or the power: at any moment."""


def stop_after(chunks: int) -> Callable[[int, int], None]:
    seen: list[int] = []

    def count(_done: int, _total: int) -> None:
        seen.append(1)
        if len(seen) == chunks:
            raise Stop

    return count


@pytest.mark.parametrize("chunks", [1, 3, 5])
def test_a_run_that_was_stopped_is_taken_up_under_its_number_and_day(database, town, legs, chunks: int):
    with pytest.raises(Stop):
        chunked(database, progress=stop_after(chunks))
    with database.reading() as session:
        left = session.scalars(select(PaymentRun)).one()
        assert (left.state, left.lines) == ("running", 0)
        assert session.scalar(select(func.count()).select_from(RunTotal)) == 0
    done = chunked(database, JUNE - timedelta(days=3))
    assert (done.run_id, done.taken_up, done.as_of, done.lines) == (left.id, left.id, JUNE, PEOPLE * 3)
    assert audits.reckon(database, 1, JUNE).agrees
    with database.reading() as session:
        made = session.scalars(select(PaymentRun)).one()
        assert (made.state, made.lines) == ("done", PEOPLE * 3)


def test_after_what_was_left_comes_a_run_of_its_own_as_of_a_later_day(database, town, legs):
    with pytest.raises(Stop):
        chunked(database, progress=stop_after(2))
    with database.transaction(1) as session:
        report(session, legs[0], date(2026, 6, 1))
        report(session, legs[0], date(2026, 7, 1))
    done = chunked(database, date(2026, 7, 31))
    assert done.lines == PEOPLE * 3 + 2
    with database.reading() as session:
        assert session.scalars(select(PaymentRun.as_of).order_by(PaymentRun.as_of)).all() == [
            JUNE,
            date(2026, 7, 31),
        ]
    assert audits.reckon(database, 1, date(2026, 7, 31)).agrees


def test_of_sixteen_started_at_once_one_books(database, town, legs):
    barrier = Barrier(16)

    def race(_: int) -> int:
        barrier.wait()
        try:
            return chunked(database).lines
        except Refusal as refusal:
            assert refusal.code == "run_in_progress"
            return 0

    with ThreadPoolExecutor(16) as pool:
        lines = sorted(pool.map(race, range(16)))
    assert lines == [0] * 15 + [PEOPLE * 3]
    assert audits.reckon(database, 1, JUNE).agrees


def test_only_a_maker_runs(database, town, legs):
    with pytest.raises(Forbidden):
        run_in_chunks(database, by=town.signer, as_of=JUNE, at=noon(JUNE))


def test_a_run_as_of_an_earlier_day_goes_through_all(database, town, legs):
    """What was earned by a later day alone is taken back, as it always was."""
    chunked(database)
    back = chunked(database, date(2026, 4, 30))
    assert back.lines == PEOPLE
    assert back.clawed_ore < 0
    again = chunked(database)
    assert (again.lines, again.earned_ore) == (PEOPLE, -back.clawed_ore)


def test_a_run_that_has_ended_is_not_in_the_way_of_one_that_begins_at_once(database):
    for _ in range(150):
        with one_run(database, 1):
            pass


def test_a_voucher_whose_day_comes_is_looked_at_though_no_fact_changes(database, town, legs):
    with database.transaction(1) as session:
        report(session, legs[0], date(2026, 6, 1))
    assert chunked(database, date(2026, 6, 15)).lines == PEOPLE * 3
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(VoucherLook)) > 0
    assert chunked(database, date(2026, 6, 29)).lines == 0
    assert chunked(database, JUNE).lines == 1


@pytest.mark.parametrize("by_range", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_day_by_day_comes_to_what_one_look_at_everything_comes_to(
    database, town, monkeypatch, seed: int, by_range: bool
):
    """What is read by the range is what is looked up one by one: the run does one, the audit the other."""
    monkeypatch.setattr(columns, "MOST_BETWEEN", dict.fromkeys(columns.MOST_BETWEEN, 1_000_000))
    draw = random.Random(seed)
    with database.transaction(1) as session:
        legs = many_people(session, town, 12, BEGUN)
    for day in range(5, 150, 6):
        today = BEGUN + timedelta(days=day)
        with database.transaction(1) as session:
            for leg_id in draw.sample(legs, 4):
                happens(session, draw, leg_id, today)
        monkeypatch.setattr(columns, "MANY", 1 if by_range else 1_000_000)
        chunked(database, today, chunk=draw.randint(1, 8))
        monkeypatch.setattr(columns, "MANY", 1_000_000 if by_range else 1)
        found_now = audits.reckon(database, 1, today, chunk=5)
        assert found_now.agrees, found_now.differences
        assert found_now.counts[audits.UNSEEN] == 0, found_now.differences
    assert found_now.booked_ore > 0


def happens(session: Session, draw: random.Random, leg_id: int, today: date) -> None:
    """Something in the life of a leg that has not ended."""
    leg = session.scalars(select(Leg).where(Leg.id == leg_id)).one()
    month = draw.choice([date(2026, number, 1) for number in range(3, today.month + 1)])
    standing = session.scalars(
        select(Report).where(Report.leg_id == leg_id, Report.month == month, Report.state != "withdrawn")
    ).one_or_none()
    chance = draw.random()
    if standing is None:
        report(session, leg_id, month, draw.choice(["approved", "approved", "submitted"]))
    elif standing.state == "submitted":
        standing.state, standing.judged_by, standing.judged_on = "approved", 2, today
    elif chance < 0.3:
        standing.state = "withdrawn"
    elif chance < 0.5 and leg.ended_on is None:
        leg.ended_on, leg.end_reason = today - timedelta(days=draw.randint(0, 20)), "time_out"
    elif chance < 0.7:
        voucher = session.get_one(Voucher, (1, leg.voucher_id))
        voucher.months = draw.choice([2, 3, 12])
    elif chance < 0.9:
        session.execute(
            text(
                CHANGES["a pause"]
                .replace("1, 7, ", "1, :id, ")
                .replace("'2026-06-01', '2026-06-20'", ":a, :b")
            ),
            {"id": new_id(), "voucher": leg.voucher_id, "leg": leg_id, "a": str(today), "b": str(today)},
        ) if not paused(session, leg.voucher_id) else None


def paused(session: Session, voucher_id: int) -> bool:
    return bool(
        session.scalar(text("SELECT count(*) FROM pause WHERE voucher_id = :one"), {"one": voucher_id})
    )


def test_the_audit_tells_a_fault_from_what_is_not_looked_at_yet(database, town, legs):
    chunked(database)
    with database.transaction(1) as session:
        report(session, legs[0], date(2026, 6, 1))
    waits = audits.reckon(database, 1, JUNE)
    assert waits.agrees
    assert waits.counts == {audits.UNSEEN: 1, audits.KEPT: 0, audits.FAULT: 0}
    with database.transaction(1) as session:
        session.execute(text("DELETE FROM changed_voucher"))  # as if a trigger had been forgotten
    fault = audits.reckon(database, 1, JUNE, chunk=3)
    assert not fault.agrees
    assert [(one.component, one.part, one.booked_ore, one.why) for one in fault.differences] == [
        ("base", 202606, 0, audits.FAULT)
    ]
    assert fault.lines == PEOPLE * 3


def test_a_contested_month_is_told_apart_by_the_audit(database, town, legs):
    chunked(database)
    with database.transaction(1) as session:
        session.execute(text(CHANGES["a contest"]), {"leg": legs[0]})
        session.execute(text("UPDATE leg SET ended_on = '2026-03-20' WHERE id = :leg"), {"leg": legs[0]})
    chunked(database)
    found_now = audits.reckon(database, 1, JUNE)
    assert found_now.agrees
    assert found_now.counts[audits.KEPT] == 1


@pytest.mark.parametrize("statement", [
    "UPDATE payment_run SET state = 'running'",
    "UPDATE payment_run SET lines = lines + 1",
    "UPDATE run_chunk SET lines = 0",
    "DELETE FROM run_chunk",
    "DELETE FROM payment_run",
    "INSERT INTO run_total SELECT municipality_id, run_id, 5, 1, 1, 0 FROM run_total",
])  # fmt: skip
def test_the_database_refuses_to_change_a_run_that_has_ended(database, town, legs, statement: str):
    chunked(database)
    with pytest.raises(DBAPIError), database.transaction(1) as session:
        session.execute(text(statement))


def test_the_migration_keeps_the_money_both_ways_and_marks_who_has_started(database, town, legs):
    chunked(database)
    before, url = booked(database), database.url
    database.dispose()
    migrations.downgrade(url, "0006")
    migrations.upgrade(url)
    assert booked(database) == before
    assert len(marked(database)) == PEOPLE
    assert chunked(database).lines == 0
