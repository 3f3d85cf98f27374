"""Honest figures: who is counted, what is a result, and between what and what it may really be. Only here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

from core.dates import add_months

Z_95 = 1.959964
LATER_MONTHS = 6
"""How long after the last day somebody is asked whether it held."""
WAIT_MONTHS = 6
"""How far back the wait from choice to start is measured."""
WORK_OR_STUDIES = ("work", "studies", "own_business")
"""The results that can still be there later on; a step to the next service is over when it is taken."""
FOLLOWED_KINDS = ("matching",)
"""The kinds of service whose people are asked later on."""
PASSED, WAITING, NOT_SEEN = "passed", "waiting", "not_seen"


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


@dataclass(frozen=True)
class Figure:
    """A result as it may be shown: `chance` is None when it is about fewer than `minimum` people."""

    chance: Chance | None
    minimum: int


@dataclass(frozen=True)
class Left:
    """So many `people` began a service at a provider and have left it, all alike.

    `has_result`: staff have verified what it led to. `is_ripe`: the last day lies LATER_MONTHS back. `later`:
    PASSED when staff have seen work or studies then, WAITING when they have not judged it yet, else NOT_SEEN.
    """

    people: int
    has_result: bool
    is_ripe: bool = False
    later: str = NOT_SEEN


@dataclass(frozen=True)
class Tally:
    """Of `people`, `good`."""

    good: int
    people: int


@dataclass(frozen=True)
class Wait:
    """Working days from choice to start: the median of `people`, or what the rulebook promises."""

    working_days: int
    people: int
    is_promise: bool


def chance(good: int, people: int, minimum: int) -> Chance | None:
    """Wilson's interval in whole hundredths, or None when there are too few people to say."""
    if people < max(minimum, 1):
        return None
    rate, spread = good / people, Z_95 * Z_95 / people
    middle = (rate + spread / 2) / (1 + spread)
    half = Z_95 * sqrt(rate * (1 - rate) / people + spread / (4 * people)) / (1 + spread)
    return Chance(good, people, max(0, round(100 * (middle - half))), min(100, round(100 * (middle + half))))


def figure(tally: Tally, minimum: int) -> Figure:
    """The tally as it may be shown."""
    return Figure(chance(tally.good, tally.people, minimum), minimum)


def led_on(rows: Iterable[Left]) -> Tally:
    """Results: of all who have left, those with a verified one."""
    every = list(rows)
    return Tally(sum(row.people for row in every if row.has_result), sum(row.people for row in every))


def still_there(rows: Iterable[Left]) -> Tally:
    """Still in work or studies: of those who left LATER_MONTHS ago or earlier, those that staff have seen.

    Whoever nobody has judged yet is not counted at all; whoever had no result counts as not there.
    """
    ripe = [row for row in rows if row.is_ripe and row.later != WAITING]
    return Tally(sum(row.people for row in ripe if row.later == PASSED), sum(row.people for row in ripe))


def last_ripe_day(today: date) -> date:
    """The latest last day that lies LATER_MONTHS calendar months back."""
    day = add_months(today, -LATER_MONTHS)
    while add_months(day + timedelta(days=1), LATER_MONTHS) <= today:
        day += timedelta(days=1)
    return day


def expected_wait(started: Mapping[int, int], minimum: int, promised: int) -> Wait:
    """How long until the start: `started` is people by working days waited, of those who began lately.

    The median, and of two middle ones the longer; below `minimum` people, the days that are promised.
    """
    people = sum(started.values())
    if people < max(minimum, 1):
        return Wait(promised, 0, is_promise=True)
    passed = 0
    for days in sorted(started):
        passed += started[days]
        if passed > people // 2:
            return Wait(days, people, is_promise=False)
    raise AssertionError("a median lies among those it is of")
