"""Who has said that none suits, why, and what was done about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from core.actor import Account
from vouchers.models import NoneSuits

_Sayer = aliased(Account)
_Guide = aliased(Account)


def said(session: Session, municipality_id: int, voucher_id: int) -> Sequence[Any]:
    """Each time it was said of that voucher, the newest first, with who wrote it down and who followed up."""
    rows = (
        select(
            NoneSuits.id,
            NoneSuits.why,
            NoneSuits.words,
            NoneSuits.said_at,
            NoneSuits.followed_up_on,
            NoneSuits.follow_up,
            _Sayer.name.label("said_by"),
            _Guide.name.label("followed_up_by"),
        )
        .join(
            _Sayer,
            and_(_Sayer.municipality_id == NoneSuits.municipality_id, _Sayer.id == NoneSuits.said_by),
        )
        .outerjoin(
            _Guide,
            and_(_Guide.municipality_id == NoneSuits.municipality_id, _Guide.id == NoneSuits.followed_up_by),
        )
        .where(NoneSuits.municipality_id == municipality_id, NoneSuits.voucher_id == voucher_id)
        .order_by(NoneSuits.id.desc())
    )
    return session.execute(rows).all()
