"""A batch: made by one, signed by two others, sent as signed, answered by a bank that answers."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.demo.people import organisation_number
from core.actor import Actor
from core.database import Database
from core.refusal import Refusal
from payouts import actions as money
from payouts.actions.batches import Debtor, Declared
from payouts.models import BankAnswer, Batch, BatchEntry, Signature, Statement
from payouts.rails import pain001
from payouts.rules.batches import net
from providers import actions as registry
from providers.models import Provider
from providers.queries.applying import contacts
from tests.payouts.test_ledger import APRIL, MARCH, run
from tests.support.bank import MUNICIPALITY_BIC, MUNICIPALITY_IBAN
from tests.support.town import Town, found, noon
from tools.demo_bank import Bank
from vouchers import actions

DEBTOR = Debtor("Exempelstad", organisation_number(2120), MUNICIPALITY_IBAN, MUNICIPALITY_BIC)
DAY = date(2026, 7, 1)
COOLING_OFF = 3


@pytest.fixture
def town(database: Database) -> Town:
    """A town where two months have been approved and booked."""
    made = found(database)
    with database.transaction(1) as session:
        leg_id = made.started(session)
        for month in (MARCH, APRIL):
            made.reported(session, leg_id, month)
    run(database)
    return made


def make(database: Database, by: Actor, declared: Declared | None = None, day: date = DAY) -> Batch:
    with database.transaction(1) as session:
        rows = money.pending(session, 1, cooling_off_days=COOLING_OFF, today=day)
        seen = declared or Declared(sum(row.paid_ore > 0 for row in rows), sum(row.paid_ore for row in rows))
        return money.make_batch(session, seen, cooling_off_days=COOLING_OFF, by=by, at=noon(day))


def sign(database: Database, batch: Batch, by: Actor, seen: str | None = None) -> None:
    with database.transaction(1) as session:
        money.sign(session, batch.id, seen or batch.content_hash, by=by, at=noon(DAY))


def send(database: Database, batch: Batch, by: Actor, day: date = DAY) -> Batch:
    with database.transaction(1) as session:
        return money.send(session, batch.id, DEBTOR, by=by, at=noon(day))


def sent(database: Database, town: Town, day: date = DAY) -> Batch:
    batch = make(database, town.maker, day=day)
    sign(database, batch, town.signer)
    sign(database, batch, town.other_signer)
    return send(database, batch, town.maker, day)


def answer(database: Database, town: Town, document: bytes) -> money.Read:
    with database.transaction(1) as session:
        return money.read_answer(session, document, by=town.maker, at=noon(DAY))


def state(database: Database, batch: Batch) -> str:
    with database.reading() as session:
        return session.get_one(Batch, (1, batch.id)).state


def test_the_whole_way_to_the_bank_and_back(database, town):
    batch = sent(database, town)
    assert batch.document is not None
    pain001.validate(batch.document)
    with Bank(clock="2026-07-01T12:30") as bank:
        bank.open_account(MUNICIPALITY_IBAN, name="Exempelstad")
        told = bank.receive(batch.document)
    assert told is not None
    read = answer(database, town, told)
    assert (read.accepted, read.rejected, read.unmatched) == (1, 0, 0)
    assert state(database, batch) == "accepted"
    again = answer(database, town, told)
    assert not again.is_new


def test_the_file_holds_exactly_what_was_signed(database, town):
    batch = sent(database, town)
    assert batch.document is not None
    assert batch.document.count(b"7253.10") == 3  # the group's sum, the payment's, and the transfer itself
    assert b"<NbOfTxs>1</NbOfTxs>" in batch.document


def test_nobody_signs_their_own_batch_or_twice(database, town):
    """Trap 12."""
    batch = make(database, town.maker)
    with pytest.raises(Refusal) as refusal:
        sign(database, batch, town.maker)
    assert refusal.value.code == "forbidden"
    both = Actor("person", 1, town.maker.account_id, town.signer.roles)
    with pytest.raises(Refusal) as refusal:
        sign(database, batch, both)
    assert refusal.value.code == "signer_is_maker"
    sign(database, batch, town.signer)
    with pytest.raises(Refusal) as refusal:
        sign(database, batch, town.signer)
    assert refusal.value.code == "signer_has_signed"
    with pytest.raises(Refusal):
        send(database, batch, town.maker)
    assert state(database, batch) == "reviewed"


def test_the_maker_vouches_for_count_and_sum(database, town):
    for declared in (Declared(2, 725310), Declared(1, 725309), Declared(0, 0)):
        with pytest.raises(Refusal) as refusal:
            make(database, town.maker, declared)
        assert refusal.value.code == "batch_changed"
    assert make(database, town.maker, Declared(1, 725310)).paid_ore == 725310


def test_a_signature_is_over_what_was_seen(database, town):
    batch = make(database, town.maker)
    with pytest.raises(Refusal) as refusal:
        sign(database, batch, town.signer, seen="0" * 64)
    assert refusal.value.code == "batch_not_as_signed"


def test_one_open_batch_at_a_time_and_a_stopped_one_gives_its_lines_back(database, town):
    batch = make(database, town.maker)
    with pytest.raises(Refusal) as refusal:
        make(database, town.maker)
    assert refusal.value.code == "batch_open"
    with database.transaction(1) as session:
        money.void(session, batch.id, "Fel dag.", by=town.maker)
    assert make(database, town.maker).paid_ore == 725310


@pytest.mark.parametrize("signers", [0, 1, 2])
def test_a_batch_is_stopped_until_it_is_sent_and_its_signatures_stay(database, town, signers):
    batch = make(database, town.maker)
    for signer in (town.signer, town.other_signer)[:signers]:
        sign(database, batch, signer)
    with database.transaction(1) as session:
        money.void(session, batch.id, "Fel dag.", by=town.maker)
    assert state(database, batch) == "void"
    with database.reading() as session:
        assert len(session.scalars(select(Signature)).all()) == signers
    assert sent(database, town).paid_ore == 725310


def test_nothing_is_stopped_once_it_is_sent(database, town):
    batch = sent(database, town)
    with pytest.raises(Refusal) as refusal, database.transaction(1) as session:
        money.void(session, batch.id, "Ångrar mig.", by=town.maker)
    assert refusal.value.code == "batch_step_not_possible"


def test_new_bank_details_are_not_paid_to_before_two_persons_and_the_cooling_off(database, town):
    """Trap 12: bank details changed just before a payment."""
    with database.transaction(1) as session:
        provider = session.get_one(Provider, (1, town.provider_id))
        new = registry.propose_bank_details(
            session, provider, "bankgiro", "5050-1055", by=town.maker, today=DAY
        )
        with pytest.raises(Refusal) as refusal:
            registry.approve_bank_details(session, new.id, by=town.maker, today=DAY)
        assert refusal.value.code == "bank_details_same_person"
        contact = contacts(session, 1, provider.id)[0]
        registry.call_back(session, new.id, contact.id, by=town.maker, today=DAY)
        registry.approve_bank_details(session, new.id, by=town.signer, today=DAY)
    with database.reading() as session:
        (now,) = money.pending(session, 1, cooling_off_days=COOLING_OFF, today=DAY)
        (later,) = money.pending(session, 1, cooling_off_days=COOLING_OFF, today=date(2026, 7, 4))
    assert now.details is not None
    assert now.details.number != "50501055"
    assert later.details is not None
    assert later.details.number == "50501055"


def test_a_negative_net_is_carried_and_never_sent(database, town):
    """Trap 17: paid, clawed back and carried are told apart."""
    sent(database, town)
    with database.transaction(1) as session:
        for line in session.execute(text("SELECT evidence_id FROM ledger_line")).all():
            actions.withdraw_report(session, line.evidence_id, by=town.coach, today=DAY)
    run(database)
    batch = sent(database, town)
    assert (batch.payments, batch.paid_ore, batch.document) == (0, 0, None)
    with database.reading() as session:
        statement = session.scalars(select(Statement).where(Statement.batch_id == batch.id)).one()
    assert (statement.clawed_ore, statement.paid_ore, statement.carried_out_ore) == (-725310, 0, -725310)
    assert state(database, batch) == "accepted"


def test_what_is_carried_meets_what_is_earned_later(database, town):
    sent(database, town)
    with database.transaction(1) as session:
        april = session.execute(text("SELECT evidence_id FROM ledger_line WHERE part = 202604")).scalar_one()
        actions.withdraw_report(session, april, by=town.coach, today=DAY)
    run(database)
    sent(database, town)
    with database.transaction(1) as session:
        leg = session.execute(text("SELECT leg_id FROM ledger_line")).scalars().first()
        assert leg
        for month in (APRIL, date(2026, 5, 1)):
            town.reported(session, leg, month)
    run(database)
    batch = sent(database, town)
    assert batch.paid_ore == 368600 * 2 - 368600


def test_a_payment_that_the_bank_refuses_comes_back_in_the_next_batch(database, town):
    batch = sent(database, town)
    told = _rejection(batch)
    read = answer(database, town, told)
    assert (read.accepted, read.rejected) == (0, 1)
    assert state(database, batch) == "partly_rejected"
    assert make(database, town.maker).paid_ore == 725310


def test_an_answer_with_another_amount_is_kept_for_a_person_and_closes_nothing(database, town):
    """Trap 13: an answer is matched on amount, not on its code alone."""
    batch = sent(database, town)
    read = answer(database, town, _rejection(batch, amount="1.00", status="ACSC"))
    assert (read.accepted, read.unmatched) == (0, 1)
    assert state(database, batch) == "sent"
    with database.reading() as session:
        assert session.scalars(select(BankAnswer.statement_id)).all() == [None]


@pytest.mark.parametrize(
    "document", [b"", b"not xml", b"<a/>", b"\x00" * 100], ids=["empty", "text", "other", "nul"]
)
def test_a_damaged_answer_is_refused_with_a_sentence(database, town, document):
    sent(database, town)
    with pytest.raises(Refusal) as refusal:
        answer(database, town, document)
    assert len(str(refusal.value)) > 20


def test_an_answer_to_somebody_elses_file_is_refused(database, town):
    batch = sent(database, town)
    foreign = _rejection(batch).replace(str(batch.id).encode(), b"123")
    with pytest.raises(Refusal) as refusal:
        answer(database, town, foreign)
    assert refusal.value.code == "answer_to_nothing"


def _rejection(batch: Batch, amount: str = "7253.10", status: str = "RJCT") -> bytes:
    assert batch.document is not None
    reference = batch.document.split(b"<EndToEndId>")[1].split(b"<")[0].decode()
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>
<GrpHdr><MsgId>B1</MsgId><CreDtTm>2026-07-02T10:00:00</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>{batch.id}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>
</OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>{batch.id}</OrgnlPmtInfId><TxInfAndSts>
<OrgnlEndToEndId>{reference}</OrgnlEndToEndId><TxSts>{status}</TxSts>
<OrgnlTxRef><Amt><InstdAmt Ccy="SEK">{amount}</InstdAmt></Amt></OrgnlTxRef>
</TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>""".encode()


