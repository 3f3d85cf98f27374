"""Which organisations a provider has declared as its own group, and had on a day."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from core.actor import Account
from core.database import Rows
from providers.models import Affiliate


def declared(session: Session, municipality_id: int, provider_id: int) -> Rows:
    """(id, organisation_number, name, declared_on, removed_on, by) of all, standing ones first, by name."""
    by = aliased(Account)
    rows = (
        select(
            Affiliate.id,
            Affiliate.organisation_number,
            Affiliate.name,
            Affiliate.declared_on,
            Affiliate.removed_on,
            by.name.label("by"),
        )
        .outerjoin(by, (by.municipality_id == Affiliate.municipality_id) & (by.id == Affiliate.declared_by))
        .where(Affiliate.municipality_id == municipality_id, Affiliate.provider_id == provider_id)
        .order_by(Affiliate.removed_on.is_not(None), Affiliate.name, Affiliate.id)
    )
    return session.execute(rows).all()


def group_since(session: Session, municipality_id: int, provider_id: int, since: date) -> Rows:
    """(organisation_number, name) of those that have stood on some day from `since` on.

    One that was removed the day before a claim still counts for it.
    """
    rows = select(Affiliate.organisation_number, Affiliate.name).where(
        Affiliate.municipality_id == municipality_id,
        Affiliate.provider_id == provider_id,
        or_(Affiliate.removed_on.is_(None), Affiliate.removed_on >= since),
    )
    return session.execute(rows).all()
