"""Many rows read as columns: one NumPy array a column, and on PostgreSQL no Python object a row.

There the server gathers each column to one array, whose bytes are read as they come. On SQLite the driver's
rows are turned. Both give the same.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg.abc import Buffer
from psycopg.adapt import Dumper, Loader
from psycopg.pq import Format
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Select,
    SQLColumnExpression,
    bindparam,
    func,
    select,
    true,
)
from sqlalchemy.orm import Session
from sqlalchemy.types import UserDefinedType

Column: TypeAlias = NDArray[Any]
Query: TypeAlias = Select[*tuple[Any, ...]]

_ARRAYS = (1000, 1005, 1007, 1016, 1182)
"""PostgreSQL's own numbers of arrays of boolean, of small, plain and big whole numbers, of dates."""
_WIDTHS = {16: ">i1", 21: ">i2", 23: ">i4", 20: ">i8", 1082: ">i4"}
"""How it sends an element, by the number of its type."""
_DATE = 1082
_HEAD = 20
_BEGINS = np.datetime64("2000-01-01", "D")
_PER_FETCH = 50_000


class _Numbers(UserDefinedType[Column]):
    """An array of big whole numbers that goes to PostgreSQL as it is."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "BIGINT[]"


class _Sent(Dumper):
    """The bytes that PostgreSQL reads such an array from."""

    format = Format.BINARY
    oid = 1016

    def dump(self, obj: Column) -> bytes:
        block = np.empty(len(obj), dtype=[("length", ">i4"), ("value", ">i8")])
        block["length"], block["value"] = 8, obj
        return struct.pack(">iiiii", 1, 0, 20, len(obj), 1) + block.tobytes()


psycopg.adapters.register_dumper(np.ndarray, _Sent)


class _Array(Loader):
    """An array without nulls as it is sent: a head of 20 bytes, then each element's length and its bytes."""

    format = Format.BINARY

    def load(self, data: Buffer) -> Column:
        raw = bytes(data)
        if len(raw) <= _HEAD:
            return np.zeros(0, dtype=np.int64)
        kind = int.from_bytes(raw[8:12], "big")
        element = np.dtype([("length", ">i4"), ("value", _WIDTHS[kind])])
        values: Column = np.frombuffer(raw, dtype=element, offset=_HEAD)["value"].astype(np.int64)
        return _BEGINS + values.astype("timedelta64[D]") if kind == _DATE else values


def columns(session: Session, rows: Query) -> list[Column]:
    """The rows of a query, a column each: whole numbers (true is 1) or days. There may be no null in it."""
    are_days = [isinstance(element.type, Date) for element in rows.selected_columns]
    if session.get_bind().dialect.name == "postgresql":
        found = _gathered(session, rows)
    else:
        found = _turned(session, rows, are_days)
    empty = (np.zeros(0, dtype="datetime64[D]"), np.zeros(0, dtype=np.int64))
    return [
        empty[0 if is_day else 1] if column is None or not len(column) else column
        for column, is_day in zip(found, are_days, strict=True)
    ]


def among(session: Session, ids: Sequence[int] | Column) -> Select[Any]:
    """Those numbers as the rows of a query, for `column.in_(...)`: any number of them."""
    numbers = np.asarray(ids, dtype=np.int64)
    if session.get_bind().dialect.name == "postgresql":
        return select(func.unnest(bindparam(None, numbers, type_=_Numbers()), type_=BigInteger))
    return select(func.json_each(json.dumps(numbers.tolist())).table_valued("value").c.value)


def by_hash(
    session: Session, key: SQLColumnExpression[int], ids: Sequence[int] | Column
) -> ColumnElement[bool]:
    """That `key` is one of those numbers, HASHED at most: PostgreSQL asks it of each row by a hash. As a
    plain condition it would be planned as a join."""
    return key.in_(among(session, ids)).is_(true())


def distinct(*columns: Column) -> Column:
    """The whole numbers in any of them, each once, in growing order. Faster than NumPy's own by a hash."""
    ordered = np.sort(np.concatenate(columns), kind="stable")
    anew = np.ones(len(ordered), dtype=bool)
    anew[1:] = ordered[1:] != ordered[:-1]
    return ordered[anew]


