# long because: the traps are one list, and each is short
"""What peers fell into, each trap by its number.

The traps are told in the list of lessons that the project began with. The test of a trap is named after it;
where a larger test looks at the same thing, this one is the short form.
"""

from __future__ import annotations

import ast
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

import migrations
import payouts
from core.database import Database
from core.money import share, split
from core.refusal import Refusal
from payouts import actions as money
from payouts.actions.runs import Result
from payouts.models import BankAnswer, Batch, LedgerLine, RunTotal, Statement
from payouts.rules.fees import (
    SWITCHES,
    Milestone,
    Monthly,
    Offset,
    OutcomeFee,
    Policy,
    Start,
)
from providers import actions as registry
from providers.models import Provider
from providers.queries.applying import contacts
from tests.payouts import test_batches as batches
from tests.payouts.facts import Leg, facts, tariff
from tests.payouts.strategies import Rest, Seen, Stay, Told
from tests.payouts.test_ledger import leg_id, lines, run, town
from tests.payouts.test_settlement import Ledger
from tests.payouts.test_switches import fees_of, world_of
from tests.support.town import Town, noon
from vouchers import actions
from vouchers.models import ChoiceReceipt, Participant
from vouchers.rules.choice import neutral_order
from vouchers.rules.voice import counted, rating

__all__ = ["leg_id", "town"]
JANUARY, FEBRUARY, MARCH, APRIL, MAY = (date(2026, month, 1) for month in range(1, 6))
AS_OF = date(2026, 12, 31)
NEW_YEAR = date(2027, 1, 4)


def row_of(line: LedgerLine, **changes: object) -> dict[str, object]:
    """A ledger line as a row to add, with some of it changed."""
    return {column.key: getattr(line, column.key) for column in LedgerLine.__table__.columns} | changes


def through_all(database: Database) -> Result:
    """A run as of an earlier day goes through every voucher, marked or not."""
    return run(database, date(2026, 6, 29))


def added(database: Database, row: dict[str, object], run_id: int | None = 7) -> None:
    with database.transaction(1) as session:
        # A run that goes on is the only one that a line may be added to.
        session.execute(
            text(
                "INSERT INTO payment_run (municipality_id, id, as_of, made_at, made_by, lines, earned_ore,"
                " clawed_ore, digest, state) SELECT municipality_id, 7, as_of, made_at, made_by, 0, 0, 0, '',"
                " 'running' FROM payment_run LIMIT 1"
            )
        )
        session.execute(insert(LedgerLine), [row | {"run_id": run_id}])


# ── the traps ────────────────────────────────────────────────────────────────────────────────────


def test_trap_01_two_runs_at_once_book_the_same_thing_once(database, town, leg_id):
    barrier = Barrier(3)

    def race(_: int) -> int:
        barrier.wait()
        try:
            return run(database).lines
        except Refusal as refusal:
            return 0 if refusal.code == "run_in_progress" else -1

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(race, range(3))) == [0, 0, 2]
    first = lines(database)[0]
    with pytest.raises(DBAPIError):
        added(database, row_of(first))
    assert len(lines(database)) == 2


def test_trap_02_what_was_taken_back_is_not_taken_back_again(database, town, leg_id):
    run(database)
    april = next(line for line in lines(database) if line.part == 202604)
    with database.transaction(1) as session:
        actions.withdraw_report(session, april.evidence_id, by=town.coach, today=date(2026, 7, 1))
    assert run(database).clawed_ore == -april.amount_ore
    assert through_all(database).lines == 0
    back = next(line for line in lines(database) if line.sequence == 1)
    for sequence in (1, 3):
        with pytest.raises(DBAPIError):
            added(database, row_of(back, sequence=sequence))
    assert sum(line.amount_ore for line in lines(database) if line.part == 202604) == 0


