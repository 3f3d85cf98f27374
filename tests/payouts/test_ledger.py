"""The ledger on real databases: runs, races, and what the database itself refuses."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from core import audit, dates
from core.actor import Actor
from core.database import Database
from core.refusal import Refusal
from payouts import actions as money
from payouts.actions.runs import Result
from payouts.models import LedgerLine, PaymentRun, RunTotal
from tests.support.town import Town, found, noon
from vouchers import actions
from vouchers.models import Participant

START = date(2026, 3, 2)
MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)


def run(database: Database, as_of: date = date(2026, 6, 30), by: Actor | None = None) -> Result:
    with database.transaction(1, serial=False) as session:
        return money.run(session, by=by or Actor.clock(1), as_of=as_of, at=noon(as_of))


@pytest.fixture
def town(database: Database) -> Town:
    return found(database)


@pytest.fixture
def leg_id(database: Database, town: Town) -> int:
    """A leg that has run since March, with March and April approved."""
    with database.transaction(1) as session:
        leg_id = town.started(session)
        for month in (MARCH, APRIL):
            town.reported(session, leg_id, month)
    return leg_id


def lines(database: Database) -> list[LedgerLine]:
    with database.reading() as session:
        order = (LedgerLine.component, LedgerLine.part, LedgerLine.sequence)
        return list(session.scalars(select(LedgerLine).order_by(*order)))


def test_a_run_books_what_is_owed_and_a_second_books_nothing(database, town, leg_id):
    first = run(database)
    assert (first.lines, first.earned_ore, first.clawed_ore) == (2, 356710 + 368600, 0)
    second = run(database)
    assert (second.run_id, second.lines) == (None, 0)
    assert [(line.part, line.amount_ore, line.quantity, line.of_quantity) for line in lines(database)] == [
        (202603, 356710, 30, 31),
        (202604, 368600, 30, 30),
    ]
    with database.reading() as session:
        assert session.scalars(select(RunTotal.earned_ore)).all() == [725310]
        assert len(session.scalars(select(PaymentRun)).all()) == 1


def test_a_withdrawn_report_is_clawed_back_and_a_new_one_is_paid_anew(database, town, leg_id):
    run(database)
    with database.transaction(1) as session:
        april = next(line for line in lines(database) if line.part == 202604).evidence_id
        actions.withdraw_report(session, april, by=town.coach, today=date(2026, 7, 1))
    back = run(database)
    assert (back.lines, back.clawed_ore) == (1, -368600)
    assert run(database).lines == 0
    with database.transaction(1) as session:
        town.reported(session, leg_id, APRIL)
    assert run(database).earned_ore == 368600
    assert [line.sequence for line in lines(database) if line.part == 202604] == [0, 1, 2]


@pytest.mark.parametrize("runners", [2, 6])
def test_runs_at_the_same_moment_book_once(database, town, leg_id, runners):
    """Trap 1."""
    barrier = Barrier(runners)

    def race(_: int) -> int:
        barrier.wait()
        try:
            return run(database).lines
        except Refusal as refusal:
            return 0 if refusal.code == "run_in_progress" else -1

    with ThreadPoolExecutor(runners) as pool:
        booked = list(pool.map(race, range(runners)))
    assert sorted(booked) == [0] * (runners - 1) + [2]
    assert len(lines(database)) == 2
    with database.reading() as session:
        assert audit.verify(session, 1).fault is None


def test_a_corrected_personal_number_moves_no_money(database, town, leg_id):
    """Trap 3: the ledger knows the leg, never the person's number."""
    run(database)
    with database.transaction(1) as session:
        participant = session.get_one(Participant, (1, town.participant_id))
        participant.identity_fingerprint = "f" * 64
    assert run(database).lines == 0


def test_a_run_that_fails_leaves_nothing(database, town, leg_id):
    class Stop(Exception):
        pass

    def stopped() -> None:
        with database.transaction(1, serial=False) as session:
            money.run(session, by=Actor.clock(1), as_of=date(2026, 6, 30), at=noon(date(2026, 6, 30)))
            raise Stop

    with pytest.raises(Stop):
        stopped()
    assert lines(database) == []
    assert run(database).lines == 2


def test_a_result_and_its_bonus_are_paid_when_checked_and_taken_back_when_withdrawn(database, town, leg_id):
    ended = date(2026, 8, 31)
    form = actions.OutcomeForm("work", ended, ended, 100, employer_number="4199070014")
    with database.transaction(1) as session:
        outcome = actions.claim_outcome(session, leg_id, form, by=town.coach, today=ended)
        result = _check(session, outcome.id, "result")
        actions.judge_check(session, result, passed=True, source="payslip", by=town.guide, today=ended)
        bonus = _check(session, outcome.id, "bonus")
        with pytest.raises(Refusal, match="tidigast 2027-02-28"):
            actions.judge_check(
                session, bonus, passed=True, source="payslip", by=town.guide, today=date(2027, 2, 27)
            )
        actions.judge_check(
            session, bonus, passed=True, source="payslip", by=town.guide, today=date(2027, 2, 28)
        )
    run(database, date(2027, 3, 1))
    milestones = [
        (line.component, line.scope_id == town.voucher_id, line.amount_ore)
        for line in lines(database)
        if line.component != "base"
    ]
    assert milestones == [("bonus", True, 800_000), ("result", True, 1_000_000)]
    with database.transaction(1) as session:
        actions.withdraw_outcome(session, outcome.id, by=town.guide, today=date(2027, 3, 2))
    assert run(database, date(2027, 3, 2)).clawed_ore == -1_800_000


