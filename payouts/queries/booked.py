"""What the ledger holds for some vouchers: the last line of each key."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sqlalchemy import case, select
from sqlalchemy.orm import Session

from core.columns import Column, among, columns
from payouts.models import LedgerLine
from payouts.rules.columns import Whole, whole
from payouts.rules.fees import COMPONENTS
from payouts.rules.settlement import REASONS, Lines

COMPONENT = case({name: place for place, name in enumerate(COMPONENTS)}, value=LedgerLine.component)
REASON = case({name: place for place, name in enumerate(REASONS)}, value=LedgerLine.reason)
WHOLE = (
    LedgerLine.scope_id,
    COMPONENT.label("category"),
    LedgerLine.part,
    LedgerLine.sequence,
    LedgerLine.voucher_id,
    LedgerLine.leg_id,
    LedgerLine.provider_id,
    LedgerLine.rulebook_id,
    LedgerLine.period_on,
    LedgerLine.unit_price_ore,
    LedgerLine.quantity,
    LedgerLine.of_quantity,
    LedgerLine.amount_ore,
    REASON.label("why"),
    LedgerLine.evidence_id,
)


def booked_of(session: Session, municipality_id: int, ids: Sequence[int] | Whole) -> Lines:
    """The last line of every key of those vouchers, in the order of the keys."""
    rows = select(*WHOLE).where(
        LedgerLine.municipality_id == municipality_id, LedgerLine.voucher_id.in_(among(session, ids))
    )
    return last_of_each(Lines(*columns(session, rows)))


def last_of_each(lines: Lines) -> Lines:
    """The line with the highest sequence of each key."""
    order = np.lexsort((lines.sequence, lines.part, lines.component, lines.scope))
    keys = [getattr(lines, name)[order] for name in ("scope", "component", "part")]
    is_last = np.ones(len(order), dtype=bool)
    is_last[:-1] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    return lines.where(order[is_last])


def nothing_booked() -> Lines:
    """No line."""
    found: list[Column] = [whole([])] * len(WHOLE)
    return Lines(*found)
