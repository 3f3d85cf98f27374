"""One payment run at a time in a municipality, however many processes begin one, and however they end."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import IO

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core.database import Database
from core.refusal import Refusal

RUN = 1_447_122
CHUNK = 1_447_123


@contextmanager
def one_run(database: Database, municipality_id: int) -> Iterator[None]:
    """Hold the run of a municipality, over many transactions; it is free again when the process is gone.

    PostgreSQL: an advisory lock on a connection of its own. SQLite: a lock on a file beside the database.
    Raises Refusal (run_in_progress) when somebody else has it. Waits for what a process that died has not
    finished yet.
    """
    holding = _on_file if database.is_sqlite else _on_server
    with holding(database, municipality_id):
        yield


def try_run_lock(session: Session, municipality_id: int) -> bool:
    """Whether this transaction may make the payment run, from beginning to end."""
    if session.get_bind().dialect.name == "postgresql":
        return _say(session, "select pg_try_advisory_xact_lock(:room, :who)", RUN, municipality_id)
    with _opened(_beside(session.get_bind().engine.url.database, municipality_id)) as held:
        return _lock(held)  # and let go: we have the one write lock, so nobody else comes past this question


def hold_chunk(session: Session, municipality_id: int, *, wait: bool = False) -> None:
    """Keep the next process from going on before this transaction has ended, even if we die in the middle.

    Chunks of one run share the lock, and the server plans each for itself alone; with `wait` the lock is had
    alone, when all of them have ended.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    if wait:
        session.execute(
            text("select pg_advisory_xact_lock(:room, :who)"), {"room": CHUNK, "who": municipality_id}
        )
        return
    if not _say(session, "select pg_try_advisory_xact_lock_shared(:room, :who)", CHUNK, municipality_id):
        raise _in_progress()
    # A chunk is a share of the work already: the server's own helpers would only take turns with the others.
    session.execute(text("set local max_parallel_workers_per_gather = 0"))
    session.execute(text("set local jit = off"))


def _in_progress() -> Refusal:
    return Refusal("run_in_progress", "En körning pågår redan. Vänta tills den är klar.")


@contextmanager
def _on_server(database: Database, municipality_id: int) -> Iterator[None]:
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        row = connection.execute(
            text("select pg_try_advisory_lock(:room, :who)"), {"room": RUN, "who": municipality_id}
        )
        if not row.scalar_one():
            raise _in_progress()
        try:
            with database.transaction() as session:
                hold_chunk(session, municipality_id, wait=True)
            yield
        finally:
            # Let go of first: a server with much to do sees late that a connection is gone, and would refuse
            # the run that somebody begins at once after this.
            with suppress(DBAPIError):
                connection.execute(
                    text("select pg_advisory_unlock(:room, :who)"), {"room": RUN, "who": municipality_id}
                )
            connection.invalidate()  # closed, not put back: the lock goes with it whatever has happened


@contextmanager
def _on_file(database: Database, municipality_id: int) -> Iterator[None]:
    with _opened(_beside(database.engine.url.database, municipality_id)) as held:
        if not _lock(held):
            raise _in_progress()
        yield


def _opened(file: Path | None) -> AbstractContextManager[IO[str] | None]:
    return nullcontext() if file is None else file.open("a")


def _lock(held: IO[str] | None) -> bool:
    if held is not None:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _beside(database: str | None, municipality_id: int) -> Path | None:
    """The file to lock; none for a database that lives in memory and dies with its process."""
    if not database or database == ":memory:":
        return None
    file = Path(database)
    return file.with_name(f"{file.name}-run-{municipality_id}")


def _say(session: Session, sql: str, room: int, municipality_id: int) -> bool:
    return bool(session.execute(text(sql), {"room": room, "who": municipality_id}).scalar_one())
