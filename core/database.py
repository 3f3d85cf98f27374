"""The database: its base class, its keys, and the only place that opens and commits a transaction."""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Connection,
    DateTime,
    Dialect,
    Engine,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    String,
    TypeDecorator,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from core.dates import now
from core.refusal import Missing

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_1_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, always with its zone; SQLite keeps it without and gets it back with."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables. Whole numbers named `*_id` and `*_ore` are 64 bits."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {int: BigInteger, datetime: Moment}


class Keys:
    """Makes 63-bit ids that grow with time, so that new rows land at the end of every index.

    41 bits of milliseconds, 12 bits drawn per process, 10 bits of count. An id never repeats within a
    process; between processes the primary key is the last guard.
    """

    EPOCH_MS = 1_735_689_600_000

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._restart()
        os.register_at_fork(after_in_child=self._restart)

    def _restart(self) -> None:
        self._lock = threading.Lock()
        self._place = secrets.randbits(12)
        self._tick = 0

    def take(self, count: int = 1) -> list[int]:
        """The next `count` ids, in growing order."""
        with self._lock:
            clock = (time.time_ns() // 1_000_000 - self.EPOCH_MS) << 10
            first = max(self._tick + 1, clock)
            self._tick = first + count - 1
        return [(tick >> 10) << 22 | self._place << 10 | tick & 1023 for tick in range(first, first + count)]


_keys = Keys()


def new_id() -> int:
    """A fresh id for one row."""
    return _keys.take()[0]


def new_ids(count: int) -> list[int]:
    """Fresh ids for many rows."""
    return _keys.take(count)


class Owned:
    """A row of a municipality: its id leads every key."""

    municipality_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)

    def __init__(self, **columns: Any) -> None:
        columns.setdefault("id", new_id())
        super().__init__(**columns)


class Municipality(Base):
    """A municipality that runs its customer choice here."""

    __tablename__ = "municipality"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(100))
    organisation_number: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(default=now)


def belongs_to(table: str, column: str | None = None) -> ForeignKeyConstraint:
    """A foreign key within the municipality, from `column` (default `<table>_id`) to `table`."""
    return ForeignKeyConstraint(
        ["municipality_id", column or f"{table}_id"], [f"{table}.municipality_id", f"{table}.id"]
    )


def one_of(column: str, values: Sequence[str]) -> CheckConstraint:
    """The column holds one of these words."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=f"{column}_known")


class Database:
    """An engine and the two ways to use it: `transaction` to write, `reading` to look.

    `secrets_for_sessions` (audit key, identity vault) travel with every session in `session.info`.
    """

    def __init__(self, url: str, secrets_for_sessions: dict[str, object] | None = None) -> None:
        self.url = url
        self.engine = engine_for(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._info = dict(secrets_for_sessions or {})
        self._reader = self.engine.execution_options(writes=False)

    @contextmanager
    def transaction(
        self, municipality_id: int | None = None, *, serial: bool = True, steady: bool = False
    ) -> Iterator[Session]:
        """All or nothing. Writers of one municipality take turns, so what a rule saw is still true at commit.

        SQLite takes its one write lock at once; PostgreSQL takes an advisory lock for the municipality.
        `serial=False` is for long bulk work, which holds a lock of its own and meets the others in the audit
        trail's last line. `steady` shows the same moment from its first question to its last, on PostgreSQL
        too; nothing that takes a turn belongs in it, for the turn's moment may be a later one.
        """
        with Session(self.engine, info=dict(self._info), expire_on_commit=False) as session:
            if steady and not self.is_sqlite:
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            if municipality_id is not None and serial:
                take_turn(session, municipality_id)
            yield session
            session.commit()

    @contextmanager
    def reading(self, *, steady: bool = False) -> Iterator[Session]:
        """A session that writes nothing. What it found may be used afterwards. `steady` is as above."""
        with Session(self._reader, info=dict(self._info), expire_on_commit=False) as session:
            if steady and not self.is_sqlite:
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            yield session
            session.expunge_all()
            session.rollback()

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()


Row = TypeVar("Row", bound=Base)
Rows: TypeAlias = Sequence[Any]

TURN = 1_447_121


def glance(session: Session, sql: str) -> tuple[Any, ...] | None:
    """One row by plain SQL without parameters, past all that is done for a statement that may be anything.

    For what is asked at every request: it takes a tenth of the time. The session does not begin for it.
    """
    line = session.get_bind().engine.raw_connection()
    try:
        cursor = line.cursor()
        cursor.execute(sql)
        row = cursor.fetchone()
        cursor.close()
    finally:
        line.close()
    return tuple(row) if row is not None else None


def take_turn(session: Session, municipality_id: int) -> None:
    """Wait until no other writer of the municipality is at work; held until the transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(
            text("select pg_advisory_xact_lock(:room, :who)"), {"room": TURN, "who": municipality_id}
        )


@contextmanager
def part_of(session: Session) -> Iterator[None]:
    """A part of a transaction that may fail alone: what it did is undone, the rest goes on."""
    with session.begin_nested():
        yield


def engine_for(url: str) -> Engine:
    """An engine with the settings the house needs on that database."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, connect_args={"timeout": 30}, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(url, pool_pre_ping=True, hide_parameters=True)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def fetch(session: Session, table: type[Row], municipality_id: int, row_id: int) -> Row:
    """The row of that municipality with that id. Raises Missing."""
    row = session.get(table, (municipality_id, row_id))
    if row is None:
        raise Missing()
    return row
