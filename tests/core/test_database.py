"""Transactions that are all or nothing, writers that take turns, ids that never repeat."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError, StatementError
from sqlalchemy.orm import Session

from core import audit
from core.actor import Account, Actor
from core.audit import AuditEntry, Subject
from core.database import Database, Keys, Municipality, fetch, new_id, new_ids, part_of
from core.refusal import Missing, Refusal
from core.running import try_run_lock
from tests.support import postgres
from tests.support.crowd import at_once
from tests.support.house import open_database, settings_for


def town(number: int) -> Municipality:
    return Municipality(id=number, name=f"Exempelkommun {number}", organisation_number="2120000001")


def account(number: int) -> Account:
    return Account(municipality_id=1, name=f"Provperson {number}", is_active=True)


def count(database: Database) -> int:
    with database.reading() as session:
        return session.query(Municipality).count()


@pytest.fixture
def on_postgresql(postgres_server: postgres.Server, tmp_path) -> Iterator[Database]:
    url = postgres_server.migrated()
    opened = open_database(settings_for(url, tmp_path))
    yield opened
    opened.dispose()
    postgres_server.drop(url)


def add_two(database: Database, then: str) -> None:
    with database.transaction() as session:
        session.add_all([town(2), town(3)])
        session.flush()
        assert session.query(Municipality).count() == 3
        session.execute(text(then))


def test_a_transaction_is_all_or_nothing(database: Database):
    with database.transaction() as session:
        session.add(town(1))
    with pytest.raises(IntegrityError):
        add_two(database, "INSERT INTO municipality SELECT * FROM municipality WHERE id = 3")
    with pytest.raises((OperationalError, ProgrammingError)):
        add_two(database, "SELECT no_such_column FROM municipality")
    assert count(database) == 1
    add_two(database, "SELECT 1")
    assert count(database) == 3


def refuse(session: Session, *rows: Municipality) -> None:
    session.add_all(rows)
    session.flush()
    raise Refusal("no", "Nej.")


def test_a_refusal_undoes_what_was_done_before_it(database: Database):
    with pytest.raises(Refusal), database.transaction() as session:
        refuse(session, town(1), town(2))
    assert count(database) == 0


def test_what_is_written_while_reading_is_not_kept(database: Database):
    with database.reading() as session:
        session.add(town(1))
        session.flush()
    assert count(database) == 0


def test_a_part_may_fail_alone(database: Database):
    with database.transaction(1) as session:
        session.add(town(1))
        with pytest.raises(Refusal), part_of(session):
            refuse(session, town(2))
        session.add(town(3))
    with database.reading() as session:
        assert sorted(session.scalars(select(Municipality.id))) == [1, 3]


def test_a_row_of_another_municipality_is_missing(database: Database):
    with database.transaction() as session:
        row = account(1)
        session.add_all([town(1), town(2), row])
    with database.reading() as session:
        assert fetch(session, Account, 1, row.id).name == "Provperson 1"
        with pytest.raises(Missing):
            fetch(session, Account, 2, row.id)


def test_a_row_must_belong_to_something_that_exists(database: Database):
    with pytest.raises(IntegrityError), database.transaction(1) as session:
        session.execute(
            text("INSERT INTO account_role (municipality_id, account_id, role) VALUES (1, 99, 'inspector')")
        )


def test_a_moment_keeps_its_place_in_time_and_must_have_a_zone(database: Database):
    at = datetime(2026, 7, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    with database.transaction() as session:
        session.add(Municipality(id=1, name="Exempel", organisation_number="2120000001", created_at=at))
    with database.reading() as session:
        found = session.scalars(select(Municipality.created_at)).one()
    assert found == at
    assert found.tzinfo is UTC
    naive = town(2)
    naive.created_at = datetime(2026, 7, 1)  # noqa: DTZ001  # without a zone on purpose
    with pytest.raises(StatementError, match="needs its time zone"), database.transaction() as session:
        session.add(naive)


# ── writers at once ───────────────────────────────────────────────────────────────────────────────


def test_four_writers_at_once_never_meet_a_locked_database(database: Database):
    with database.transaction() as session:
        session.add(town(1))

    def writer(number: int) -> None:
        for at in range(50):
            with database.transaction(1) as session:
                session.query(Account).count()
                session.add(account(number * 50 + at))

    assert at_once(4, writer) == [None] * 4
    with database.reading() as session:
        names = set(session.scalars(select(Account.name)))
    assert names == {f"Provperson {number}" for number in range(200)}


def test_what_a_rule_saw_is_still_true_at_commit(database: Database):
    """Read, decide, write: without turns two writers would both see room for the last one."""
    with database.transaction() as session:
        session.add(town(1))

    def take_the_place(number: int) -> bool:
        with database.transaction(1) as session:
            if session.query(Account).count():
                return False
            time.sleep(0.05)
            session.add(account(number))
            return True

    assert sorted(at_once(4, take_the_place), key=str) == [False, False, False, True]


def test_a_reader_is_not_stopped_by_a_writer(database: Database):
    with database.transaction(1) as session:
        session.add(town(1))
        session.flush()
        began = time.monotonic()
        assert count(database) == 0
        assert time.monotonic() - began < 5


def test_on_postgresql_writers_of_one_municipality_take_turns_and_of_two_do_not(on_postgresql: Database):
    began, let_go, order = threading.Event(), threading.Event(), []

    def writer(municipality_id: int) -> None:
        with on_postgresql.transaction(municipality_id):
            order.append(municipality_id)

    def first(_: int) -> None:
        with on_postgresql.transaction(1):
            began.set()
            assert let_go.wait(20)
            order.append(0)

    def others(_: int) -> None:
        assert began.wait(20)
        same = threading.Thread(target=writer, args=(1,))
        same.start()
        writer(2)  # another municipality goes on at once
        time.sleep(0.3)
        assert order == [2]  # ... and the same one still waits
        let_go.set()
        same.join(20)

    assert at_once(2, lambda number: (first, others)[number](number)) == [None, None]
    assert order == [2, 0, 1]


def test_on_postgresql_only_one_payment_run_goes_on_in_a_municipality(on_postgresql: Database):
    with on_postgresql.transaction(1, serial=False) as session:
        assert try_run_lock(session, 1)
        with on_postgresql.transaction(1, serial=False) as another:
            assert not try_run_lock(another, 1)
            assert try_run_lock(another, 2)
    with on_postgresql.transaction(1, serial=False) as session:
        assert try_run_lock(session, 1)


def test_a_writer_without_turns_waits_only_for_the_trails_last_line(on_postgresql: Database):
    with on_postgresql.transaction(1), on_postgresql.transaction(1, serial=False) as bulk:
        bulk.add(town(5))
        bulk.flush()
        bulk.execute(text("SET LOCAL lock_timeout = '200ms'"))
        with pytest.raises(OperationalError, match="lock timeout"):
            audit.record(bulk, "thing.done", Subject("thing", 1), by=Actor.clock(1))
        bulk.rollback()
    with on_postgresql.reading() as session:
        assert session.query(AuditEntry).count() == 0


# ── ids ───────────────────────────────────────────────────────────────────────────────────────────


def test_ids_are_unique_and_grow_also_from_many_threads():
    one_by_one = [new_id() for _ in range(3_000)]
    assert one_by_one == sorted(set(one_by_one))
    keys = Keys()
    found = at_once(4, lambda _: [keys.take()[0] for _ in range(2_000)])
    assert not [answer for answer in found if isinstance(answer, Exception)]
    drawn = [number for answer in found if isinstance(answer, list) for number in answer]
    assert len(set(drawn)) == 8_000
    assert all(answer == sorted(answer) for answer in found if isinstance(answer, list))


def test_many_ids_at_once_are_unique_and_follow_those_before():
    before = new_id()
    many = new_ids(10_000)
    after = new_id()
    assert [before, *many, after] == sorted({before, *many, after})


def test_an_id_fits_in_63_bits_far_ahead_and_says_when_it_was_made():
    made = Keys().take()[0] >> 22  # the process's own may be ahead, after a test of another year
    assert abs(made - (time.time() * 1000 - Keys.EPOCH_MS)) < 60_000
    in_2090 = int(datetime(2090, 1, 1, tzinfo=UTC).timestamp() * 1000 - Keys.EPOCH_MS) << 22
    assert in_2090 < 2**63


def test_a_clock_that_is_set_back_gives_no_id_twice(monkeypatch: pytest.MonkeyPatch):
    keys = Keys()
    first = keys.take(5)
    monkeypatch.setattr("core.database.time.time_ns", lambda: (Keys.EPOCH_MS + 1_000) * 1_000_000)
    later = keys.take(5)
    assert later[0] > first[-1]


def test_processes_that_fork_draw_ids_of_their_own():
    new_id()
    answers = []
    for _ in range(4):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.write(writer, " ".join(map(str, new_ids(200))).encode())
            finally:
                os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as pipe:
            answers.append([int(word) for word in pipe.read().split()])
        os.waitpid(child, 0)
    answers.append(new_ids(200))
    drawn = [number for answer in answers for number in answer]
    assert len(drawn) == 1_000
    places = {answer[0] >> 10 & 0xFFF for answer in answers}
    assert len(places) > 1  # each process drew a place of its own (5 of 4 096)
    assert len(set(drawn)) >= 200 * len(places)
