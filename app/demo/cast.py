"""Who is at work in the demo town, and how much happens there."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.demo.people import House
from core.actor import Actor


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
