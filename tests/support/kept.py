"""What a fresh database was filled with, kept by this process and put into the next fresh one as it was."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar, cast

from sqlalchemy import text

from core.database import Base, Database

Told = TypeVar("Told")
_KEPT: dict[tuple[object, ...], tuple[object, Any]] = {}


def filled(database: Database, key: tuple[object, ...], fill: Callable[[], Told]) -> Told:
    """Fill the database, or put in what was there after `fill` the last time for the same key.

    Gives what `fill` gave. A database that somebody lives in already is filled, and not kept.
    """
    whole = (database.is_sqlite, *key)
    with database.reading() as session:
        if session.execute(text("select 1 from municipality")).first() is not None:
            return fill()
    if whole not in _KEPT:
        told = fill()
        _KEPT[whole] = told, (_of_sqlite if database.is_sqlite else _of_postgresql)(database)
        return told
    given, kept = _KEPT[whole]
    (_into_sqlite if database.is_sqlite else _into_postgresql)(database, kept)
    return cast("Told", given)


def _of_sqlite(database: Database) -> sqlite3.Connection:
    kept = sqlite3.connect(":memory:", check_same_thread=False)
    line = database.engine.raw_connection()
    line.driver_connection.backup(kept)  # type: ignore[union-attr]  # sqlite3's own connection
    line.close()
    return kept


def _into_sqlite(database: Database, kept: sqlite3.Connection) -> None:
    line = database.engine.raw_connection()
    kept.backup(line.driver_connection)  # type: ignore[arg-type]  # sqlite3's own connection
    line.close()


def _of_postgresql(database: Database) -> dict[str, bytes]:
    kept = {}
    line = database.engine.raw_connection()
    cursor: Any = line.cursor()
    for table in Base.metadata.tables:
        with cursor.copy(f'COPY "{table}" TO STDOUT') as rows:
            if found := b"".join(rows):
                kept[table] = found
    line.close()
    return kept


def _into_postgresql(database: Database, kept: dict[str, bytes]) -> None:
    line = database.engine.raw_connection()
    cursor: Any = line.cursor()
    # The rows stood the triggers and keys when they were made; their order here is no order of making.
    cursor.execute("SET LOCAL session_replication_role = replica")
    for table, found in kept.items():
        with cursor.copy(f'COPY "{table}" FROM STDIN') as rows:
            rows.write(found)
    line.commit()
    line.close()
