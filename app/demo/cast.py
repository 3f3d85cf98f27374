"""Who is at work in the demo town, and how much happens there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from app.demo.people import House
from core.actor import Actor, Role
from vouchers import actions
from vouchers.models import Leg, Participant, Voucher


@dataclass(frozen=True)
class Size:
    """How much happens: months of history, new vouchers a month, and how many of them are lived day by day.

    Those come by the very actions that the pages call; the rest by the bulk action, under the same rules.
    """

    months: int = 36
    arrivals: int = 52
    day_by_day: int = 2
    day_by_day_months: int = 10


@dataclass
class Cast:
    """Who is at work, by their actors."""

    guide: Actor
    inspector: Actor
    colleague: Actor
    chair: Actor
    secretary: Actor
    maker: Actor
    first: Actor
    second: Actor
    coaches: dict[int, Actor] = field(default_factory=dict)
    houses: dict[int, House] = field(default_factory=dict)


def name_coach_of_protected(session: Session, leg: Leg, coach: Actor) -> None:
    """The house's manager, who is the coach in the small ones, names who works with a protected person."""
    voucher = session.get_one(Voucher, (leg.municipality_id, leg.voucher_id))
    if session.get_one(Participant, (leg.municipality_id, voucher.participant_id)).is_protected:
        manager = replace(coach, roles=frozenset({Role.MANAGER}))
        actions.name_coach(session, leg.id, coach.account_id, by=manager)
