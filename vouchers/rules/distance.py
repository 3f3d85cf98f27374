"""How far it is, as the crow flies, and no more exactly than a postal code can say. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from math import asin, cos, radians, sin, sqrt

from providers.rules.places import E5, Spot

EARTH_METRES = 6_371_009


def metres(one: Spot, other: Spot) -> int:
    """Along the great circle, on a round earth; wrong by at most half of a hundredth."""
    north, south = radians(one.latitude_e5 / E5), radians(other.latitude_e5 / E5)
    east = radians((one.longitude_e5 - other.longitude_e5) / E5)
    bow = sin((north - south) / 2) ** 2 + cos(north) * cos(south) * sin(east / 2) ** 2
    return round(2 * EARTH_METRES * asin(min(1.0, sqrt(bow))))


def kilometres(far_metres: int) -> int:
    """Whole kilometres, halves up; 0 is less than half a kilometre."""
    return (far_metres + 500) // 1000


def nearest(home: Spot, spots: Iterable[Spot | None]) -> int | None:
    """Metres to the nearest of them; None when nobody knows where any of them is."""
    return min((metres(home, spot) for spot in spots if spot is not None), default=None)
