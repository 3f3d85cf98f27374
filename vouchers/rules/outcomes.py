"""Honest figures: how many of how many, and between what and what it may really be. Counted here only."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

Z_95 = 1.959964


@dataclass(frozen=True)
class Chance:
    """`low` to `high` of 100 with 95 % confidence, from `good` among `people`."""

    good: int
    people: int
    low: int
    high: int

    @property
    def middle(self) -> int:
        """The share itself, of 100, rounded."""
        return (200 * self.good + self.people) // (2 * self.people)


def chance(good: int, people: int, minimum: int) -> Chance | None:
    """Wilson's interval in whole hundredths, or None when there are too few people to say."""
    if people < max(minimum, 1):
        return None
    rate, spread = good / people, Z_95 * Z_95 / people
    middle = (rate + spread / 2) / (1 + spread)
    half = Z_95 * sqrt(rate * (1 - rate) / people + spread / (4 * people)) / (1 + spread)
    return Chance(good, people, max(0, round(100 * (middle - half))), min(100, round(100 * (middle + half))))
