"""How the tables of payments hang together, where no foreign key says it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_

from payouts.models import BatchEntry, RunTotal


def same_share(table: type[BatchEntry] | type[RunTotal], row: Any) -> ColumnElement[bool]:
    """That a total or a batch's entry is of the run and the provider that a line, or a total, is of."""
    return and_(
        table.municipality_id == row.municipality_id,
        table.run_id == row.run_id,
        table.provider_id == row.provider_id,
    )


def same_key(one: Any, other: Any) -> ColumnElement[bool]:
    """That two rows are about the same ledger line."""
    names = ("municipality_id", "scope_id", "component", "part", "sequence")
    return and_(*(getattr(one, name) == getattr(other, name) for name in names))
