"""How many more people each accreditation can take."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from providers.models import Accreditation
from providers.rules import OPEN_STATES
from vouchers.models import Leg

TAKEN = and_(Leg.ended_on.is_(None), Leg.declined_on.is_(None))
"""Those who go there, and those who have chosen it and are on their way."""


def free_places(
    session: Session, municipality_id: int, accreditation_ids: Collection[int] | None = None
) -> dict[int, int]:
    """Free places by accreditation, in one query: those named, or all that are open. Never below none."""
    taken = (
        select(Leg.accreditation_id, func.count(Leg.id).label("people"))
        .where(Leg.municipality_id == municipality_id, TAKEN)
        .group_by(Leg.accreditation_id)
    )
    rows = select(Accreditation.id, Accreditation.capacity).where(
        Accreditation.municipality_id == municipality_id
    )
    if accreditation_ids is None:
        rows = rows.where(Accreditation.state.in_(OPEN_STATES))
    else:
        rows = rows.where(Accreditation.id.in_(accreditation_ids))
        taken = taken.where(Leg.accreditation_id.in_(accreditation_ids))
    counted = taken.subquery()
    both = rows.add_columns(func.coalesce(counted.c.people, 0).label("people")).outerjoin(
        counted, counted.c.accreditation_id == Accreditation.id
    )
    return {row.id: max(row.capacity - row.people, 0) for row in session.execute(both)}


def has_place(session: Session, accreditation: Accreditation, *, but: int = 0) -> bool:
    """Whether one more can come. True at commit only within a transaction, where writers take turns.

    `but` is a leg whose own place is not counted.
    """
    rows = select(func.count(Leg.id)).where(
        Leg.municipality_id == accreditation.municipality_id,
        Leg.accreditation_id == accreditation.id,
        Leg.id != but,
        TAKEN,
    )
    return session.scalars(rows).one() < accreditation.capacity