def test_trap_03_a_corrected_personal_number_moves_no_money(database, town, leg_id):
    run(database)
    before = [(line.part, line.sequence, line.amount_ore) for line in lines(database)]
    with database.transaction(1) as session:
        participant = session.get_one(Participant, (1, town.participant_id))
        participant.identity_fingerprint, participant.family_name = "f" * 64, "Nynamn"
    again = through_all(database)
    assert (again.vouchers, again.lines) == (1, 0)
    assert [(line.part, line.sequence, line.amount_ore) for line in lines(database)] == before
    assert not {"identity_number", "participant_id"} & {column.key for column in LedgerLine.__table__.columns}


@pytest.mark.filterwarnings("ignore:Column 'ledger_line")
def test_trap_04_no_column_that_money_is_compared_by_may_be_empty(database, town, leg_id):
    with database.reading() as session:
        found = sa.inspect(session.connection())
        for table in ("ledger_line", "run_total", "payment_run"):
            assert [column["name"] for column in found.get_columns(table) if column["nullable"]] == []
    run(database)
    first = lines(database)[0]
    for name in LedgerLine.__table__.columns.keys():  # noqa: SIM118  # a collection of columns, not a dict
        with pytest.raises(DBAPIError):
            added(
                database, row_of(first) | {"part": 202607, name: None}, run_id=None if name == "run_id" else 7
            )
    added(database, row_of(first, part=202607))


@pytest.mark.parametrize("pause", ["stops", "runs", "spread"])
@pytest.mark.parametrize("resumed", SWITCHES["resumed"])
def test_trap_05_a_break_and_return_takes_back_no_good_month(pause: str, resumed: str):
    fees = fees_of(Monthly(0, 12), policy=Policy(pause=pause, resumed=resumed))
    ledger = Ledger()
    first = Stay(11, 1, 9, JANUARY)
    world = world_of(fees, first, Told(71, 11, JANUARY), Told(72, 11, FEBRUARY))
    ledger.run(world.facts(MARCH))
    good = ledger.net()
    assert len(good) == 2
    world.tell(replace(first, ended=date(2026, 2, 28)))
    ledger.run(world.facts(MAY))
    for fact in (Stay(12, 1, 9, MAY), Told(73, 12, MAY), Rest(12, date(2026, 5, 4), date(2026, 5, 8))):
        world.tell(fact)
        ledger.run(world.facts(date(2026, 6, 30)))
    assert {key: ore for key, ore in ledger.net().items() if key in good} == good
    assert all(row["amount"] > 0 for key, row in ledger.rows.items() if key[:3] in good)


def test_trap_06_a_refund_is_at_the_price_that_was_paid(database, town, leg_id):
    ledger = Ledger()
    reported = Leg(JANUARY, reported=[APRIL])
    ledger.run(facts(AS_OF, [reported], tariff(base=368_600)))
    back = ledger.run(facts(AS_OF, [Leg(JANUARY)], tariff(base=999_900)))
    assert (back.amount.tolist(), back.unit_price.tolist()) == ([-368_600], [368_600])
    run(database)
    april = next(line for line in lines(database) if line.part == 202604)
    for ore in (-april.amount_ore - 1, -april.amount_ore + 1, april.amount_ore):
        with pytest.raises(DBAPIError):
            added(database, row_of(april, sequence=1, amount_ore=ore, reason="changed"))
    added(database, row_of(april, sequence=1, amount_ore=-april.amount_ore, reason="changed"))


def test_trap_07_there_is_one_rule_of_rounding_and_parts_add_up(database, town, leg_id):
    assert [share(1, 1, 2), share(3, 1, 2), share(101, 1, 3), share(0, 1, 3)] == [1, 2, 34, 0]
    for ore in (0, 1, 99, 100, 101, 1_000_001):
        assert sum(split(ore, (33, 33, 34))) == ore
    run(database)
    with database.reading() as session:
        assert session.scalars(select(RunTotal.earned_ore)).one() == sum(
            line.amount_ore for line in lines(database)
        )


