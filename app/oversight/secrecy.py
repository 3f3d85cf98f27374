"""Groups of fewer than five are hidden, and so is what would give them away by subtraction. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from vouchers.queries.figures import LEAST_PEOPLE, Cell, Grain, Key


class Hidden(Enum):
    """What stands in the place of a number: too few people, or kept back to protect such a number."""

    FEW = "few"
    KEPT = "kept"


# A number, a hidden one, or nothing to tell.
Value: TypeAlias = int | Hidden | None


@dataclass(frozen=True)
class Sum:
    """A shown sum and the shown parts that add up to it: whoever knows all but one knows that one too."""

    total: Key
    parts: tuple[Key, ...]


def small(cells: Collection[Cell]) -> set[Key]:
    """Cells with too few people behind them."""
    return {cell.key for cell in cells if is_small(cell)}


def is_small(cell: Cell) -> bool:
    """Whether so few people are behind it that they could be recognised."""
    return 0 < cell.people < LEAST_PEOPLE


def hidden(
    cells: Collection[Cell], grains: Sequence[Grain], sums_of: Mapping[str, Collection[str]]
) -> frozenset[Key]:
    """The cells that must not be shown.

    `sums_of` names measures that are the sum of others. In every sum at least two parts are hidden or none,
    and those hidden are together at least five people; the smallest part that can be spared goes.
    """
    people = {cell.key: cell.people for cell in cells}
    found = small(cells)
    sums = _sums(people, grains, sums_of)
    before = -1
    while len(found) != before:
        before = len(found)
        for one in sums:
            found.update(_more(one, people, found))
    return frozenset(found)


def _more(one: Sum, people: Mapping[Key, int], found: Collection[Key]) -> Iterator[Key]:
    """What else has to go from a sum."""
    gone = [key for key in one.parts if key in found]
    is_hidden = one.total in found
    count, hidden_people = len(gone), sum(people[key] for key in gone)
    if count == 0 and not is_hidden:
        return
    open_ones = (key for key in one.parts if key not in found)
    for key in sorted(open_ones, key=lambda key: (people[key], key)):
        if is_hidden and count:
            return
        if count > 1 and hidden_people >= LEAST_PEOPLE:
            return
        count, hidden_people = count + 1, hidden_people + people[key]
        yield key
    if not is_hidden and (count < 2 or hidden_people < LEAST_PEOPLE):
        yield one.total


def _sums(
    people: Mapping[Key, int], grains: Sequence[Grain], sums_of: Mapping[str, Collection[str]]
) -> list[Sum]:
    parts: dict[tuple[Key, str], list[Key]] = {}
    for key in people:
        for kind, total in _totals(key, grains, sums_of):
            if total in people:
                parts.setdefault((total, kind), []).append(key)
    return [Sum(total, tuple(keys)) for (total, _), keys in parts.items()]


def _totals(
    key: Key, grains: Sequence[Grain], sums_of: Mapping[str, Collection[str]]
) -> Iterator[tuple[str, Key]]:
    """The sums that a cell is a part of: over levels, services, months, and kinds of money."""
    if key.level:
        yield "levels", key._replace(level="")
    elif key.service:
        yield "services", key._replace(service="")
    own = next(grain for grain in grains if grain.name == key.grain)
    if own.size == 1 and not key.level:
        for grain in grains:
            if grain.size > 1:
                yield "months", key._replace(grain=grain.name, bucket=grain.bucket_of(key.bucket))
    for total, measures in sums_of.items():
        if key.measure in measures:
            yield "kinds", key._replace(measure=total)
