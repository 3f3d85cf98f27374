"""The migrations build what the models say, can be taken back, and never change a sum of money."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

import migrations

MONEY = "ledger_line"


def tables(url: str) -> set[str]:
    engine = migrations.engine_for(url)
    with engine.connect() as connection:
        return set(sa.inspect(connection).get_table_names()) - {"alembic_version"}


def test_the_way_up_down_and_up_again(empty_url: str):
    migrations.upgrade(empty_url)
    built = tables(empty_url)
    assert built
    assert migrations.current(empty_url) == migrations.revisions()[-1]
    migrations.downgrade(empty_url)
    assert tables(empty_url) == set()
    assert migrations.current(empty_url) is None
    migrations.upgrade(empty_url)
    assert tables(empty_url) == built


def test_every_step_can_be_taken_back_and_again(empty_url: str):
    for revision in migrations.revisions():
        before = tables(empty_url)
        migrations.upgrade(empty_url, revision)
        after = tables(empty_url)
        migrations.downgrade(empty_url, "-1")
        assert tables(empty_url) == before
        migrations.upgrade(empty_url, revision)
        assert tables(empty_url) == after


def test_models_equal_migrations(database_url: str):
    assert migrations.differences(database_url) == []


def test_a_difference_would_be_seen(database_url: str):
    engine = migrations.engine_for(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE stranger (id INTEGER PRIMARY KEY)")
    assert any("stranger" in line for line in migrations.differences(database_url))


def test_there_is_one_line_of_revisions():
    script = ScriptDirectory.from_config(migrations.configuration("sqlite://"))
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1


def test_a_second_upgrade_changes_nothing(database_url: str):
    before = tables(database_url)
    migrations.upgrade(database_url)
    assert tables(database_url) == before


@pytest.mark.parametrize("table", ["audit_entry", MONEY])
def test_the_database_refuses_to_change_what_is_only_ever_added(database_url: str, table: str):
    engine = migrations.engine_for(database_url)
    with engine.begin() as connection:
        seed(connection, table)
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET municipality_id = municipality_id"):
        with pytest.raises(sa.exc.DBAPIError), engine.begin() as connection:
            connection.exec_driver_sql(statement)


def test_a_migration_never_changes_a_sum_of_money(empty_url: str):
    """Every step up is walked with lines already booked; each sum must be the same on the other side."""
    sums: list[Any] = []
    for revision in migrations.revisions():
        migrations.upgrade(empty_url, revision)
        engine = migrations.engine_for(empty_url)
        with engine.begin() as connection:
            if MONEY not in sa.inspect(connection).get_table_names():
                continue
            if sums:
                assert totals(connection) == sums, f"{revision} changed the money"
            else:
                seed(connection, MONEY, count=5)
                sums = totals(connection)
    assert sums


def totals(connection: sa.Connection) -> list[Any]:
    """Lines and öre for each municipality, and the öre with each sign."""
    return connection.execute(
        sa.text(
            f"SELECT municipality_id, count(*), sum(amount_ore), sum(abs(amount_ore)) FROM {MONEY}"
            " GROUP BY municipality_id ORDER BY municipality_id"
        )
    ).all()  # type: ignore[return-value]  # rows are compared only


def seed(connection: sa.Connection, name: str, count: int = 1) -> None:
    """Put made-up rows in a table as it stands at this revision, and in every table they point to."""
    inspector = sa.inspect(connection)
    with unguarded(connection):
        for each in [name, *pointed_at(inspector, name)]:
            table = sa.Table(each, sa.MetaData(), autoload_with=connection, resolve_fks=False)
            checks = inspector.get_check_constraints(each)
            words = dict(found for check in checks for found in WORDS.findall(check["sqltext"]))
            rows = [
                {
                    column.name: made_up(column, number, words)
                    for column in table.columns
                    if not column.nullable
                }
                for number in range(1, 2 if each == "municipality" else count + 1)
            ]
            with unchecked(connection, each, checks):
                connection.execute(table.insert(), rows)


def pointed_at(inspector: sa.Inspector, name: str) -> list[str]:
    """Every table that a row of this one needs, and those that they need."""
    found: list[str] = []
    ahead = [name]
    while ahead:
        for key in inspector.get_foreign_keys(ahead.pop()):
            if (other := key["referred_table"]) != name and other not in found:
                found.append(other)
                ahead.append(other)
    return found


# The first word that a check allows, as SQLite keeps its text and as PostgreSQL does.
WORDS = re.compile(r"\(?\(?(\w+)\)?(?:::text)? (?:IN \(|= ANY \(\(?ARRAY\[)'(\w+)'")


@contextmanager
def unguarded(connection: sa.Connection) -> Iterator[None]:
    """No triggers for what is written within; PostgreSQL leaves foreign keys aside with them."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        yield
        return
    triggers = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    for name, _ in triggers:
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
    yield
    connection.exec_driver_sql("PRAGMA ignore_check_constraints = OFF")
    for _, statement in triggers:
        connection.exec_driver_sql(statement)


@contextmanager
def unchecked(connection: sa.Connection, name: str, checks: list[Any]) -> Iterator[None]:
    """PostgreSQL has no way to leave a check aside but to take it away and put it back for new rows only."""
    if connection.dialect.name == "sqlite":
        yield
        return
    for check in checks:
        connection.exec_driver_sql(f'ALTER TABLE {name} DROP CONSTRAINT "{check["name"]}"')
    yield
    for check in checks:
        rule = check["sqltext"].replace("%", "%%")
        connection.exec_driver_sql(
            f'ALTER TABLE {name} ADD CONSTRAINT "{check["name"]}" CHECK ({rule}) NOT VALID'
        )


def made_up(column: sa.Column[Any], number: int, words: dict[str, str]) -> object:
    """Some value of the column's kind, another for each row; the municipality stays the same."""
    if column.table.name == "municipality" and column.name == "id":
        return 1
    if column.name == "municipality_id":
        return 1
    if column.name in words:
        return words[column.name]
    if (column.table.name, column.name) == (MONEY, "sequence"):
        return 0  # a line is written anew with its table on SQLite, and must be one that may stand there
    kinds: list[tuple[type[Any], object]] = [
        (sa.Boolean, False),
        (sa.DateTime, datetime(2026, 4, number, tzinfo=UTC)),
        (sa.Date, date(2026, 4, number)),
        (sa.Integer, number * 101),
        (sa.Numeric, number),
        (sa.String, f"x{number}"),
        (sa.JSON, {}),
        (sa.LargeBinary, b"x"),
    ]
    return next(value for kind, value in kinds if isinstance(column.type, kind))
