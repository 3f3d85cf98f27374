"""Runs the migrations on the database Alembic was given: by call, by `-x url=...`, or by the settings."""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa
from alembic import context

from migrations import COMPARE, engine_for, metadata

TURN = 1_447_120


def database_url() -> str:
    """The address handed over in a call, on the command line, or by the environment, in that order."""
    given = context.config.attributes.get("url") or context.get_x_argument(as_dictionary=True).get("url")
    if given:
        return str(given)
    from config import Settings  # noqa: PLC0415  # only Alembic's own command line comes this way

    return Settings.from_environment().database_url


def plainly(kind: str, found: object, _context: object) -> str | Literal[False]:
    """A migration names what the database stores, and so still runs when the house's own types are gone."""
    if kind == "type" and isinstance(found, sa.TypeDecorator):
        return f"sa.{found.impl_instance!r}"
    return False


def migrate(connection: sa.Connection) -> None:
    """Run the steps in one transaction, after any other migration of the same database."""
    on_sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=metadata(),
        render_as_batch=on_sqlite,
        transactional_ddl=True,
        render_item=plainly,
        **COMPARE,
    )
    with context.begin_transaction():
        if not on_sqlite:
            connection.execute(sa.text("select pg_advisory_xact_lock(:turn)"), {"turn": TURN})
        context.run_migrations()
        if on_sqlite:
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if broken:
                raise RuntimeError(
                    f"the migration would leave {len(broken)} rows pointing at nothing: {broken[:3]}"
                )


def main() -> None:
    """Use the connection handed over in a call, or open one."""
    if context.is_offline_mode():
        raise SystemExit("Migrations run against a database; writing them out as SQL is not supported.")
    given = context.config.attributes.get("connection")
    if given is not None:
        migrate(given)
        return
    engine = engine_for(database_url())
    try:
        with engine.connect() as connection:
            migrate(connection)
    finally:
        engine.dispose()


main()
