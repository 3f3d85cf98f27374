"""Triggers that mark a voucher as changed, in the transaction of the fact that changed it.

On PostgreSQL once a statement, over all its rows: a COPY of a million facts costs one look-up of their
vouchers. Marks are only ever inserted. A run that takes an older mark away at the same moment would take with
it a fact that was folded into it; one of its own stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from alembic import op

EVENTS = {"INSERT": ("fresh",), "UPDATE": ("stale", "fresh"), "DELETE": ("stale",)}
HANDED = {"fresh": "NEW TABLE AS fresh", "stale": "OLD TABLE AS stale"}
ROW = {"fresh": "NEW", "stale": "OLD"}


class Watch(NamedTuple):
    """A table of facts. `vouchers` gives the ids of the vouchers that `{rows}` are about."""

    table: str
    vouchers: str = "SELECT {rows}.municipality_id, {rows}.voucher_id {from_rows}"
    events: tuple[str, ...] = ("INSERT", "UPDATE", "DELETE")


def by_leg(table: str) -> Watch:
    """Facts of a leg."""
    return Watch(
        table,
        "SELECT leg.municipality_id, leg.voucher_id FROM {comma_rows} leg"
        " WHERE leg.municipality_id = {rows}.municipality_id AND leg.id = {rows}.leg_id",
    )


def put_up(watches: Sequence[Watch]) -> None:
    """Create the triggers on the database at hand."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for watch in watches:
        for event in watch.events:
            for statement in _sqlite(watch, event) if on_sqlite else _postgresql(watch, event):
                op.execute(statement)


def take_down(watches: Sequence[Watch]) -> None:
    """Drop the triggers, the last first."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for watch in reversed(watches):
        for event in watch.events:
            name = _name(watch, event)
            if on_sqlite:
                op.execute(f"DROP TRIGGER {name}")
            else:
                op.execute(f"DROP TRIGGER {name} ON {watch.table}")
                op.execute(f"DROP FUNCTION {name}()")


def _name(watch: Watch, event: str) -> str:
    return f"{watch.table}_marks_{event.lower()}"


def _sqlite(watch: Watch, event: str) -> list[str]:
    each = [watch.vouchers.format(rows=ROW[rows], from_rows="", comma_rows="") for rows in EVENTS[event]]
    return [
        f"CREATE TRIGGER {_name(watch, event)} AFTER {event} ON {watch.table} BEGIN"  # noqa: S608  # our own names only
        " INSERT INTO changed_voucher (municipality_id, voucher_id, id)"
        f" SELECT found.municipality_id, found.voucher_id, random() FROM ({' UNION '.join(each)}) AS found;"
        " END"
    ]


def _postgresql(watch: Watch, event: str) -> list[str]:
    """A look-up by index for each row whatever the plan was made for: it is kept for the connection's
    life."""
    each = [
        watch.vouchers.format(rows=rows, from_rows=f"FROM {rows}", comma_rows=f"{rows},")
        for rows in EVENTS[event]
    ]
    handed = " ".join(HANDED[rows] for rows in EVENTS[event])
    name = _name(watch, event)
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql"  # noqa: S608  # our own names only
        " SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$ BEGIN"
        " INSERT INTO changed_voucher (municipality_id, voucher_id)"
        " SELECT DISTINCT found.municipality_id, found.voucher_id"
        f" FROM ({' UNION ALL '.join(each)}) AS found;"
        " RETURN NULL; END $$",
        f"CREATE TRIGGER {name} AFTER {event} ON {watch.table} REFERENCING {handed}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
    ]
