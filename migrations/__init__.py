"""Alembic's room, and the four calls with which the rest of the house moves a database between revisions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

HERE = Path(__file__).parent

# What `differences` and autogenerate look at; named check constraints are not looked at unless asked for.
COMPARE: dict[str, Any] = {
    "compare_type": True,
    "autogenerate_plugins": ["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname"],
}


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database up to `revision`. All of it or nothing; two at once take turns."""
    command.upgrade(configuration(url), revision)


def downgrade(url: str, revision: str = "base") -> None:
    """Take the database back to `revision`. Tables that did not exist then go, with what they hold."""
    command.downgrade(configuration(url), revision)


def current(url: str) -> str | None:
    """The revision the database stands at, or None when it is empty."""
    engine = engine_for(url)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def differences(url: str) -> list[str]:
    """How the database differs from the models, one line each; an empty list when they are in step."""
    engine = engine_for(url)
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts=COMPARE)
            return [_line(found) for found in compare_metadata(context, metadata())]
    finally:
        engine.dispose()


def revisions() -> list[str]:
    """Every revision, oldest first."""
    script = ScriptDirectory.from_config(configuration("sqlite://"))
    return [step.revision for step in reversed(list(script.walk_revisions()))]


def metadata() -> sa.MetaData:
    """The tables of every floor."""
    from migrations.tables import Base  # noqa: PLC0415  # the floors must not load for `current` alone

    return Base.metadata


def configuration(url: str) -> Config:
    """Alembic's settings for the database at `url`."""
    config = Config(attributes={"url": url})
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    return config


def engine_for(url: str) -> sa.Engine:
    """An engine for moving a database; on SQLite its transaction holds changes of tables too.

    SQLite's foreign keys are off while tables are rebuilt (a rebuilt table is dropped for a moment); env.py
    checks every key before the transaction ends.
    """
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    if engine.dialect.name == "sqlite":
        if engine.url.database:
            Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
        sa.event.listen(engine, "connect", _leave_transactions_to_us)
        sa.event.listen(engine, "begin", _begin_immediate)
    return engine


def _leave_transactions_to_us(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA busy_timeout = 30000")


def _begin_immediate(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _line(found: Any) -> str:
    """Alembic's finding as a line; it is a tuple such as (add_table, ...), or a list of such."""
    if isinstance(found, list):
        return "; ".join(_line(one) for one in found)
    return " ".join(str(part) for part in found if part is not None)
