"""Triggers that refuse what must never happen, written once for both databases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import sqlalchemy as sa
from alembic import op


class Guard(NamedTuple):
    """A trigger: before `event` on `table`, when `wrong` holds of OLD and NEW, refuse with `why`."""

    name: str
    table: str
    event: str
    wrong: str
    why: str


def put_up(guards: Sequence[Guard]) -> None:
    """Create the triggers on the database at hand."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for guard in guards:
        for statement in _sqlite(guard) if on_sqlite else _postgresql(guard):
            op.execute(statement)


def take_down(guards: Sequence[Guard]) -> None:
    """Drop the triggers, the last first."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for guard in reversed(guards):
        if on_sqlite:
            op.execute(f"DROP TRIGGER {guard.name}")
        else:
            op.execute(f"DROP TRIGGER {guard.name} ON {guard.table}")
            op.execute(f"DROP FUNCTION {guard.name}()")


def _sqlite(guard: Guard) -> list[str]:
    when = f" WHEN {guard.wrong}" if guard.wrong else ""
    return [
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table}{when}"
        f" BEGIN SELECT RAISE(ABORT, '{guard.why}'); END"
    ]


def _postgresql(guard: Guard) -> list[str]:
    condition = guard.wrong or "TRUE"
    when = " WHEN (NEW.sequence > 0)" if guard.name == "ledger_line_follows" else ""
    return [
        f"CREATE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF {condition} THEN RAISE EXCEPTION '{guard.why}'"
        " USING ERRCODE = 'integrity_constraint_violation';"
        f" END IF; RETURN {'OLD' if guard.event == 'DELETE' else 'NEW'}; END $$",
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table}"
        f" FOR EACH ROW{when} EXECUTE FUNCTION {guard.name}()",
    ]


@contextmanager
def kept(table: str) -> Iterator[None]:
    """While a table of SQLite is written anew: its triggers, as they are, stand there afterwards too."""
    bind = op.get_bind()
    triggers: list[str] = []
    if bind.dialect.name == "sqlite":
        named = (
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table ORDER BY rowid"
        )
        for name, sql in bind.execute(sa.text(named), {"table": table}).all():
            triggers.append(sql)
            op.execute(f"DROP TRIGGER {name}")
    yield
    for sql in triggers:
        bind.exec_driver_sql(sql)
