"""Who gets which provider when no choice was made: a proposal with its reason, the same again from the same
facts and seed. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from providers.rules.places import Spot
from vouchers.rules import distance

BY_HAND = "by_hand"
INSTEAD = ("protected", "no_address", "no_spots")
"""Why rotation stood in for the nearest: nobody with protected identity is placed by where they live; nobody
has said where the home is; nor where any provider is."""
NOBODY = ("all_full", "own_run_closed")
"""Why it is left to a person: nobody has a place; the municipality's own takes nobody."""


@dataclass(frozen=True)
class Case:
    """Somebody who did not choose in time. `offer` is the service wanted, `rule` the rulebook's.

    `home` is the middle of the postal code, if anybody knows it; `not_again` are providers that said no.
    """

    voucher_id: int
    offer: str
    rule: str
    choose_by: date
    is_protected: bool = False
    home: Spot | None = None
    not_again: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Candidate:
    """A provider that is accredited for a service and takes people in, with its free places.

    `given` is how many it was given by this rule in the last twelve months, for any service.
    """

    provider_id: int
    offer: str
    free: int
    given: int = 0
    is_municipal: bool = False
    spots: tuple[Spot, ...] = ()


@dataclass(frozen=True)
class Line:
    """What is proposed for one person. `facts` are plain JSON, enough to say why in words.

    nearest: {kilometres}; rotation: {given, among} and {because} where it stands in; by_hand: {because}.
    """

    voucher_id: int
    provider_id: int | None
    rule: str
    facts: dict[str, object] = field(default_factory=dict)


def propose(cases: Iterable[Case], candidates: Sequence[Candidate], seed: str) -> list[Line]:
    """A line for each, those who have waited longest first. Every line takes a place.

    Ties, among people and among providers, fall by an order that the seed gives and that favours nobody.
    """
    waiting = list(cases)
    place = _places(seed, [case.voucher_id for case in waiting])
    waiting.sort(key=lambda case: (case.choose_by, place[case.voucher_id]))
    draw = _Draw(candidates, seed)
    return [draw.line(case) for case in waiting]


def _places(seed: str, ids: Iterable[int]) -> dict[int, int]:
    """Each id's place in the seed's order. Never to be changed: lists that were made are made again by it."""

    def drawn(key: int) -> bytes:
        return hashlib.sha256(f"{seed}:{key}".encode()).digest()

    return {key: number for number, key in enumerate(sorted(set(ids), key=drawn))}


class _Draw:
    """The places that are left while a list is drawn up."""

    def __init__(self, candidates: Sequence[Candidate], seed: str) -> None:
        self.candidates = candidates
        self.free = {(one.provider_id, one.offer): one.free for one in candidates}
        self.given = dict(sorted((one.provider_id, one.given) for one in candidates))
        self.order = _places(seed, (one.provider_id for one in candidates))

    def line(self, case: Case) -> Line:
        """The person's line; its place is taken."""
        able = [
            one
            for one in self.candidates
            if one.offer == case.offer
            and one.provider_id not in case.not_again
            and self.free[one.provider_id, one.offer] > 0
        ]
        found, rule, facts = self._choose(case, able)
        if found is None:
            return Line(case.voucher_id, None, BY_HAND, facts)
        self.free[found.provider_id, found.offer] -= 1
        self.given[found.provider_id] += 1
        return Line(case.voucher_id, found.provider_id, rule, facts)

    def _choose(self, case: Case, able: list[Candidate]) -> tuple[Candidate | None, str, dict[str, object]]:
        if case.rule == "own_run":
            own = [one for one in able if one.is_municipal]
            return (self._next(own), "own_run", {}) if own else (None, BY_HAND, {"because": "own_run_closed"})
        if not able:
            return None, BY_HAND, {"because": "all_full"}
        if case.rule == "rotation":
            return self._rotation(able, {})
        if case.home is None or case.is_protected:
            return self._rotation(able, {"because": "protected" if case.is_protected else "no_address"})
        if not any(one.spots for one in able):
            return self._rotation(able, {"because": "no_spots"})
        return self._nearest(case.home, able)

    def _nearest(self, home: Spot, able: list[Candidate]) -> tuple[Candidate, str, dict[str, object]]:
        far = {
            one.provider_id: metres
            for one in able
            if (metres := distance.nearest(home, one.spots)) is not None
        }
        # Postal codes say no more than tenths of a kilometre; what is nearer than that is a tie.
        nearest = min(
            (one for one in able if one.provider_id in far),
            key=lambda one: (far[one.provider_id] // 100, self.order[one.provider_id]),
        )
        return nearest, "nearest", {"kilometres": (far[nearest.provider_id] + 500) // 1000}

    def _rotation(
        self, able: list[Candidate], facts: dict[str, object]
    ) -> tuple[Candidate, str, dict[str, object]]:
        found = self._next(able)
        return found, "rotation", {"given": self.given[found.provider_id], "among": len(able), **facts}

    def _next(self, able: list[Candidate]) -> Candidate:
        return min(able, key=lambda one: (self.given[one.provider_id], self.order[one.provider_id]))
