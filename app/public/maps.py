"""What stands at each number of the map: providers in one place, or in one area where places are many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.public.sketch import MOST_MARKERS, Sketch, sketch
from providers.queries.places import Known
from providers.queries.registry import Place
from providers.rules.places import Spot
from vouchers.queries.choices import Candidate


@dataclass(frozen=True)
class Group:
    """A number on the map: where it is, which area, on which streets (none when it is a whole area)."""

    number: int
    area: str
    streets: tuple[str, ...]
    spot: Spot
    candidates: tuple[Candidate, ...]


def grouped(candidates: Sequence[Candidate]) -> tuple[list[Group], list[Candidate]]:
    """The numbers of the map, by area, and those of whom nobody knows where they are."""
    placed = [
        (place, place.spot, found) for found in candidates for place in found.provider.sites if place.spot
    ]
    there = {found.provider.id for _, _, found in placed}
    by_spot: dict[object, list[tuple[Place, Spot, Candidate]]] = {}
    for row in placed:
        by_spot.setdefault((row[0].area, row[1]), []).append(row)
    if len(by_spot) > MOST_MARKERS:
        by_spot = {}
        for row in placed:
            by_spot.setdefault(row[0].area, []).append(row)
    together = sorted(by_spot.values(), key=lambda rows: (rows[0][0].area.casefold(), rows[0][0].street))
    groups = [_group(number, rows) for number, rows in enumerate(together, 1)]
    return groups, [found for found in candidates if found.provider.id not in there]


def _group(number: int, rows: list[tuple[Place, Spot, Candidate]]) -> Group:
    spots = {spot for _, spot, _ in rows}
    streets = tuple(dict.fromkeys(place.street for place, _, _ in rows)) if len(spots) == 1 else ()
    found = {candidate.provider.id: candidate for _, _, candidate in rows}
    return Group(number, rows[0][0].area, streets, _middle(spots), tuple(found.values()))


def _middle(spots: set[Spot]) -> Spot:
    def mean(read: Callable[[Spot], int]) -> int:
        return round(sum(read(spot) for spot in spots) / len(spots))

    return Spot(mean(lambda spot: spot.latitude_e5), mean(lambda spot: spot.longitude_e5))


def drawn(groups: Sequence[Group], ground: Sequence[Known], home: Spot | None) -> Sketch:
    """The map of the groups, on the postal codes of the municipality."""
    return sketch([(group.spot, group.area) for group in groups], [one.spot for one in ground], home)
