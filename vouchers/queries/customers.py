"""The staff's register: every accreditation that was ever decided or asked for, and its customers."""

from __future__ import annotations

from datetime import date

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from core.database import Rows
from providers.models import Accreditation, Provider
from providers.queries.registry import OF_PROVIDER
from providers.rules.dormancy import Seen
from vouchers.models import Leg, Voucher


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
            OF_PROVIDER,
        )
        .outerjoin(customers, customers.c.accreditation_id == Accreditation.id)
        .where(Accreditation.municipality_id == municipality_id)
        .order_by(Provider.name, Accreditation.service, Accreditation.id)
    )
    if state:
        rows = rows.where(Accreditation.state == state)
    return session.execute(rows).all()


def seen(session: Session, municipality_id: int, today: date) -> dict[int, Seen]:
    """Of each accreditation, when somebody last chose it, began there and was there, for the watch below.

    In one query. Somebody the provider said no to was never a customer: else it could live on refusals. Nor
    was one whose voucher was taken back or lapsed before the start; nobody had then chosen at all.
    """
    there = or_(Leg.ended_on.is_(None), Leg.ended_on > today)
    started = and_(Leg.started_on.is_not(None), Leg.started_on <= today)
    rows = (
        select(
            Leg.accreditation_id,
            func.max(Leg.chosen_on).label("chosen_on"),
            func.max(Leg.started_on).filter(started).label("started_on"),
            func.max(Leg.ended_on).filter(Leg.ended_on <= today).label("left_on"),
            func.count(Leg.id).filter(there).label("present"),
        )
        .join(Voucher, and_(Voucher.municipality_id == Leg.municipality_id, Voucher.id == Leg.voucher_id))
        .where(
            Leg.municipality_id == municipality_id,
            Leg.chosen_on <= today,
            Leg.declined_on.is_(None),
            or_(Leg.started_on.is_not(None), Voucher.state.not_in(("revoked", "lapsed"))),
        )
        .group_by(Leg.accreditation_id)
    )
    return {
        row.accreditation_id: Seen(
            row.chosen_on, row.started_on, today if row.present else row.left_on, row.present
        )
        for row in session.execute(rows)
    }
