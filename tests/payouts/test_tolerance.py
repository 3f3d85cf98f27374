"""What is far from the last batches, or paid for twice, is parked until another person has looked into it."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.demo.people import Names
from core.database import Database
from core.refusal import Refusal
from payouts import actions as money
from payouts.models import Batch, GateOutcome, LedgerLine, PaymentRun, RunTotal
from payouts.queries.batches import gate_outcomes
from payouts.rules.tolerance import TOLERANCE, Item, Tolerance, is_again, judge, median
from tests.payouts.test_batches import COOLING_OFF, DAY, send, sign, state, town
from tests.payouts.test_holds import hold, let_go
from tests.payouts.test_ledger import run
from tests.provider.stage import Stage
from tests.support.town import Town, noon
from vouchers import actions
from vouchers.models import Leg

__all__ = ["town"]

STRICT = Tolerance(last=6, least=1, percent=50, batch_floor_ore=100, provider_floor_ore=100)

CASES = tomllib.loads((Path(__file__).parent / "cases" / "tolerance.toml").read_text("utf-8"))


def cases(kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = CASES[kind]
    return found


@pytest.mark.parametrize("case", cases("sum"), ids=lambda case: case["name"])
def test_far_from_the_last_ones(case):
    set_to = TOLERANCE
    if "percent" in case:
        floor = case["floor"] * 100
        set_to = Tolerance(percent=case["percent"], batch_floor_ore=floor, provider_floor_ore=floor)
    earlier = [kronor * 100 for kronor in case["earlier"]]
    found = judge(case["gate"], case["now"] * 100, earlier, set_to, follows=case.get("follows", False))
    assert found.outcome == case["outcome"]
    assert found.usual_ore == (case["usual"] * 100 if "usual" in case else None)


@pytest.mark.parametrize("case", cases("again"), ids=lambda case: case["name"])
def test_items_for_the_same_part(case):
    names = sorted({item[0] for item in case["items"]})
    items = [
        Item(names.index(provider), time, quantity, of, not taken_back)
        for provider, time, quantity, of, *taken_back in case["items"]
    ]
    assert is_again(items) == case["parked"]
    assert is_again(items[::-1]) == case["parked"]


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=9))
def test_the_middle_is_never_outside_what_it_is_the_middle_of(values):
    assert min(values) <= median(values) <= max(values)


@given(st.lists(st.integers(0, 10**9), max_size=9), st.integers(-(10**9), 10**9))
def test_a_sum_is_never_parked_by_what_it_always_was(earlier, away):
    usual = median(earlier[: STRICT.last]) if earlier else 0
    assert not judge("batch", usual, earlier, STRICT).is_parked
    near = max(-STRICT.batch_floor_ore, min(STRICT.batch_floor_ore, away))
    assert not judge("batch", usual + near, earlier, STRICT).is_parked


def make(database: Database, town: Town, day: date = DAY) -> Batch:
    with database.transaction(1) as session:
        ahead = money.outlook(session, 1, cooling_off_days=COOLING_OFF, today=day, set_to=STRICT)
        return money.make_batch(
            session, ahead.declared, cooling_off_days=COOLING_OFF, by=town.maker, at=noon(day), set_to=STRICT
        )


def look_into(database: Database, batch: Batch, by, reasons: str = "Två nya deltagare.") -> None:
    with database.transaction(1) as session:
        money.look_into(session, batch.id, reasons, batch.content_hash, by=by, at=noon(DAY))


def outcomes(database: Database, batch: Batch) -> list[tuple[str, str]]:
    with database.reading() as session:
        return [(row.gate, row.outcome) for row in gate_outcomes(session, 1, batch.id)]


def sent(database: Database, town: Town, batch: Batch) -> None:
    for signer in (town.signer, town.other_signer):
        sign(database, batch, signer)
    send(database, batch, town.maker)


@pytest.fixture
def parked(database: Database, town: Town) -> Batch:
    """A batch of half of what the one before was."""
    first = make(database, town)
    assert outcomes(database, first) == [("batch", "too_few"), ("provider", "too_few")]
    sent(database, town, first)
    with database.transaction(1) as session:
        leg = session.scalars(text("SELECT DISTINCT leg_id FROM ledger_line")).one()
        town.reported(session, int(leg), date(2026, 5, 1))
        report = session.scalars(text("SELECT evidence_id FROM ledger_line WHERE part = 202603")).one()
        actions.withdraw_report(session, int(report), by=town.coach, today=DAY)
    run(database)
    made = make(database, town)
    assert made.paid_ore == 368600 - 356710
    return made


def test_a_batch_far_from_the_last_one_is_parked_and_every_outcome_is_kept(database, town, parked):
    assert parked.state == "parked"
    assert outcomes(database, parked) == [("batch", "parked"), ("provider", "parked")]
    with database.reading() as session:
        first = session.scalars(select(GateOutcome).where(GateOutcome.batch_id == parked.id)).first()
    assert first is not None
    assert (first.now_ore, first.usual_ore, first.compared) == (11890, 725310, 1)
    assert (first.percent, first.floor_ore) == (50, 100)


def test_a_parked_batch_is_not_signed_until_another_person_has_looked_into_it(database, town, parked):
    with pytest.raises(Refusal) as refusal:
        sign(database, parked, town.signer)
    assert refusal.value.code == "batch_parked"
    for by, reasons, code in (
        (town.maker, "Det stämmer.", "looker_is_maker"),
        (town.guide, "Det stämmer.", "forbidden"),
        (town.signer, "  ", "reasons_missing"),
    ):
        with pytest.raises(Refusal) as refusal:
            look_into(database, parked, by, reasons)
        assert refusal.value.code == code
    assert state(database, parked) == "parked"
    look_into(database, parked, town.signer)
    with database.reading() as session:
        made = session.get_one(Batch, (1, parked.id))
    assert (made.state, made.looked_by, made.looked_reasons) == (
        "frozen",
        town.signer.account_id,
        "Två nya deltagare.",
    )
    sent(database, town, parked)
    assert state(database, parked) == "sent"


def test_who_looks_must_have_seen_what_the_batch_holds(database, town, parked):
    with pytest.raises(Refusal) as refusal, database.transaction(1) as session:
        money.look_into(session, parked.id, "Det stämmer.", "0" * 64, by=town.signer, at=noon(DAY))
    assert refusal.value.code == "batch_not_as_signed"


def test_a_parked_batch_can_be_stopped(database, town, parked):
    with database.transaction(1) as session:
        money.void(session, parked.id, "Vi väntar på juni.", by=town.signer)
    assert state(database, parked) == "void"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE batch SET state = 'frozen' WHERE state = 'parked'",
        "UPDATE batch SET state = 'reviewed' WHERE state = 'parked'",
        "UPDATE batch SET state = 'frozen', looked_by = made_by, looked_at = made_at, looked_reasons = 'x'"
        " WHERE state = 'parked'",
        "UPDATE batch SET state = 'frozen', looked_by = made_by + 1, looked_at = made_at"
        " WHERE state = 'parked'",
        "UPDATE batch SET state = 'sent' WHERE state = 'parked'",
        "UPDATE gate_outcome SET outcome = 'passed'",
        "DELETE FROM gate_outcome",
        "INSERT INTO signature"
        " (municipality_id, batch_id, step, account_id, made_by, content_hash, signed_at)"
        " SELECT municipality_id, id, 1, made_by + 1, made_by, content_hash, made_at FROM batch"
        " WHERE state = 'parked'",
    ],
)
def test_the_database_refuses_to_sign_or_let_go_what_is_parked(database, town, parked, statement):
    with pytest.raises(DBAPIError), database.transaction(1) as session:
        session.execute(text(statement))


def test_the_database_refuses_to_freeze_what_a_gate_has_parked(database, town):
    made = (
        "INSERT INTO batch (municipality_id, id, state, made_by, made_at, pay_on, payments, lines, paid_ore,"
        " content_hash, void_reason, seal, follow_reason, looked_reasons) VALUES (1, 7, 'frozen', 5,"
        " '2026-07-01 12:00:00+00:00', '2026-07-03', 0, 0, 0, '', '', 2, '', '')"
    )
    outcome = (
        "INSERT INTO gate_outcome (municipality_id, batch_id, number, gate, outcome, now_ore, compared,"
        " percent, floor_ore) VALUES (1, 7, 1, 'batch', 'parked', 0, 6, 50, 100)"
    )
    with database.transaction(1) as session:
        session.execute(text(made))
        session.execute(text(outcome))
    with pytest.raises(DBAPIError), database.transaction(1) as session:
        session.execute(text("UPDATE batch SET content_hash = 'x'"))


@pytest.mark.parametrize(("days", "parked"), [(1, False), (2, True)])
def test_a_day_that_two_providers_are_paid_for_is_parked_and_a_month_that_they_share_is_not(
    database, town, days, parked
):
    """Trap 11, for months: 30 of March's 31 days are the first provider's, so one is left for another."""
    sent(database, town, make(database, town))
    with database.transaction(1) as session:
        _booked_for_another(session, town.other_provider_id, days)
        voucher_id = session.scalars(text("SELECT DISTINCT voucher_id FROM ledger_line")).one()
    batch = make(database, town)
    again = [row for row in outcomes(database, batch) if row[0] == "again"]
    assert again == ([("again", "parked")] if parked else [])
    if parked:
        with database.reading() as session:
            (row,) = session.scalars(select(GateOutcome).where(GateOutcome.gate == "again"))
        assert (row.voucher_id, row.now_ore) == (voucher_id, days * 1_000)


def _booked_for_another(session: Session, provider_id: int, days: int) -> None:
    """What no rule would book: the same March for a second leg, at another provider."""
    march = session.scalars(select(LedgerLine).where(LedgerLine.part == 202603)).one()
    run_ = session.scalars(select(PaymentRun)).one()
    leg = session.get_one(Leg, (1, march.leg_id))
    twin = {column.key: getattr(leg, column.key) for column in Leg.__table__.columns}
    session.execute(text("UPDATE leg SET ended_on = '2026-03-31'"))
    accredited = text("SELECT id FROM accreditation WHERE provider_id = :provider AND service = 'matching'")
    twin |= {"id": leg.id + 1, "provider_id": provider_id, "ordinal": leg.ordinal + 1, "coach_id": None}
    twin["accreditation_id"] = session.scalars(accredited, {"provider": provider_id}).one()
    session.execute(insert(Leg), twin)
    values = {column.key: getattr(run_, column.key) for column in PaymentRun.__table__.columns}
    session.execute(insert(PaymentRun), {**values, "id": run_.id + 1, "state": "running"})
    line = {column.key: getattr(march, column.key) for column in LedgerLine.__table__.columns}
    line |= {"scope_id": leg.id + 1, "leg_id": leg.id + 1, "provider_id": provider_id, "run_id": run_.id + 1}
    session.execute(insert(LedgerLine), {**line, "quantity": days, "amount_ore": days * 1_000})
    total = {"municipality_id": 1, "run_id": run_.id + 1, "provider_id": provider_id}
    session.execute(insert(RunTotal), {**total, "lines": 1, "earned_ore": days * 1_000, "clawed_ore": 0})
    session.execute(text("UPDATE payment_run SET state = 'done' WHERE id = :run"), {"run": run_.id + 1})


def test_a_held_provider_is_told_among_the_outcomes(database, town):
    stage = Stage.__new__(Stage)  # in the town that is there already
    stage.database, stage.town, stage.names = database, town, Names(2025)
    leg_id = stage.started("Gunnar Provmark", other=True, day=date(2026, 3, 2))
    stage.reported(leg_id, date(2026, 3, 1), other=True)
    run(database)
    held = hold(database, town, "provider")
    batch = make(database, town)
    with database.reading() as session:
        rows = [(row.gate, row.outcome, row.name, row.now_ore) for row in gate_outcomes(session, 1, batch.id)]
    assert ("held", "left_out", "Stigfinnarna", 725310) in rows
    sent(database, town, batch)
    let_go(database, held, town.signer)
