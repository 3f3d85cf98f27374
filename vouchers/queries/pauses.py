"""The paused days of vouchers and of legs."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from vouchers.models import Pause
from vouchers.rules.pauses import Span


def pauses_of_vouchers(
    session: Session, municipality_id: int, voucher_ids: Collection[int]
) -> dict[int, list[Span]]:
    """Paused days by voucher, in order; a voucher without any has no place."""
    rows = select(Pause.voucher_id, Pause.from_on, Pause.resumed_on).where(
        Pause.municipality_id == municipality_id, Pause.voucher_id.in_(voucher_ids)
    )
    return _by(session.execute(rows.order_by(Pause.from_on, Pause.id)))


def pauses_of_legs(session: Session, municipality_id: int, leg_ids: Collection[int]) -> dict[int, list[Span]]:
    """Paused days by leg, in order."""
    rows = select(Pause.leg_id, Pause.from_on, Pause.resumed_on).where(
        Pause.municipality_id == municipality_id, Pause.leg_id.in_(leg_ids)
    )
    return _by(session.execute(rows.order_by(Pause.from_on, Pause.id)))


def _by(rows: Iterable[Any]) -> dict[int, list[Span]]:
    found: dict[int, list[Span]] = {}
    for key, from_on, resumed_on in rows:
        found.setdefault(key, []).append(Span(from_on, resumed_on))
    return found
