"""Marks for what the database cannot see is a fact about a voucher: news from above that change its pay."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.bulk import insert_rows
from core.database import new_ids
from vouchers.models import ChangedVoucher, Leg

MARKS = ChangedVoucher.metadata.tables[ChangedVoucher.__tablename__]


def wake(
    session: Session, municipality_id: int, voucher_ids: Iterable[int] = (), *, provider_id: int | None = None
) -> int:
    """Have the next payment run look at these vouchers, and at all that have been with the provider.

    To be called in the transaction of what has changed. Gives the number of vouchers.
    """
    chosen = set(voucher_ids)
    if provider_id is not None:
        rows = select(Leg.voucher_id).where(
            Leg.municipality_id == municipality_id,
            Leg.provider_id == provider_id,
            Leg.started_on.is_not(None),
        )
        chosen.update(session.scalars(rows))
    ordered = sorted(chosen)
    marks = zip(ordered, new_ids(len(ordered)), strict=True)
    return insert_rows(
        session, MARKS, ("municipality_id", "voucher_id", "id"), ((municipality_id, *mark) for mark in marks)
    )
