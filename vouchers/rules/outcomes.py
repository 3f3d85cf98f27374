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
REGULAR_MARKET = ("work", "own_business")
"""The results that are a job on the regular market, unless the municipality is the employer."""
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
class Ended:
    """What is known of what one ended service led to. `state` is empty when nothing was claimed.

    `municipal`: the municipality is the employer. `too_short`: refused by staff for having ended too early,
    and for nothing else. `is_month_ago`: it began so long ago that a month of it can be over. `stay` are its
    first day and last known day, None while no last day is known; `seen_on` when staff last found it there.
    """

    kind: str = ""
    state: str = ""
    municipal: bool = False
    too_short: bool = False
    is_month_ago: bool = False
    stay: tuple[date, date] | None = None
    seen_on: date | None = None


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


def pays(one: Ended) -> str:
    """The payment's definition: PASSED when staff have verified what was claimed, WAITING when they have not
    judged it yet, else NOT_SEEN."""
    return {"verified": PASSED, "claimed": WAITING}.get(one.state, NOT_SEEN)


def lasts_a_month(one: Ended) -> str:
    """The definition of KAS, the municipalities' own statistics: at least one continuous month in work on the
    regular market, or studies.

    With a wage subsidy counts, with the municipality as employer does not. What was too short to be paid
    counts when it is known to have lasted a month. WAITING is what nobody has judged, or has not lasted yet.
    """
    is_seen = one.state == "verified" or one.too_short
    if one.kind == "studies":
        return pays(one)
    if one.kind not in REGULAR_MARKET or one.municipal or not (is_seen or one.state == "claimed"):
        return NOT_SEEN
    if one.stay is not None:
        first, last = one.stay
        whole_on = add_months(first, 1)
        is_over = last >= whole_on - timedelta(days=1) or (
            one.seen_on is not None and one.seen_on >= whole_on
        )
        if not is_over or one.too_short:
            return PASSED if is_over else NOT_SEEN
    elif one.too_short:
        return NOT_SEEN
    return PASSED if is_seen and one.is_month_ago else WAITING


def last_month_start(today: date) -> date:
    """The latest first day that one whole calendar month has passed since."""
    return _latest(today, 1)


def still_there(rows: Iterable[Left]) -> Tally:
    """Still in work or studies: of those who left LATER_MONTHS ago or earlier, those that staff have seen.

    Whoever nobody has judged yet is not counted at all; whoever had no result counts as not there.
    """
    ripe = [row for row in rows if row.is_ripe and row.later != WAITING]
    return Tally(sum(row.people for row in ripe if row.later == PASSED), sum(row.people for row in ripe))


def last_ripe_day(today: date) -> date:
    """The latest last day that lies LATER_MONTHS calendar months back."""
    return _latest(today, LATER_MONTHS)


def _latest(today: date, months: int) -> date:
    """The latest day that so many calendar months have passed since; month ends have several."""
    day = add_months(today, -months)
    while add_months(day + timedelta(days=1), months) <= today:
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
