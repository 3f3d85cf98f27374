"""Vouchers that a cap per provider binds together: what one has earned depends on what the others have."""

from __future__ import annotations

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.columns import columns
from core.rulebooks import Rulebook
from payouts.queries.facts import tariff_of
from payouts.rules.columns import Whole
from vouchers.models import Voucher


def together(session: Session, municipality_id: int, ids: Whole) -> list[Whole]:
    """For each rulebook with a cap per provider that any of those vouchers is under: all vouchers under it.

    They must be settled at once, however many they are.
    """
    decided = select(Rulebook.id).where(
        Rulebook.municipality_id == municipality_id, Rulebook.state == "decided"
    )
    found = []
    for rulebook_id in session.scalars(decided):
        if any(cap.per == "provider" for cap in tariff_of(session, municipality_id, rulebook_id).caps):
            rows = select(Voucher.id).where(
                Voucher.municipality_id == municipality_id, Voucher.rulebook_id == rulebook_id
            )
            bound = np.sort(columns(session, rows)[0])
            if len(np.intersect1d(bound, ids, assume_unique=True)):
                found.append(bound)
    return found
