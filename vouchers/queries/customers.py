"""The staff's register: every accreditation that was ever decided or asked for, and its customers."""

from __future__ import annotations

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from core.database import Rows
from providers.models import Accreditation, Provider
from vouchers.models import Leg


def accreditations(session: Session, municipality_id: int, *, state: str | None = None) -> Rows:
    """Accreditations with provider, state, days, places, people there now, and when it was last chosen."""
    there = and_(Leg.started_on.is_not(None), Leg.ended_on.is_(None))
    customers = (
        select(
            Leg.accreditation_id,
            func.max(Leg.chosen_on).label("last_on"),
            func.count(Leg.id).filter(there).label("people"),
        )
        .where(Leg.municipality_id == municipality_id)
        .group_by(Leg.accreditation_id)
        .subquery()
    )
    rows = (
        select(
            Accreditation.id,
            Accreditation.provider_id,
            Accreditation.rulebook_id,
            Accreditation.service,
            Accreditation.state,
            Accreditation.capacity,
            Accreditation.applied_on,
            Accreditation.from_on,
            Accreditation.to_on,
            Provider.name,
            Provider.legal_form,
            customers.c.last_on,
            func.coalesce(customers.c.people, 0).label("people"),
        )
        .join(
            Provider,
            (Provider.municipality_id == Accreditation.municipality_id)
            & (Provider.id == Accreditation.provider_id),
        )
        .outerjoin(customers, customers.c.accreditation_id == Accreditation.id)
        .where(Accreditation.municipality_id == municipality_id)
        .order_by(Provider.name, Accreditation.service, Accreditation.id)
    )
    if state:
        rows = rows.where(Accreditation.state == state)
    return session.execute(rows).all()
