"""The audit trail: a chain that shows every change, and that the database refuses to change."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from core import audit
from core.actor import Actor, Role
from core.audit import AuditEntry, Subject
from core.database import Database
from tests.support.crowd import at_once

CLOCK = Actor.clock(1)
PERSON = Actor("person", 1, 77, frozenset({Role.GUIDE}))


def write(database: Database, count: int, by: Actor = CLOCK) -> None:
    with database.transaction(by.municipality_id) as session:
        for number in range(count):
            audit.record(session, "thing.done", Subject("thing", number), by=by, number=number)


def verdict(
    database: Database, anchors: dict[int, str] | None = None, municipality_id: int = 1
) -> audit.Verdict:
    with database.reading() as session:
        return audit.verify(session, municipality_id, anchors)


def seals(database: Database) -> dict[int, str]:
    with database.reading() as session:
        rows = session.execute(select(AuditEntry.sequence, AuditEntry.seal))
        return {row.sequence: row.seal for row in rows}


def behind_the_guards(database: Database, change: Callable[[Connection], object]) -> None:
    """What somebody could do who owns the database: take the triggers away and write as they like."""
    with database.engine.begin() as connection:
        if database.is_sqlite:
            for event in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER audit_entry_no_{event}")
        else:
            connection.exec_driver_sql("ALTER TABLE audit_entry DISABLE TRIGGER ALL")
        change(connection)


def test_a_chain_nobody_has_touched_is_whole(database: Database):
    write(database, 5)
    write(database, 3, by=PERSON)
    found = verdict(database, seals(database))
    assert (found.links, found.fault_at, found.fault) == (8, None, None)
    assert found.head == seals(database)[8]


def test_no_chain_at_all_is_whole(database: Database):
    assert verdict(database) == audit.Verdict(0, audit.START, None, None)


def test_a_link_says_who_did_what_to_what(database: Database):
    with database.transaction(1) as session:
        audit.record(
            session,
            "thing.moved",
            Subject("thing", 9),
            by=PERSON,
            on=date(2026, 3, 2),
            roles=["a", "b"],
            late=True,
        )
    with database.reading() as session:
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.actor_kind, entry.account_id, entry.what) == ("person", 77, "thing.moved")
        assert (entry.subject_kind, entry.subject_id, entry.previous) == ("thing", 9, audit.START)
        assert entry.details == '{"late": true, "on": "2026-03-02", "roles": ["a", "b"]}'


CHANGES = {
    "details": '{"number": 99}',
    "account_id": 12,
    "actor_kind": "person",
    "what": "thing.undone",
    "subject_id": 4711,
    "subject_kind": "person",
    "previous": "f" * 64,
    "seal": "f" * 64,
}


def test_a_changed_link_is_found_at_its_place_whatever_was_changed(database: Database):
    write(database, 6)
    behind_the_guards(database, lambda _: None)
    for column, value in CHANGES.items():
        fourth = AuditEntry.sequence == 4
        with database.engine.begin() as connection:
            before = connection.execute(select(getattr(AuditEntry, column)).where(fourth)).scalar_one()
            connection.execute(update(AuditEntry).where(fourth).values({column: value}))
        assert verdict(database).fault_at == 4, column
        with database.engine.begin() as connection:
            connection.execute(update(AuditEntry).where(fourth).values({column: before}))
        assert verdict(database).fault_at is None, column


def test_a_moved_moment_is_found(database: Database):
    write(database, 6)
    earlier = "datetime(at, '-1 second')" if database.is_sqlite else "at - interval '1 second'"
    behind_the_guards(
        database,
        lambda connection: connection.execute(
            text(f"UPDATE audit_entry SET at = {earlier} WHERE sequence = 2")
        ),
    )
    assert verdict(database).fault_at == 2


def test_a_deleted_middle_link_is_found(database: Database):
    write(database, 6)
    behind_the_guards(
        database, lambda connection: connection.execute(delete(AuditEntry).where(AuditEntry.sequence == 3))
    )
    found = verdict(database)
    assert (found.links, found.fault_at, found.fault) == (2, 4, "a link is missing before this one")


def test_a_deleted_middle_link_is_found_also_when_the_rest_are_moved_up(database: Database):
    write(database, 6)

    def close_the_gap(connection: Connection) -> None:
        connection.execute(delete(AuditEntry).where(AuditEntry.sequence == 3))
        for number in (4, 5, 6):
            connection.execute(
                update(AuditEntry).where(AuditEntry.sequence == number).values(sequence=number - 1)
            )

    behind_the_guards(database, close_the_gap)
    found = verdict(database)
    assert (found.fault_at, found.fault) == (3, "this link does not follow the one before it")


def test_a_cut_off_tail_shows_only_against_an_anchor(database: Database):
    write(database, 6)
    anchors = {number: seal for number, seal in seals(database).items() if number in (2, 6)}
    behind_the_guards(
        database, lambda connection: connection.execute(delete(AuditEntry).where(AuditEntry.sequence > 4))
    )
    assert verdict(database).fault is None
    found = verdict(database, anchors)
    assert (found.links, found.fault_at) == (4, 6)
    assert found.fault == "the chain ends before a link that was anchored"


def test_a_whole_chain_written_anew_with_the_right_key_shows_against_an_anchor(database: Database):
    write(database, 3)
    anchors = {3: seals(database)[3]}
    behind_the_guards(database, lambda connection: connection.execute(delete(AuditEntry)))
    write(database, 3)
    assert verdict(database).fault is None
    assert verdict(database, anchors).fault_at == 3


def test_a_chain_sealed_with_another_key_is_found(database: Database):
    write(database, 3)
    stranger = Database(database.url, {audit.KEY: b"somebody else's key, long enough"})
    write(stranger, 2)
    found = verdict(database)
    assert (found.fault_at, found.fault) == (4, "this link's content is not what was sealed")
    assert verdict(stranger).fault_at == 1
    stranger.dispose()


def test_a_link_put_in_from_outside_is_found(database: Database):
    write(database, 2)
    head = seals(database)[2]
    with database.transaction() as session:
        row = session.scalars(select(AuditEntry).where(AuditEntry.sequence == 2)).one()
        session.execute(
            insert(AuditEntry).values(
                municipality_id=1, sequence=3, at=row.at, actor_kind="person", account_id=1, what="x.y",
                subject_kind="thing", subject_id=1, details="{}", previous=head, seal="0" * 64,
            )
        )  # fmt: skip
    assert verdict(database).fault_at == 3


def test_the_database_refuses_to_change_or_delete_a_link(database: Database):
    write(database, 2)
    for statement in ("UPDATE audit_entry SET account_id = 5", "DELETE FROM audit_entry"):
        with pytest.raises(DBAPIError, match="only ever added"), database.engine.begin() as connection:
            connection.exec_driver_sql(statement)
    assert verdict(database).links == 2


FREE_TEXT = ("Samira Testgren", "Hen slutade.\nSedan", "Samira\u00a0Testgren", "a" * 129, ["a", "ring inte"])
OF_ANOTHER_KIND = (1.5, {"name": "x"}, b"x", object(), [1.5], [["a"]], ("a", "b"))


def test_what_looks_like_a_name_or_free_text_is_refused_and_nothing_is_stored(database: Database):
    for value in (*FREE_TEXT, *OF_ANOTHER_KIND):
        with pytest.raises(ValueError, match="audit detail note"), database.transaction(1) as session:
            audit.record(session, "thing.done", Subject("thing", 1), by=CLOCK, note=value)  # type: ignore[arg-type]  # wrong on purpose
    assert verdict(database).links == 0


def test_a_session_without_the_key_records_nothing(database: Database):
    keyless = Database(database.url)
    with pytest.raises(TypeError, match="carries no audit key"):
        write(keyless, 1)
    keyless.dispose()


def test_what_was_rolled_back_leaves_no_link_and_no_gap(database: Database):
    write(database, 2)
    with database.transaction(1) as session:
        audit.record(session, "thing.done", Subject("thing", 1), by=CLOCK)
        session.rollback()
    write(database, 1)
    found = verdict(database)
    assert (found.links, found.fault) == (3, None)


@pytest.mark.parametrize("serial", [True, False], ids=["taking turns", "meeting at the last line"])
def test_two_writers_at_once_give_one_chain_without_a_gap(database: Database, serial: bool):
    def writer(number: int) -> None:
        by = Actor("person", 1, number + 1)
        for at in range(25):
            with database.transaction(1, serial=serial) as session:
                audit.record(session, "thing.done", Subject("thing", at), by=by)

    assert at_once(2, writer) == [None, None]
    found = verdict(database)
    assert (found.links, found.fault) == (50, None)
    with database.reading() as session:
        writers = list(session.scalars(select(AuditEntry.account_id).order_by(AuditEntry.sequence)))
    assert sorted(writers) == [1] * 25 + [2] * 25


def test_each_municipality_has_its_own_chain(database: Database):
    write(database, 3)
    write(database, 2, by=Actor.clock(2))
    assert verdict(database).links == 3
    assert verdict(database, municipality_id=2).links == 2


def test_the_keys_are_not_in_the_database(tmp_path: Path, database: Database):
    if not database.is_sqlite:
        return
    write(database, 1)
    with closing(sqlite3.connect(str(database.engine.url.database))) as connection:
        dump = "\n".join(connection.iterdump())
    assert "thing.done" in dump
    assert "an audit key for tests" not in dump


def test_a_digest_stands_for_its_rows_in_their_order():
    rows = [(1, "a"), (2, "b")]
    assert audit.digest(rows) == audit.digest(iter(rows))
    assert audit.digest(rows) != audit.digest(rows[::-1])
    assert audit.digest(rows) != audit.digest(rows[:1])