NEVER = {
    "a batch's sum is changed": "UPDATE batch SET paid_ore = 1",
    "what was signed is changed": "UPDATE batch SET content_hash = 'x'",
    "the file is changed": "UPDATE batch SET document = NULL",
    "a sent batch is stopped": "UPDATE batch SET state = 'void'",
    "a sent batch is opened again": "UPDATE batch SET state = 'frozen'",
    "a batch is deleted": "DELETE FROM batch",
    "a statement is changed": "UPDATE statement SET paid_ore = paid_ore + 1",
    "a statement is deleted": "DELETE FROM statement",
    "a signature is changed": "UPDATE signature SET account_id = 1",
    "a signature is deleted": "DELETE FROM signature",
    "a line is taken out": "DELETE FROM batch_entry",
    "a line is moved": "UPDATE batch_entry SET batch_id = 1",
}


@pytest.mark.parametrize("statement", NEVER.values(), ids=NEVER.keys())
def test_the_database_refuses_that(database, town, statement):
    """Traps 7 and 8."""
    sent(database, town)
    with pytest.raises(DBAPIError), database.transaction(1) as session:
        session.execute(text(statement))


def test_the_database_refuses_to_send_what_two_have_not_signed(database, town):
    batch = make(database, town.maker)
    for step in ("reviewed", "approved", "sent"):
        with pytest.raises(DBAPIError), database.transaction(1) as session:
            session.execute(text("UPDATE batch SET state = :step"), {"step": step})
    sign(database, batch, town.signer)
    for step in ("approved", "sent"):
        with pytest.raises(DBAPIError), database.transaction(1) as session:
            session.execute(text("UPDATE batch SET state = :step"), {"step": step})


