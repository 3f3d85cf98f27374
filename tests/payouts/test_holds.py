"""A line, a leg or a provider is held: paid by nobody until somebody else lets it go, and nothing is lost."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from core.database import Database
from core.refusal import Refusal
from payouts import actions as money
from payouts.models import Batch, Hold, ReleasedLine, Statement, WithheldLine
from payouts.queries import holds
from payouts.queries.lines import Key
from payouts.queries.waiting import waiting
from tests.payouts.test_batches import COOLING_OFF, DAY, make, send, sent, sign, town
from tests.payouts.test_ledger import run
from tests.support.town import Town, noon
from vouchers import actions

__all__ = ["town"]

WHOLE, MARCH_ORE, APRIL_ORE = 725310, 356710, 368600


def leg_of(database: Database) -> int:
    with database.reading() as session:
        return int(session.scalars(text("SELECT DISTINCT leg_id FROM ledger_line")).one())


def march(database: Database) -> Key:
    return Key(leg_of(database), "base", 202603, 0)


def hold(database: Database, town: Town, what: str, by=None) -> int:
    by = by or town.maker
    told = ("evidence", "Två intyg säger emot varandra.")
    with database.transaction(1) as session:
        if what == "provider":
            made = money.hold_provider(session, town.provider_id, *told, by=by, at=noon(DAY))
        elif what == "leg":
            made = money.hold_leg(session, _leg(session), *told, by=by, at=noon(DAY))
        else:
            made = money.hold_line(session, Key(_leg(session), "base", 202603, 0), *told, by=by, at=noon(DAY))
        return made.id


def _leg(session) -> int:
    return int(session.scalars(text("SELECT DISTINCT leg_id FROM ledger_line")).one())


def let_go(database: Database, hold_id: int, by) -> None:
    with database.transaction(1) as session:
        money.release(session, hold_id, "Intygen är rättade.", by=by, at=noon(DAY))


def statement(database: Database, batch: Batch) -> Statement:
    with database.reading() as session:
        return session.scalars(select(Statement).where(Statement.batch_id == batch.id)).one()


def pending(database: Database) -> list[int]:
    with database.reading() as session:
        return [row.paid_ore for row in money.pending(session, 1, cooling_off_days=COOLING_OFF, today=DAY)]


def test_a_held_provider_gets_nothing_and_what_waits_is_paid_when_it_is_let_go(database, town):
    held = hold(database, town, "provider")
    assert pending(database) == []
    with pytest.raises(Refusal) as refusal:
        make(database, town.maker)
    assert refusal.value.code == "nothing_to_pay"
    with database.reading() as session:
        (row,) = waiting(session, 1)
        assert (row.held, row.net_ore) == (True, WHOLE)
    let_go(database, held, town.signer)
    assert sent(database, town).paid_ore == WHOLE


@pytest.mark.parametrize(("what", "paid"), [("line", APRIL_ORE), ("leg", 0)])
def test_what_is_held_is_left_out_told_and_paid_by_the_batch_after_it_is_let_go(database, town, what, paid):
    """Trap 17: paid and withheld are told apart, each with its reason, and add up."""
    held = hold(database, town, what)
    if what == "leg":
        assert pending(database) == [], "a provider of whom all is held waits whole"
        let_go(database, held, town.signer)
        assert sent(database, town).paid_ore == WHOLE
        return
    batch = sent(database, town)
    assert (batch.paid_ore, batch.lines) == (paid, 1)
    told = statement(database, batch)
    assert (told.earned_ore, told.withheld_ore, told.paid_ore) == (WHOLE, MARCH_ORE, APRIL_ORE)
    with database.reading() as session:
        (line,) = session.scalars(select(WithheldLine))
        assert (line.part, line.amount_ore, line.hold_id) == (202603, MARCH_ORE, held)
    assert pending(database) == []
    let_go(database, held, town.signer)
    later = sent(database, town)
    told = statement(database, later)
    assert (told.earned_ore, told.released_ore, told.paid_ore, later.lines) == (0, MARCH_ORE, MARCH_ORE, 1)
    assert pending(database) == []


def test_a_clawback_that_is_held_is_drawn_when_it_is_let_go_and_not_before(database, town):
    sent(database, town)
    with database.transaction(1) as session:
        report = session.scalars(text("SELECT evidence_id FROM ledger_line WHERE part = 202603")).one()
        actions.withdraw_report(session, int(report), by=town.coach, today=DAY)
        town.reported(session, _leg(session), date(2026, 5, 1))
    run(database)
    held = hold(database, town, "line")
    batch = sent(database, town)
    told = statement(database, batch)
    assert (told.clawed_ore, told.withheld_ore, told.paid_ore) == (-MARCH_ORE, -MARCH_ORE, 368600)
    let_go(database, held, town.signer)
    with database.transaction(1) as session:
        town.reported(session, _leg(session), date(2026, 6, 1))
    run(database)
    told = statement(database, sent(database, town))
    assert (told.released_ore, told.paid_ore) == (-MARCH_ORE, told.earned_ore - MARCH_ORE)


def test_who_held_does_not_let_go_and_nobody_lets_go_twice(database, town):
    held = hold(database, town, "provider")
    with pytest.raises(Refusal) as refusal:
        let_go(database, held, town.maker)
    assert refusal.value.code == "releaser_held"
    let_go(database, held, town.signer)
    with pytest.raises(Refusal) as refusal:
        let_go(database, held, town.other_signer)
    assert refusal.value.code == "hold_released"


def test_a_thing_is_held_once_at_a_time_with_reasons_and_by_finance(database, town):
    hold(database, town, "provider")
    with pytest.raises(Refusal) as refusal:
        hold(database, town, "provider", town.signer)
    assert refusal.value.code == "held_already"
    with pytest.raises(Refusal) as refusal:
        hold(database, town, "leg", town.guide)
    assert refusal.value.code == "forbidden"
    for reason, words, code in (
        ("evidence", "  ", "reasons_missing"),
        ("evidence", "x" * 2_001, "reasons_long"),
        ("whim", "Känns fel.", "hold_reason_unknown"),
    ):
        with pytest.raises(Refusal) as refusal, database.transaction(1) as session:
            money.hold_provider(session, town.other_provider_id, reason, words, by=town.maker, at=noon(DAY))
        assert refusal.value.code == code


def test_the_run_is_told_what_is_held(database, town):
    hold(database, town, "provider")
    hold(database, town, "leg")
    line = hold(database, town, "line")
    leg_id = leg_of(database)
    with database.reading() as session:
        found = holds.active(session, 1)
    assert found == holds.Held(
        frozenset({leg_id}), frozenset({town.provider_id}), frozenset({(leg_id, "base", 202603)})
    )
    let_go(database, line, town.signer)
    with database.reading() as session:
        assert holds.active(session, 1).keys == frozenset()
        assert holds.active(session, 2) == holds.Held(frozenset(), frozenset(), frozenset())


@pytest.mark.parametrize("what", ["provider", "leg", "line"])
@pytest.mark.parametrize("signers", [0, 1, 2])
def test_what_is_held_after_the_batch_was_made_is_neither_signed_nor_sent(database, town, what, signers):
    batch = make(database, town.maker)
    two = (town.signer, town.other_signer)
    for signer in two[:signers]:
        sign(database, batch, signer)
    held = hold(database, town, what)
    with pytest.raises(Refusal) as refusal:
        send(database, batch, town.maker) if signers == 2 else sign(database, batch, two[signers])
    assert refusal.value.code == "batch_holds_held"
    state = ("reviewed", "approved", "sent")[signers]
    with pytest.raises(DBAPIError), database.transaction(1) as session:
        if signers < 2:
            session.execute(
                text(
                    "INSERT INTO signature"
                    " (municipality_id, batch_id, step, account_id, made_by, content_hash, signed_at)"
                    " VALUES (1, :batch, :step, :who, :maker, :hash, '2026-07-01 12:00:00+00:00')"
                ),
                {
                    "batch": batch.id,
                    "step": signers + 1,
                    "who": two[signers].account_id,
                    "maker": batch.made_by,
                    "hash": batch.content_hash,
                },
            )
        session.execute(text("UPDATE batch SET state = :state"), {"state": state})
    let_go(database, held, town.signer)
    for signer in two[signers:]:
        sign(database, batch, signer)
    assert send(database, batch, town.maker).state == "sent"


def test_a_line_that_is_held_again_before_the_batch_that_pays_it_is_signed_stops_that_batch(database, town):
    first = hold(database, town, "line")
    sent(database, town)
    let_go(database, first, town.signer)
    batch = make(database, town.maker)
    hold(database, town, "leg")
    with pytest.raises(Refusal) as refusal:
        sign(database, batch, town.signer)
    assert refusal.value.code == "batch_holds_held"
    with database.transaction(1) as session:
        money.void(session, batch.id, "Hålls inne igen.", by=town.maker)
    with database.reading() as session:
        assert session.scalars(select(ReleasedLine)).all() == []
    assert pending(database) == []


def test_a_stopped_batch_withholds_nothing(database, town):
    held = hold(database, town, "line")
    batch = make(database, town.maker)
    with database.transaction(1) as session:
        money.void(session, batch.id, "Fel dag.", by=town.maker)
    with database.reading() as session:
        assert session.scalars(select(WithheldLine)).all() == []
    let_go(database, held, town.signer)
    assert sent(database, town).paid_ore == WHOLE


def test_how_much_waits_for_each_hold(database, town):
    provider = hold(database, town, "provider")
    with database.reading() as session:
        assert holds.waits_by_hold(session, 1) == {provider: (2, WHOLE)}
    let_go(database, provider, town.signer)
    line = hold(database, town, "line")
    with database.reading() as session:
        assert holds.waits_by_hold(session, 1) == {line: (1, MARCH_ORE)}
    sent(database, town)
    with database.reading() as session:
        assert holds.waits_by_hold(session, 1) == {line: (1, MARCH_ORE)}


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM hold",
        "UPDATE hold SET provider_id = provider_id + 1",
        "UPDATE hold SET words = 'annat'",
        "UPDATE hold SET released_by = held_by, released_at = held_at, release_words = 'x'",
        "UPDATE hold SET released_at = held_at",
        "UPDATE withheld_line SET amount_ore = amount_ore + 1",
        "DELETE FROM withheld_line",
        "INSERT INTO released_line SELECT municipality_id, scope_id, component, part, sequence, batch_id,"
        " provider_id, amount_ore FROM withheld_line",
        "INSERT INTO hold SELECT kind, provider_id, voucher_id, leg_id, scope_id, component, part, reason,"
        " words, held_by, held_at, released_by, released_at, release_words, municipality_id, id + 1"
        " FROM hold",
    ],
)
def test_the_database_refuses_to_change_a_hold_or_what_it_withheld(database, town, statement):
    hold(database, town, "line")
    sent(database, town)
    with pytest.raises(DBAPIError), database.transaction(1) as session:
        session.execute(text(statement))


def test_the_database_lets_nobody_let_go_twice(database, town):
    held = hold(database, town, "provider")
    let_go(database, held, town.signer)
    with pytest.raises(DBAPIError), database.transaction(1) as session:
        session.execute(text("UPDATE hold SET release_words = 'en gång till'"))
    with database.reading() as session:
        assert session.get_one(Hold, (1, held)).release_words == "Intygen är rättade."


def test_the_database_refuses_a_payment_to_a_held_provider(database, town):
    hold(database, town, "provider")
    made = (
        "INSERT INTO batch (municipality_id, id, state, made_by, made_at, pay_on, payments, lines, paid_ore,"
        " content_hash, void_reason, seal, follow_reason, looked_reasons) VALUES (1, 7, 'frozen', 5,"
        " '2026-07-01 12:00:00+00:00', '2026-07-03', 1, 2, 100, '', '', 2, '', '')"
    )
    paid = (
        "INSERT INTO statement (municipality_id, id, batch_id, provider_id, earned_ore, clawed_ore,"
        " carried_in_ore, paid_ore, carried_out_ore, withheld_ore, released_ore, returned_ore, account_kind,"
        " account_number) VALUES (1, 8, 7, :provider, 100, 0, 0, 100, 0, 0, 0, 0, 'bankgiro', '1')"
    )
    with database.transaction(1) as session:
        session.execute(text(made))
    with pytest.raises(DBAPIError), database.transaction(1) as session:
        session.execute(text(paid), {"provider": town.provider_id})
    with database.transaction(1) as session:
        session.execute(text(paid), {"provider": town.other_provider_id})


def test_the_run_neither_books_nor_takes_back_what_is_held_and_does_both_when_it_is_let_go(database, town):
    """Trap 11 from the other side: what waits is not lost, and is booked once."""
    held = hold(database, town, "leg")
    with database.transaction(1) as session:
        report = session.scalars(text("SELECT evidence_id FROM ledger_line WHERE part = 202603")).one()
        actions.withdraw_report(session, int(report), by=town.coach, today=DAY)
        town.reported(session, _leg(session), date(2026, 5, 1))
    run(database)
    assert _parts(database) == [(202603, 0), (202604, 0)]
    let_go(database, held, town.signer)
    run(database)
    assert _parts(database) == [(202603, 0), (202603, 1), (202604, 0), (202605, 0)]
    assert pending(database) == [APRIL_ORE + 368600]


def _parts(database: Database) -> list[tuple[int, int]]:
    with database.reading() as session:
        rows = session.execute(text("SELECT part, sequence FROM ledger_line ORDER BY part, sequence"))
        return [(row.part, row.sequence) for row in rows]
