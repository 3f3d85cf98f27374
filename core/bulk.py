"""Many rows at once: COPY on PostgreSQL, executemany on SQLite. Every constraint and trigger still holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import Table, text
from sqlalchemy.orm import Session

PER_CALL = 10_000


def insert_rows(
    session: Session, table: Table, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> int:
    """Insert tuples in the order of `columns`; gives their number. Values are plain: no ORM default fills in.

    Raises SQLAlchemy's or the driver's IntegrityError when the database refuses; the transaction is over.
    """
    session.flush()
    connection = session.connection()
    names = ", ".join(columns)
    if connection.dialect.name == "postgresql":
        count = 0
        driver = connection.connection.driver_connection
        if driver is None:
            raise AssertionError("an open session has a connection")
        with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
                count += 1
        return count
    marks = ", ".join("?" * len(columns))
    statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608  # our own names only
    iterator, count = iter(rows), 0
    while part := [tuple(map(_for_sqlite, row)) for row in islice(iterator, PER_CALL)]:
        connection.exec_driver_sql(statement, part)
        count += len(part)
    return count


def by_itself(table: Table, column: str) -> Any:
    """What an ORM row would get in a column that fills itself in: for many rows, asked once."""
    default: Any = table.c[column].default
    return default.arg(None)


def learn(session: Session, *tables: str) -> None:
    """Let PostgreSQL see how large tables have grown within this transaction.

    Its checks of foreign keys keep the plan they made when the tables were empty, and then read them whole.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"ANALYZE {', '.join(tables)}"))


def _for_sqlite(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return value