def test_the_database_refuses_the_makers_signature_and_a_second_by_the_same(database, town):
    batch = make(database, town.maker)
    row = (
        "INSERT INTO signature"
        " (municipality_id, batch_id, step, account_id, made_by, content_hash, signed_at)"
        " VALUES (1, :batch, :step, :who, :maker, :hash, '2026-07-01 12:00:00+00:00')"
    )
    values = {"batch": batch.id, "maker": batch.made_by, "hash": batch.content_hash}
    for maker, who in ((batch.made_by, batch.made_by), (5, town.signer.account_id)):
        with pytest.raises(DBAPIError), database.transaction(1) as session:
            session.execute(text(row), {**values, "maker": maker, "who": who, "step": 1})
    sign(database, batch, town.signer)
    with pytest.raises(DBAPIError), database.transaction(1) as session:
        session.execute(text(row), {**values, "who": town.signer.account_id, "step": 2})


def test_lines_stand_in_one_batch(database, town):
    sent(database, town)
    with database.reading() as session:
        assert len(session.scalars(select(BatchEntry)).all()) == 1
        assert money.pending(session, 1, cooling_off_days=COOLING_OFF, today=DAY) == []


def test_the_database_refuses_a_batch_that_is_not_the_sum_of_what_it_holds(database, town):
    """Trap 9: sums are compared by the database itself when the batch is sealed."""
    with database.reading() as session:
        (row,) = money.pending(session, 1, cooling_off_days=COOLING_OFF, today=DAY)
        run_id = session.scalars(text("SELECT run_id FROM run_total")).one()
    batch = (
        "INSERT INTO batch (municipality_id, id, state, made_by, made_at, pay_on, payments, lines, paid_ore,"
        " content_hash, void_reason, seal, follow_reason, looked_reasons) VALUES (1, 7, 'frozen', 5,"
        " '2026-07-01 12:00:00+00:00', '2026-07-03', 1, 2, :batch, '', '', 2, '', '')"
    )
    statement = (
        "INSERT INTO statement (municipality_id, id, batch_id, provider_id, earned_ore, clawed_ore,"
        " carried_in_ore, paid_ore, carried_out_ore, withheld_ore, released_ore, returned_ore, account_kind,"
        " account_number) VALUES (1, 8, 7, :provider, :earned, 0, 0, :earned, 0, 0, 0, 0, 'bankgiro', '1')"
    )
    entry = (
        "INSERT INTO batch_entry (municipality_id, run_id, provider_id, batch_id)"
        " VALUES (1, :run, :provider, 7)"
    )
    seal = "UPDATE batch SET content_hash = 'x' WHERE id = 7"
    whole = row.paid_ore
    for of_batch, of_statement, is_right in (
        (whole, whole, True),
        (whole + 1, whole, False),
        (whole + 1, whole + 1, False),
    ):
        asked = {"batch": of_batch, "provider": row.provider_id, "earned": of_statement, "run": run_id}

        def store(asked=asked):
            with database.transaction(1) as session:
                for sentence in (batch, statement, entry, seal):
                    session.execute(text(sentence), asked)
                session.flush()
                raise Rolled

        with pytest.raises(Rolled if is_right else DBAPIError):
            store()


class Rolled(Exception):
    """Nothing is to stay."""


@pytest.mark.parametrize(
    ("earned", "clawed", "carried", "payable", "paid", "on"),
    [
        (100, 0, 0, True, 100, 0),
        (100, -30, 0, True, 70, 0),
        (100, -130, 0, True, 0, -30),
        (100, 0, -100, True, 0, 0),
        (100, 0, -99, True, 1, 0),
        (0, 0, 50, True, 50, 0),
        (100, 0, 0, False, 0, 100),
    ],
)
def test_net(earned, clawed, carried, payable, paid, on):
    result = net(earned, clawed, carried, payable=payable)
    assert (result.paid_ore, result.carried_out_ore) == (paid, on)
    assert earned + clawed + carried == paid + on
