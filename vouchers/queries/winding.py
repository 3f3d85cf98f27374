"""The customers of an accreditation that ends: who is there, what is planned, what is left to judge."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from core.identity import Protection
from vouchers.models import Check, Leg, LegPlan, Participant, Voucher
from vouchers.queries.places import TAKEN
from vouchers.queries.standings import Guide
from vouchers.rules.secrecy import may_know

_OF_VOUCHER = and_(Voucher.municipality_id == Leg.municipality_id, Voucher.id == Leg.voucher_id)


@dataclass(frozen=True)
class Customer:
    """One who goes there or is on the way. `name` is None for a protected person whose guide is another.

    `plan` is the newest plan's kind, `plan_to_on` the last day of one who stays.
    """

    leg_id: int
    voucher_id: int
    rulebook_id: int
    service: str
    level: str
    name: str | None
    is_protected: bool
    guide: str
    chosen_on: date
    started_on: date | None
    plan: str | None
    plan_to_on: date | None


def customers(
    session: Session, municipality_id: int, accreditation_id: int, *, viewer_id: int
) -> list[Customer]:
    """Everybody who runs under the accreditation, the longest there first. Two queries."""
    rows = session.execute(
        select(
            Leg.id,
            Leg.voucher_id,
            Voucher.rulebook_id,
            Voucher.service,
            Voucher.level,
            Participant.given_name,
            Participant.family_name,
            Participant.protection,
            Participant.guide_id,
            Guide.name.label("guide"),
            Leg.chosen_on,
            Leg.started_on,
        )
        .join(Voucher, _OF_VOUCHER)
        .join(
            Participant,
            and_(
                Participant.municipality_id == Voucher.municipality_id,
                Participant.id == Voucher.participant_id,
            ),
        )
        .join(
            Guide,
            and_(Guide.municipality_id == Participant.municipality_id, Guide.id == Participant.guide_id),
        )
        .where(Leg.municipality_id == municipality_id, Leg.accreditation_id == accreditation_id, TAKEN)
        .order_by(Leg.chosen_on, Leg.id)
    ).all()
    plans = _plans(session, municipality_id, accreditation_id)
    found = []
    for row in rows:
        known = may_know(viewer_id, row.guide_id, row.protection)
        plan = plans.get(row.id)
        found.append(
            Customer(
                leg_id=row.id,
                voucher_id=row.voucher_id,
                rulebook_id=row.rulebook_id,
                service=row.service,
                level=row.level,
                name=f"{row.given_name} {row.family_name}" if known else None,
                is_protected=row.protection != Protection.NONE.value,
                guide=row.guide,
                chosen_on=row.chosen_on,
                started_on=row.started_on,
                plan=plan.kind if plan else None,
                plan_to_on=plan.to_on if plan else None,
            )
        )
    return found


def _plans(session: Session, municipality_id: int, accreditation_id: int) -> dict[int, LegPlan]:
    """The newest plan of each running leg."""
    rows = (
        select(LegPlan)
        .join(Leg, and_(Leg.municipality_id == LegPlan.municipality_id, Leg.id == LegPlan.leg_id))
        .where(LegPlan.municipality_id == municipality_id, Leg.accreditation_id == accreditation_id, TAKEN)
        .order_by(LegPlan.id)
    )
    return {plan.leg_id: plan for plan in session.scalars(rows)}


def unplanned(session: Session, municipality_id: int, accreditation_id: int) -> int:
    """How many running customers have no plan."""
    planned = (
        select(LegPlan.id)
        .where(LegPlan.municipality_id == Leg.municipality_id, LegPlan.leg_id == Leg.id)
        .correlate(Leg)
        .exists()
    )
    rows = select(func.count(Leg.id)).where(
        Leg.municipality_id == municipality_id, Leg.accreditation_id == accreditation_id, TAKEN, ~planned
    )
    return session.scalars(rows).one()


def running(session: Session, municipality_id: int, accreditation_id: int) -> int:
    """How many go there or are on their way."""
    rows = select(func.count(Leg.id)).where(
        Leg.municipality_id == municipality_id, Leg.accreditation_id == accreditation_id, TAKEN
    )
    return session.scalars(rows).one()


def running_by(session: Session, municipality_id: int, accreditation_ids: Collection[int]) -> dict[int, int]:
    """The same for several, in one query."""
    rows = (
        select(Leg.accreditation_id, func.count(Leg.id).label("people"))
        .where(
            Leg.municipality_id == municipality_id, Leg.accreditation_id.in_(set(accreditation_ids)), TAKEN
        )
        .group_by(Leg.accreditation_id)
    )
    return dict.fromkeys(accreditation_ids, 0) | {
        row.accreditation_id: row.people for row in session.execute(rows)
    }


def unchecked(session: Session, municipality_id: int, accreditation_id: int) -> int:
    """How many checks of its results nobody has judged yet, due or to come."""
    rows = (
        select(func.count(Check.id))
        .join(Leg, and_(Leg.municipality_id == Check.municipality_id, Leg.id == Check.leg_id))
        .where(
            Check.municipality_id == municipality_id,
            Leg.accreditation_id == accreditation_id,
            Check.state == "due",
        )
    )
    return session.scalars(rows).one()


def stays_to(session: Session, municipality_id: int, leg_id: int) -> date | None:
    """The last day there, for one who stays at a provider that has ended; else None."""
    rows = (
        select(LegPlan)
        .where(LegPlan.municipality_id == municipality_id, LegPlan.leg_id == leg_id)
        .order_by(LegPlan.id.desc())
    )
    newest = session.scalars(rows).first()
    return newest.to_on if newest else None
