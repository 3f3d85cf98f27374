"""How it went for those who have left: counted once, in one query, for every page that shows it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from vouchers.models import Leg, Outcome, Voucher
from vouchers.rules.outcomes import Chance, chance


@dataclass(frozen=True)
class Figure:
    """A result as it may be shown: `chance` is None when fewer than `minimum` have left."""

    chance: Chance | None
    minimum: int


@dataclass(frozen=True)
class Tally:
    """Of `people` who have left a service at a provider, `good` have a result that staff have verified."""

    provider_id: int
    scheme: str
    service: str
    good: int
    people: int


def tallies(session: Session, municipality_id: int) -> list[Tally]:
    """A row for each provider and service that anybody has left."""
    met = (Outcome.municipality_id == Leg.municipality_id) & (Outcome.leg_id == Leg.id)
    rows = (
        select(
            Leg.provider_id,
            Voucher.scheme,
            Voucher.service,
            func.count(Outcome.leg_id.distinct()).label("good"),
            func.count(Leg.id.distinct()).label("people"),
        )
        .join(Voucher, (Voucher.municipality_id == Leg.municipality_id) & (Voucher.id == Leg.voucher_id))
        .outerjoin(Outcome, met & (Outcome.state == "verified"))
        .where(Leg.municipality_id == municipality_id, Leg.started_on.is_not(None), Leg.ended_on.is_not(None))
        .group_by(Leg.provider_id, Voucher.scheme, Voucher.service)
    )
    return [Tally(*row) for row in session.execute(rows)]


def figure(rows: list[Tally], minimum: int) -> Figure:
    """The figure of some tallies together."""
    return Figure(chance(sum(row.good for row in rows), sum(row.people for row in rows), minimum), minimum)