MANY = 2_000
MOST_BETWEEN = {"postgresql": 8, "sqlite": 3}
"""Rows between for each that is wanted. PostgreSQL leaves the others out itself, SQLite's cross to Python."""
HASHED = 60_000
"""Ids asked for at a time: many more would not fit in a hash in PostgreSQL's `work_mem` of 4 MB, and then it
would go through all of them for each row."""


@dataclass(frozen=True)
class Chosen:
    """Ids in growing order, and whether they are so many of those between the first and the last that reading
    all between costs less than looking each up."""

    ids: Column
    is_dense: bool

    @property
    def ends(self) -> tuple[int, int]:
        """The first and the last."""
        return int(self.ids[0]), int(self.ids[-1])

    def others(self, ids: Column) -> Chosen:
        """Ids of what belongs to these, most of which were made at about the same time."""
        return Chosen(np.sort(ids), self.is_dense)


def chosen(session: Session, ids: Sequence[int] | Column, between: Callable[[int, int], Query]) -> Chosen:
    """`between(first, last)` counts the rows there are from the first to the last id."""
    known = distinct(np.asarray(ids, dtype=np.int64))
    if len(known) < MANY:
        return Chosen(known, False)
    there = session.scalar(between(int(known[0]), int(known[-1])))
    return Chosen(known, int(there or 0) <= MOST_BETWEEN[session.get_bind().dialect.name] * len(known))


def columns_of(
    session: Session, rows: Query, key: SQLColumnExpression[int], wanted: Chosen, band: Chosen | None = None
) -> list[Column]:
    """Those rows of a query whose `key` is one of the wanted ids; see `columns`.

    `band` says between which ids most of the wanted lie, where it is not between their first and last.
    """
    if not wanted.is_dense or not len(wanted.ids):
        return columns(session, rows.where(key.in_(among(session, wanted.ids))))
    first, last = (band or wanted).ends
    is_near = (wanted.ids >= first) & (wanted.ids <= last)
    near, far = wanted.ids[is_near], wanted.ids[~is_near]
    parts = [_between(session, rows, key, near[at : at + HASHED]) for at in range(0, len(near), HASHED)]
    if len(far):
        parts.append(columns(session, rows.where(key.in_(among(session, far)))))
    return [np.concatenate(all_of_it) for all_of_it in zip(*parts, strict=True)]


def _between(session: Session, rows: Query, key: SQLColumnExpression[int], ids: Column) -> list[Column]:
    """All from the first to the last of those ids, without those that are none of them."""
    some = rows.where(key.between(int(ids[0]), int(ids[-1])))
    if session.get_bind().dialect.name == "postgresql":
        return columns(session, some.where(by_hash(session, key, ids)))
    found, *others = columns(session, some.with_only_columns(key, *some.selected_columns))
    at = np.minimum(np.searchsorted(ids, found), len(ids) - 1)
    return [column[ids[at] == found] for column in others]


def _gathered(session: Session, rows: Query) -> list[Column | None]:
    inner = rows.subquery()
    gathered = select(*(func.array_agg(element) for element in inner.columns))
    connection = session.connection()
    compiled = gathered.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    driver = connection.connection.driver_connection
    if driver is None:
        raise AssertionError("an open session has a connection")
    with driver.cursor(binary=True) as cursor:
        for kind in _ARRAYS:
            cursor.adapters.register_loader(kind, _Array)
        cursor.execute(str(compiled), compiled.params)
        return list(cursor.fetchone())


def _turned(session: Session, rows: Query, are_days: list[bool]) -> list[Column | None]:
    parts: list[list[Column]] = [[] for _ in are_days]
    result = session.execute(rows)
    while block := result.fetchmany(_PER_FETCH):
        for place, (is_day, values) in enumerate(zip(are_days, zip(*block, strict=True), strict=True)):
            parts[place].append(np.array(values, dtype="datetime64[D]" if is_day else np.int64))
    return [np.concatenate(part) if part else None for part in parts]