def test_trap_07_nothing_but_core_money_rounds():
    """No division that gives a fraction, no `round`, no float and no decimal where money is counted."""
    here = Path(payouts.__file__).parent
    faults = []
    for file in sorted([*here.glob("rules/*.py"), *here.glob("actions/**/*.py")]):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            is_division = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
            is_path = is_division and file.parts[-2] == "batches"  # a folder / a file
            named = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
            is_float = isinstance(node, ast.Constant) and isinstance(node.value, float)
            if (is_division and not is_path) or named in ("round", "float", "Decimal") or is_float:
                faults.append(f"{file.name}:{getattr(node, 'lineno', 0)}")
    assert faults == []


NEVER = {
    "a statement's sum is changed": ("UPDATE statement SET paid_ore = paid_ore + 1", "only ever added"),
    "a statement is taken away": ("DELETE FROM statement", "only ever added"),
    "a line is put into a closed batch": (
        "INSERT INTO batch_entry (municipality_id, run_id, provider_id, batch_id)"
        " SELECT e.municipality_id, t.run_id, e.provider_id, e.batch_id FROM batch_entry e, run_total t"
        " WHERE t.run_id <> e.run_id",
        "takes no more lines",
    ),
    "a line is moved to another batch": ("UPDATE batch_entry SET batch_id = 7", "never moved"),
}


@pytest.mark.parametrize(("statement", "why"), NEVER.values(), ids=NEVER.keys())
def test_trap_08_what_left_the_house_is_never_edited(database, paid, booked, statement: str, why: str):
    with database.transaction(1) as session:
        booked.reported(session, lines(database)[0].leg_id, MAY)
    assert run(database).lines == 1
    with pytest.raises(DBAPIError, match=why), database.transaction(1) as session:
        session.execute(text(statement))


def test_trap_09_a_clawback_is_never_a_payable_and_a_state_is_one_of_those_known(database, paid):
    april = next(line for line in lines(database) if line.part == 202604)
    for wrong in ({"sequence": 1, "reason": "changed"}, {"part": 202608, "amount_ore": -1}):
        with pytest.raises(DBAPIError):
            added(database, row_of(april, **wrong))
    for statement in ("UPDATE batch SET state = 'gone'", "UPDATE payment_run SET state = 'payable'"):
        with pytest.raises(DBAPIError), database.transaction(1) as session:
            session.execute(text(statement))


def test_trap_09_a_migration_leaves_every_sum_as_it_was(database, settings, town, leg_id):
    """With lines that a real run booked and took back, one step back and up again."""
    run(database)
    with database.transaction(1) as session:
        actions.withdraw_report(
            session, lines(database)[0].evidence_id, by=town.coach, today=date(2026, 7, 1)
        )
    run(database)
    sums = (
        "SELECT component, reason, count(*), sum(amount_ore) FROM ledger_line"
        " GROUP BY component, reason ORDER BY component, reason"
    )

    def totals() -> list[tuple[object, ...]]:
        with database.reading() as session:
            return [tuple(row) for row in session.execute(text(sums))]

    before = totals()
    assert len(before) == 2
    database.engine.dispose()
    migrations.downgrade(settings.database_url, "-1")
    assert totals() == before
    database.engine.dispose()
    migrations.upgrade(settings.database_url)
    assert totals() == before


def test_trap_10_no_vat_is_ever_added_whoever_is_registered(database, paid):
    """What the bank is told to pay is the lines' own sum: amounts are excluding VAT, and nothing adds any."""
    with database.reading() as session:
        batch = session.scalars(select(Batch)).one()
        statements = session.scalars(select(Statement)).all()
        booked = sum(line.amount_ore for line in lines(database))
        names = {
            column["name"]
            for table in ("ledger_line", "run_total", "statement", "batch")
            for column in sa.inspect(session.connection()).get_columns(table)
        }
    assert booked == sum(statement.paid_ore for statement in statements) == batch.paid_ore == 725_310
    assert batch.document is not None
    assert batch.document.count(b">7253.10<") == 3
    assert not {name for name in names if "vat" in name.split("_") or "tax" in name or "moms" in name}