@pytest.mark.parametrize(("holds", "clawed"), [(True, 0), (False, -1_000_000)])
def test_an_override_is_paid_and_taken_back_when_the_case_fails_after_its_end(
    database, town, leg_id, holds: bool, clawed: int
):
    ended, until = date(2026, 8, 31), date(2026, 10, 31)
    form = actions.OutcomeForm("work", ended, ended, 100, employer_number="4199070014")
    past = actions.OverrideForm(True, "Arbetsgivaren är i konkurs.", until)
    with database.transaction(1) as session:
        outcome = actions.claim_outcome(session, leg_id, form, by=town.coach, today=ended)
        result = _check(session, outcome.id, "result")
        actions.override_check(session, result, past, by=town.guide, today=ended)
    run(database, date(2026, 9, 30))
    assert [line.amount_ore for line in lines(database) if line.component == "result"] == [1_000_000]
    after = date(2026, 11, 2)
    assert run(database, after).lines == 0
    with database.transaction(1) as session:
        actions.end_override(
            session, result, passed=holds, source="payslip" if holds else None,
            refusal_code=None if holds else "no_evidence", by=town.guide, today=after,
        )  # fmt: skip
    assert run(database, after).clawed_ore == clawed


def _check(session, outcome_id: int, purpose: str) -> int:
    from vouchers.models import Check  # noqa: PLC0415  # only here

    return session.scalars(
        select(Check.id).where(Check.outcome_id == outcome_id, Check.purpose == purpose)
    ).one()


NEVER = {
    "an amount is changed": "UPDATE ledger_line SET amount_ore = amount_ore + 1",
    "a line is deleted": "DELETE FROM ledger_line",
    "a run is changed": "UPDATE payment_run SET lines = 0",
    "a run's total is changed": "UPDATE run_total SET earned_ore = 0",
    "a run's total is deleted": "DELETE FROM run_total",
    "the trail is changed": "UPDATE audit_entry SET details = '{}'",
    "the trail is cut": "DELETE FROM audit_entry",
    "a decided rulebook is changed": "UPDATE rulebook SET text = ''",
    "a decided rulebook is deleted": "DELETE FROM rulebook",
    "a receipt is changed": "UPDATE choice_receipt SET shown = '{}'",
}


@pytest.mark.parametrize("statement", NEVER.values(), ids=NEVER.keys())
def test_the_database_refuses_that(database, town, leg_id, statement):
    """Traps 8 and 14."""
    run(database)
    before = [(line.part, line.sequence, line.amount_ore) for line in lines(database)]
    with pytest.raises(DBAPIError), database.transaction(1) as session:
        session.execute(text(statement))
    assert [(line.part, line.sequence, line.amount_ore) for line in lines(database)] == before


WRONG_LINES = {
    "the same thing booked twice": {},
    "a reversal of another amount": {"sequence": 1, "amount_ore": -1, "reason": "changed"},
    "a reversal above zero": {"sequence": 1, "amount_ore": 356710, "reason": "changed"},
    "a reversal at another provider": {
        "sequence": 1,
        "amount_ore": -356710,
        "reason": "changed",
        "provider_id": 5,
    },
    "a new booking without a reversal between": {"sequence": 2},
    "a reversal of nothing": {"part": 202609, "sequence": 1, "amount_ore": -356710, "reason": "changed"},
    "a booking below zero": {"part": 202609, "amount_ore": -1},
    "a milestone for a leg": {"component": "result", "part": 1},
    "a month for a voucher": {"scope_id": 1, "part": 202609},
    "an unknown component": {"component": "gift", "part": 1},
    "a run that is not there": {"part": 202609, "run_id": 1},
}


@pytest.mark.parametrize("wrong", WRONG_LINES.values(), ids=WRONG_LINES.keys())
def test_the_database_refuses_a_line_that(database, town, leg_id, wrong):
    run(database)
    march = lines(database)[0]
    with pytest.raises(DBAPIError), database.transaction(1) as session:
        session.execute(insert(LedgerLine), [{**_like(session, march), **wrong}])
    assert len(lines(database)) == 2


def _like(session, line: LedgerLine) -> dict[str, object]:
    """A line's columns, in a run that has not ended."""
    old = session.scalars(select(PaymentRun)).one()
    columns = {column.key: getattr(old, column.key) for column in PaymentRun.__table__.columns}
    session.add(PaymentRun(**{**columns, "id": 77, "state": "running"}))
    session.flush()
    return {column.key: getattr(line, column.key) for column in LedgerLine.__table__.columns} | {"run_id": 77}


def test_the_database_refuses_a_line_in_a_run_that_has_ended(database, town, leg_id):
    """Trap 8: it would be in no total, and so never be paid."""
    run(database)
    march = lines(database)[0]
    with pytest.raises(DBAPIError, match="ended"), database.transaction(1) as session:
        row = _like(session, march) | {"part": 202609, "run_id": march.run_id}
        session.execute(insert(LedgerLine), [row])
    assert len(lines(database)) == 2


def test_the_right_reversal_is_let_through_so_the_refusals_above_mean_something(database, town, leg_id):
    run(database)
    march = lines(database)[0]
    with database.transaction(1) as session:
        row = _like(session, march)
        right = {"sequence": 1, "amount_ore": -356710, "reason": "changed"}
        session.execute(insert(LedgerLine), [{**row, **right}])
    assert len(lines(database)) == 3
    assert dates.month_of(march.part) == march.period_on
