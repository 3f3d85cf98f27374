"""What a sent batch left is paid by a follow-up: with reasons, signed by two, and once."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

import migrations
from app.demo.people import Names
from core.database import Database
from core.refusal import Refusal
from payouts import actions as money
from payouts.actions.batches import Declared
from payouts.models import Batch, ReturnedPayment, Statement
from payouts.queries.batches import follow_ups
from providers import actions as registry
from providers.models import Provider
from providers.queries.applying import contacts
from tests.payouts.test_batches import COOLING_OFF, DAY, DEBTOR, _rejection, answer, make, sent, sign, town
from tests.payouts.test_holds import MARCH_ORE, WHOLE, hold, let_go, pending
from tests.payouts.test_ledger import run
from tests.provider.stage import Stage
from tests.support.town import Town, noon

__all__ = ["town"]

WHY = "Banken nekade betalningen: kontot var avslutat."


def follow(
    database: Database,
    town: Town,
    batch: Batch,
    why: str = WHY,
    declared: Declared | None = None,
    day: date = DAY,
) -> Batch:
    with database.transaction(1) as session:
        ahead = money.outlook(session, 1, cooling_off_days=COOLING_OFF, today=day, follows=batch.id)
        return money.follow_up(
            session,
            batch.id,
            declared or ahead.declared,
            why,
            cooling_off_days=COOLING_OFF,
            by=town.maker,
            at=noon(day),
        )


def signed_and_sent(database: Database, town: Town, batch: Batch, day: date = DAY) -> Batch:
    sign(database, batch, town.signer)
    sign(database, batch, town.other_signer)
    with database.transaction(1) as session:
        return money.send(session, batch.id, DEBTOR, by=town.maker, at=noon(day))


def refused(database: Database, town: Town) -> Batch:
    batch = sent(database, town)
    answer(database, town, _rejection(batch))
    return batch


def test_a_refused_payment_is_paid_anew_by_a_follow_up_that_says_why(database, town):
    batch = refused(database, town)
    made = follow(database, town, batch)
    assert (made.follows_batch_id, made.follow_reason, made.state) == (batch.id, WHY, "frozen")
    assert (made.payments, made.paid_ore, made.lines) == (1, WHOLE, 0)
    done = signed_and_sent(database, town, made)
    assert done.document is not None
    with database.reading() as session:
        told = session.scalars(select(Statement).where(Statement.batch_id == made.id)).one()
        assert (told.earned_ore, told.carried_in_ore, told.returned_ore, told.paid_ore) == (
            0,
            0,
            WHOLE,
            WHOLE,
        )
        (anew,) = session.scalars(select(ReturnedPayment))
        assert (anew.batch_id, anew.paid_ore) == (made.id, WHOLE)
        assert [row.id for row in follow_ups(session, 1, batch.id)] == [made.id]


def test_nobody_is_paid_anew_twice(database, town):
    batch = refused(database, town)
    signed_and_sent(database, town, follow(database, town, batch))
    assert pending(database) == []
    with pytest.raises(Refusal) as refusal:
        follow(database, town, batch)
    assert refusal.value.code == "nothing_to_follow_up"
    answer(database, town, _rejection(batch))
    assert pending(database) == [], "the same answer read again sends nothing back"


def test_a_follow_up_that_the_bank_refuses_too_has_a_follow_up_of_its_own(database, town):
    batch = refused(database, town)
    second = signed_and_sent(database, town, follow(database, town, batch))
    answer(database, town, _rejection(second))
    with pytest.raises(Refusal):
        follow(database, town, batch)
    third = follow(database, town, second)
    assert (third.paid_ore, third.follows_batch_id) == (WHOLE, second.id)


def test_the_next_ordinary_batch_takes_up_what_nobody_has_followed_up(database, town):
    refused(database, town)
    made = make(database, town.maker)
    assert made.paid_ore == WHOLE
    with database.reading() as session:
        told = session.scalars(select(Statement).where(Statement.batch_id == made.id)).one()
    assert (told.returned_ore, told.carried_in_ore) == (WHOLE, 0)


def test_a_stopped_follow_up_leaves_the_payment_to_be_paid(database, town):
    batch = refused(database, town)
    made = follow(database, town, batch)
    with database.transaction(1) as session:
        money.void(session, made.id, "Kontot är inte rättat än.", by=town.signer)
    assert follow(database, town, batch).paid_ore == WHOLE


def test_a_follow_up_pays_only_what_its_batch_left(database, town):
    batch = refused(database, town)
    with database.transaction(1) as session:
        leg = session.scalars(text("SELECT DISTINCT leg_id FROM ledger_line")).one()
        town.reported(session, int(leg), date(2026, 5, 1))
    run(database)
    made = follow(database, town, batch)
    assert (made.paid_ore, made.lines) == (WHOLE, 0)
    signed_and_sent(database, town, made)
    assert pending(database) == [368600]


def test_what_was_held_and_let_go_is_paid_by_a_follow_up(database, town):
    held = hold(database, town, "line")
    batch = sent(database, town)
    with pytest.raises(Refusal) as refusal:
        follow(database, town, batch)
    assert refusal.value.code == "nothing_to_follow_up"
    let_go(database, held, town.signer)
    made = follow(database, town, batch, "Intygen är rättade.")
    assert (made.paid_ore, made.lines) == (MARCH_ORE, 1)
    signed_and_sent(database, town, made)
    assert pending(database) == []


def test_a_provider_that_was_left_out_is_paid_by_a_follow_up(database, town):
    hold(database, town, "provider")
    _second_provider_booked(database, town)
    batch = sent(database, town)
    with database.reading() as session:
        (held,) = session.scalars(text("SELECT id FROM hold")).all()
        assert [row.provider_id for row in session.scalars(select(Statement))] == [town.other_provider_id]
    let_go(database, held, town.signer)
    made = follow(database, town, batch, "Granskningen är klar.")
    assert (made.paid_ore, made.lines) == (WHOLE, 2)


def _second_provider_booked(database: Database, town: Town) -> None:
    stage = Stage.__new__(Stage)  # in the town that is there already
    stage.database, stage.town, stage.names = database, town, Names(2025)
    leg_id = stage.started("Gunnar Provmark", other=True, day=date(2026, 3, 2))
    stage.reported(leg_id, date(2026, 3, 1), other=True)
    run(database)


def test_changed_bank_details_wait_out_their_days_in_a_follow_up_too(database, town):
    """Trap 12: nobody is paid at a number that was changed just before."""
    batch = refused(database, town)
    with database.transaction(1) as session:
        provider = session.get_one(Provider, (1, town.provider_id))
        new = registry.propose_bank_details(
            session, provider, "bankgiro", "5050-1055", by=town.maker, today=DAY
        )
        contact = contacts(session, 1, provider.id)[0]
        registry.call_back(session, new.id, contact.id, by=town.maker, today=DAY)
        registry.approve_bank_details(session, new.id, by=town.signer, today=DAY)
    for day, number in ((DAY, False), (date(2026, 7, 4), True)):
        with database.reading() as session:
            ahead = money.outlook(session, 1, cooling_off_days=COOLING_OFF, today=day, follows=batch.id)
        (row,) = ahead.proposals
        assert row.details is not None
        assert (row.details.number == "50501055") is number


def test_a_follow_up_needs_reasons_a_sent_batch_a_maker_and_the_sum_that_was_seen(database, town):
    frozen = make(database, town.maker)
    with pytest.raises(Refusal) as refusal:
        follow(database, town, frozen)
    assert refusal.value.code == "follow_up_not_sent"
    batch = signed_and_sent(database, town, frozen)
    answer(database, town, _rejection(batch))
    with pytest.raises(Refusal) as refusal:
        follow(database, town, batch, " ")
    assert refusal.value.code == "reasons_missing"
    with pytest.raises(Refusal) as refusal:
        follow(database, town, batch, declared=Declared(1, WHOLE + 1))
    assert refusal.value.code == "batch_changed"
    with pytest.raises(Refusal) as refusal, database.transaction(1) as session:
        money.follow_up(
            session, batch.id, Declared(1, WHOLE), WHY, cooling_off_days=3, by=town.signer, at=noon(DAY)
        )
    assert refusal.value.code == "forbidden"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE returned_payment SET batch_id = batch_id",
        "DELETE FROM returned_payment",
        "INSERT INTO returned_payment SELECT * FROM returned_payment",
        "UPDATE batch SET follows_batch_id = NULL, follow_reason = '' WHERE follows_batch_id IS NOT NULL",
        "UPDATE batch SET follows_batch_id = id WHERE follows_batch_id IS NULL",
    ],
)
def test_the_database_refuses_to_pay_anew_twice_or_to_forget_what_a_batch_follows(database, town, statement):
    batch = refused(database, town)
    signed_and_sent(database, town, follow(database, town, batch))
    with pytest.raises(DBAPIError), database.transaction(1) as session:
        session.execute(text(statement))


def test_the_database_pays_anew_only_what_the_bank_refused(database, town):
    batch = sent(database, town)
    made = (
        "INSERT INTO batch (municipality_id, id, state, made_by, made_at, pay_on, payments, lines, paid_ore,"
        " content_hash, void_reason, seal, follows_batch_id, follow_reason, looked_reasons)"
        " VALUES (1, 7, 'frozen', 5, '2026-07-01 12:00:00+00:00', '2026-07-03', 1, 2, 100, '', '', 2,"
        " :follows, 'x', '')"
    )
    anew = (
        "INSERT INTO returned_payment (municipality_id, statement_id, batch_id, provider_id, paid_ore)"
        " SELECT 1, id, 7, provider_id, paid_ore FROM statement"
    )
    with pytest.raises(DBAPIError), database.transaction(1) as session:
        session.execute(text(made), {"follows": batch.id})
        session.execute(text(anew))
    with pytest.raises(DBAPIError), database.transaction(1) as session:
        session.execute(text(made), {"follows": 12345})


def test_a_database_that_is_taken_back_and_forward_again_pays_nobody_twice_and_loses_nothing(
    database: Database, town: Town
):
    """Trap 9: no sum is changed on the way, whichever way what came back was told."""
    held = hold(database, town, "line")
    refused_one = sent(database, town)
    answer(database, town, _rejection(refused_one, amount="3686.00"))
    let_go(database, held, town.signer)
    signed_and_sent(database, town, follow(database, town, refused_one))
    assert pending(database) == []
    before = _sums(database)
    database.engine.dispose()
    migrations.downgrade(database.url, "0007")
    with database.reading() as session:
        rows = session.execute(
            text(
                "SELECT earned_ore + clawed_ore + carried_in_ore, paid_ore + carried_out_ore FROM statement"
                " ORDER BY id"
            )
        ).all()
    assert [tuple(row) for row in rows] == [(WHOLE, WHOLE), (WHOLE, WHOLE)]
    database.engine.dispose()
    migrations.upgrade(database.url)
    assert _sums(database) == before
    assert pending(database) == []
    with database.reading() as session:
        (anew,) = session.scalars(select(ReturnedPayment))
        assert anew.paid_ore == WHOLE - MARCH_ORE


def _sums(database: Database) -> list[tuple[int, int]]:
    with database.reading() as session:
        rows = session.execute(text("SELECT earned_ore + clawed_ore, paid_ore FROM statement ORDER BY id"))
        return [(int(row[0]), int(row[1])) for row in rows]
