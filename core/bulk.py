"""Many rows at once: COPY on PostgreSQL, executemany on SQLite. Every constraint and trigger still holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, Boolean, Date, Integer, SmallInteger, Table, text
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


def insert_columns(session: Session, table: Table, count: int, **given: Any) -> int:
    """Insert `count` rows given as columns: an array of whole numbers or days, or one value for all of them.

    Every value is there. A word is the same for all, or an array of bytes of one length. Gives `count`.
    Raises as `insert_rows` does.
    """
    if not count:
        return 0
    session.flush()
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        parts = [_listed(value, count) for value in given.values()]
        return insert_rows(session, table, tuple(given), zip(*parts, strict=True))
    driver = connection.connection.driver_connection
    if driver is None:
        raise AssertionError("an open session has a connection")
    block = _as_postgresql_reads(table, count, given)
    copying = f"COPY {table.name} ({', '.join(given)}) FROM STDIN (FORMAT BINARY)"
    with driver.cursor() as cursor, cursor.copy(copying) as copy:
        copy.write(_BINARY)
        for at in range(0, count, PER_CALL):
            copy.write(block[at : at + PER_CALL].tobytes())
        copy.write(_NO_MORE)
    return count


_BINARY = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_NO_MORE = b"\xff\xff"
_WIDTHS = ((SmallInteger, ">i2"), (BigInteger, ">i8"), (Integer, ">i4"), (Date, ">i4"), (Boolean, ">i1"))
_BEGINS = np.datetime64("2000-01-01", "D")


def _as_postgresql_reads(table: Table, count: int, given: dict[str, Any]) -> NDArray[Any]:
    """Rows as COPY takes them: the number of fields, then for each its length and its bytes."""
    shape: list[tuple[str, str]] = [("fields", ">i2")]
    given = {name: value.encode() if isinstance(value, str) else value for name, value in given.items()}
    for name, value in given.items():
        shape.append((f"length of {name}", ">i4"))
        if not _is_nothing(value):
            shape.append((name, _width(table.c[name].type, value)))
    block = np.zeros(count, dtype=shape)
    block["fields"] = len(given)
    for name, value in given.items():
        if _is_nothing(value):
            continue
        block[f"length of {name}"] = block.dtype[name].itemsize
        is_days = isinstance(value, np.ndarray) and value.dtype.kind == "M"
        block[name] = (value.astype("datetime64[D]") - _BEGINS).astype(np.int64) if is_days else value
    return block


def _is_nothing(value: Any) -> bool:
    """The empty word, which is a length of nought and no bytes."""
    return isinstance(value, bytes) and not value


def _width(kind: Any, value: Any) -> str:
    if isinstance(value, bytes):
        return f"S{len(value)}"
    if isinstance(value, np.ndarray) and value.dtype.kind == "S":
        return str(value.dtype.str)
    return next(width for known, width in _WIDTHS if isinstance(kind, known))


def _listed(value: Any, count: int) -> list[Any]:
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "S":
            value = value.astype(str)
        plain = np.datetime_as_string(value, unit="D") if value.dtype.kind == "M" else value
        return list(plain.tolist())
    return [value] * count