def test_trap_11_a_milestone_is_paid_to_one_provider_after_a_switch(database, town, leg_id):
    fees = fees_of(
        Start(0), Milestone((Offset(30, "days"), Offset(60, "days")), (50, 50)), OutcomeFee((100,))
    )
    world = world_of(
        fees,
        Stay(11, 1, 1, JANUARY, date(2026, 2, 20)),
        Stay(12, 1, 2, date(2026, 2, 21)),
        Seen(81, 11, False, 1, date(2026, 2, 10)),
        Seen(82, 12, False, 1, date(2026, 4, 10)),
    )
    ledger = Ledger()
    ledger.run(world.facts(AS_OF))
    paid = sorted((row["component"], row["part"], row["provider_id"]) for row in ledger.rows.values())
    assert paid == [(1, 1, 1), (3, 1, 1), (3, 1_000_001, 1), (3, 1_000_002, 2)]
    run(database)
    base = lines(database)[0]
    of_voucher = {"component": "result", "part": 1, "scope_id": base.voucher_id, "sequence": 0}
    for wrong in (
        [of_voucher, of_voucher | {"provider_id": town.other_provider_id}],
        [of_voucher | {"scope_id": base.leg_id}],
    ):
        with pytest.raises(DBAPIError), database.transaction(1) as session:
            session.execute(insert(LedgerLine), [row_of(base, **row) for row in wrong])


def test_trap_12_the_maker_does_not_sign_and_new_bank_details_wait(database, booked):
    town = booked
    batch = batches.make(database, town.maker)
    maker_as_signer = replace(town.maker, roles=town.signer.roles)
    with pytest.raises(Refusal) as refusal:
        batches.sign(database, batch, maker_as_signer)
    assert refusal.value.code == "signer_is_maker"
    batches.sign(database, batch, town.signer)
    with pytest.raises(Refusal) as refusal:
        batches.sign(database, batch, town.signer)
    assert refusal.value.code == "signer_has_signed"
    with database.transaction(1) as session:
        money.void(session, batch.id, "Bankuppgifterna ändras.", by=town.maker)
        provider = session.get_one(Provider, (1, town.provider_id))
        new = registry.propose_bank_details(
            session, provider, "bankgiro", "5050-1055", by=town.maker, today=batches.DAY
        )
        with pytest.raises(Refusal) as refusal:
            registry.approve_bank_details(session, new.id, by=town.maker, today=batches.DAY)
        assert refusal.value.code == "bank_details_same_person"
        contact = contacts(session, 1, provider.id)[0]
        registry.call_back(session, new.id, contact.id, by=town.maker, today=batches.DAY)
        registry.approve_bank_details(session, new.id, by=town.signer, today=batches.DAY)
    with database.reading() as session:
        (now,) = money.pending(session, 1, cooling_off_days=batches.COOLING_OFF, today=batches.DAY)
    assert now.details is not None
    assert now.details.number != "50501055"


def test_trap_13_an_answer_is_matched_on_its_amount_too(database, paid, booked):
    with database.reading() as session:
        batch = session.scalars(select(Batch)).one()
    read = batches.answer(database, booked, batches._rejection(batch, amount="7253.11", status="ACSC"))
    assert (read.accepted, read.unmatched) == (0, 1)
    assert batches.state(database, batch) == "sent"
    with database.reading() as session:
        assert session.scalars(select(BankAnswer.statement_id)).all() == [None]
    read = batches.answer(database, booked, batches._rejection(batch, status="ACSC"))
    assert (read.accepted, read.unmatched) == (1, 0)


def test_trap_14_money_is_whole_ore_in_whole_number_columns_and_totals_are_never_changed(database, paid):
    with database.reading() as session:
        found = sa.inspect(session.connection())
        columns = [(t, c) for t in found.get_table_names() for c in found.get_columns(t)]
    amounts = [(table, column) for table, column in columns if column["name"].endswith("_ore")]
    assert len(amounts) > 10
    assert [(t, c["name"]) for t, c in amounts if not isinstance(c["type"], sa.Integer)] == []
    fractions = [(t, c["name"]) for t, c in columns if isinstance(c["type"], sa.Float | sa.Numeric)]
    assert [name for name in fractions if name[0] in LedgerLine.metadata.tables and "ore" in name[1]] == []
    for statement in ("UPDATE run_total SET earned_ore = earned_ore + 1", "UPDATE payment_run SET lines = 9"):
        with pytest.raises(DBAPIError), database.transaction(1) as session:
            session.execute(text(statement))


def test_trap_15_a_star_counts_people_and_the_order_favours_nobody():
    """Ten persons who said five and one who said one are not three: the mean is of people, each once."""
    said = [(person, 5) for person in range(10)] + [(10, 1)] * 3 + [(person, 1) for person in range(11, 15)]
    people = counted(said)
    assert rating(people, 5).people == len({person for person, _ in said}) == 15
    assert rating(people, 5).mean_tenths == 37
    ids = list(range(1, 31))
    orders = [neutral_order(f"visitor {number}", ids) for number in range(200)]
    assert orders == [neutral_order(f"visitor {number}", ids) for number in range(200)]
    assert all(sorted(order) == ids for order in orders)
    firsts = {order[0] for order in orders}
    assert len(firsts) == len(ids)


def test_trap_16_what_the_chooser_saw_is_kept_as_it_was(database, town):
    shown: dict[str, object] = {"provider": {"name": "Stigfinnarna", "free": 3}, "register": "sha"}
    with database.transaction(1) as session:
        made = actions.choose(
            session, town.voucher_id, town.provider_id, shown, by=town.seeker, at=noon(town.decided_on)
        )
        chosen = made.id
    with database.transaction(1) as session:
        session.get_one(Provider, (1, town.provider_id)).name = "Ett annat namn"
    with database.reading() as session:
        receipt = session.scalars(select(ChoiceReceipt).where(ChoiceReceipt.leg_id == chosen)).one()
    assert receipt.shown == shown
    for statement in ("UPDATE choice_receipt SET shown = '{}'", "DELETE FROM choice_receipt"):
        with pytest.raises(DBAPIError), database.transaction(1) as session:
            session.execute(text(statement))


def test_trap_17_a_statement_tells_what_is_paid_clawed_back_and_carried_apart(database, paid, booked):
    town = booked
    withdrawn = next(line for line in lines(database) if line.part == 202604)
    with database.transaction(1) as session:
        actions.withdraw_report(session, withdrawn.evidence_id, by=town.coach, today=batches.DAY)
        town.reported(session, withdrawn.leg_id, date(2026, 5, 1))
        actions.withdraw_report(
            session,
            next(line for line in lines(database) if line.part == 202603).evidence_id,
            by=town.coach,
            today=batches.DAY,
        )
    run(database)
    batch = batches.sent(database, town)
    with database.reading() as session:
        it = session.scalars(select(Statement).where(Statement.batch_id == batch.id)).one()
        told = session.execute(
            select(LedgerLine.reason, LedgerLine.amount_ore).where(
                LedgerLine.run_id != lines(database)[0].run_id
            )
        ).all()
    assert (it.earned_ore, it.clawed_ore, it.paid_ore, it.carried_out_ore) == (368_600, -725_310, 0, -356_710)
    assert {reason for reason, _ in told} == {"earned", "no_longer_earned"}


@pytest.fixture
def booked(database: Database) -> Town:
    """A town where two months are approved and booked."""
    return batches.town.__wrapped__(database)  # type: ignore[attr-defined]  # the fixture's own function


@pytest.fixture
def paid(database: Database, booked: Town) -> Batch:
    """The same, made into a batch, signed by two and sent."""
    return batches.sent(database, booked)


def test_every_trap_has_a_test_that_names_it():
    named = {name[:12] for name in globals() if name.startswith("test_trap_")}
    assert named == {f"test_trap_{number:02}" for number in range(1, 18)}
