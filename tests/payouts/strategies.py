"""Random tariffs of every kind, and random lives, for tests of what holds whatever the facts.

All is drawn from a `Random`: hypothesis gives one that it can shrink, a seed gives a thousand lives at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import count
from random import Random

import numpy as np

from core.dates import add_months, first_of_month
from payouts.rules.columns import (
    FAR,
    Changes,
    Checks,
    Deal,
    Facts,
    Holds,
    Legs,
    Months,
    Pauses,
    days,
    whole,
)
from payouts.rules.fees import (
    COMPONENTS,
    Tariff,
)
from tests.payouts.random_tariffs import EDGES, KEY, ORE, a_policy, a_tariff

__all__ = [
    "EDGES",
    "KEY",
    "ORE",
    "Agreed",
    "Fact",
    "Rest",
    "Seen",
    "Stay",
    "Told",
    "World",
    "a_day",
    "a_life",
    "a_policy",
    "a_tariff",
    "a_world",
    "alone",
    "by_key",
]

# ── lives ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Stay:
    """A leg."""

    leg_id: int
    voucher_id: int
    provider_id: int
    started: date
    ended: date | None = None
    planned: date | None = None
    finish: int = 0
    months: int = 12


@dataclass(frozen=True)
class Told:
    """A month's report: `approved` or only handed in."""

    report_id: int
    leg_id: int
    month: date
    approved: bool = True


@dataclass(frozen=True)
class Seen:
    """A passed check."""

    check_id: int
    leg_id: int
    bonus: bool
    part: int
    due: date
    percent: int = 100
    began: date | None = None
    proved: date | None = None


@dataclass(frozen=True)
class Rest:
    """A pause; without `last` it goes on."""

    leg_id: int
    first: date
    last: date | None


@dataclass(frozen=True)
class Agreed:
    """A price or a planned end from a day."""

    leg_id: int
    on: date
    price: int = -1
    planned: date | None = None


Fact = Stay | Told | Seen | Rest | Agreed


@dataclass
class World:
    """All that has been told, in any order. `facts` gives it as columns."""

    tariffs: tuple[Tariff, ...]
    stays: dict[int, Stay] = field(default_factory=dict)
    told: dict[int, Told] = field(default_factory=dict)
    seen: dict[int, Seen] = field(default_factory=dict)
    rests: list[Rest] = field(default_factory=list)
    agreed: list[Agreed] = field(default_factory=list)
    contested: set[int] = field(default_factory=set)
    holds: Holds = field(default_factory=Holds)

    def tell(self, fact: Fact) -> None:
        """One more fact, or one instead of what had its number."""
        if isinstance(fact, Stay):
            self.stays[fact.leg_id] = fact
        elif isinstance(fact, Told):
            self.told[fact.report_id] = fact
        elif isinstance(fact, Seen):
            self.seen[fact.check_id] = fact
        elif isinstance(fact, Rest):
            self.rests.append(fact)
        else:
            self.agreed.append(fact)

    def facts(self, as_of: date) -> Facts:
        """What the run would see."""
        stays = sorted(self.stays.values(), key=lambda stay: stay.leg_id)
        place = {stay.leg_id: at for at, stay in enumerate(stays)}
        first: dict[int, date] = {}
        for stay in stays:
            first[stay.voucher_id] = min(first.get(stay.voucher_id, date.max), stay.started)
        approved = [row for row in self.told.values() if row.approved and row.leg_id in place]
        pending = [row for row in self.told.values() if not row.approved and row.leg_id in place]
        seen = [row for row in self.seen.values() if row.leg_id in place]
        rests = [row for row in self.rests if row.leg_id in place]
        agreed = sorted(
            (row for row in self.agreed if row.leg_id in place), key=lambda row: (row.leg_id, row.on)
        )
        return Facts(
            as_of=as_of,
            deals=tuple(Deal(1 + at, *KEY, tariff) for at, tariff in enumerate(self.tariffs)),
            legs=Legs(
                leg_id=whole([stay.leg_id for stay in stays]),
                voucher_id=whole([stay.voucher_id for stay in stays]),
                provider_id=whole([stay.provider_id for stay in stays]),
                deal=whole([stay.voucher_id % len(self.tariffs) for stay in stays]),
                first=days([first[stay.voucher_id] for stay in stays]),
                started=days([stay.started for stay in stays]),
                ended=days([stay.ended or FAR for stay in stays]),
                months=whole([stay.months for stay in stays]),
                planned=days([stay.planned or FAR for stay in stays]),
                finish=whole([stay.finish for stay in stays]),
            ),
            months=_months(approved, place),
            pending=_months(pending, place),
            checks=Checks(
                leg=whole([place[row.leg_id] for row in seen]),
                bonus=whole([row.bonus for row in seen]),
                part=whole([row.part for row in seen]),
                due=days([row.due for row in seen]),
                check_id=whole([row.check_id for row in seen]),
                percent=whole([row.percent for row in seen]),
                began=days([row.began or FAR for row in seen]),
                proved=days([row.proved or FAR for row in seen]),
            ),
            pauses=Pauses(
                leg=whole([place[row.leg_id] for row in rests]),
                first=days([row.first for row in rests]),
                last=days([row.last or FAR for row in rests]),
            ),
            changes=Changes(
                leg=whole([place[row.leg_id] for row in agreed]),
                on=days([row.on for row in agreed]),
                price=whole([row.price for row in agreed]),
                planned=days([row.planned or FAR for row in agreed]),
            ),
            contested=whole(sorted(self.contested)),
            holds=self.holds,
        )


def _months(rows: list[Told], place: dict[int, int]) -> Months:
    return Months(
        leg=whole([place[row.leg_id] for row in rows]),
        month=days([row.month for row in rows]),
        report_id=whole([row.report_id for row in rows]),
    )


def a_day(random: Random) -> date:
    """A day from 2023 to 2025, often where something turns."""
    if random.random() < 0.4:
        return random.choice(EDGES)
    return date(2023, 1, 1) + timedelta(days=random.randrange(1000))


def a_life(random: Random, voucher_id: int, ids: Iterable[int]) -> list[Fact]:
    """One voucher: one to three stays after each other, and what is told of them. `ids` are new numbers."""
    new = iter(ids)
    found: list[Fact] = []
    started = a_day(random)
    total = random.randint(1, 3)
    months = random.randint(1, 14)
    planned = add_months(started, months) - timedelta(days=1)
    parts: set[tuple[bool, int]] = set()
    for number in range(total):
        last = number == total - 1
        length = random.choice((0, 1, 13, 14, 27, 30, 45, 89, 90, 200, 366))
        ended = None if last and random.random() < 0.5 else started + timedelta(days=length)
        finish = random.randint(1, 2) if ended and last else 0
        stay = Stay(
            next(new), voucher_id, 1 + random.randrange(3), started, ended,
            planned if random.random() < 0.7 else None, finish, months,
        )  # fmt: skip
        found.append(stay)
        found += _of_stay(random, stay, new, parts)
        if ended is None:
            break
        started = ended + timedelta(days=random.choice((1, 1, 1, 10, 40)))
    return found


def _of_stay(random: Random, stay: Stay, new: Iterable[int], parts: set[tuple[bool, int]]) -> list[Fact]:
    ids = iter(new)
    found: list[Fact] = []
    for offset in random.sample(range(-1, 15), random.randint(0, 8)):
        month = add_months(first_of_month(stay.started), offset)
        found.append(Told(next(ids), stay.leg_id, month, random.random() < 0.8))
    for _ in range(random.randint(0, 3)):
        bonus, part = random.random() < 0.4, random.randint(1, 3)
        began = stay.started + timedelta(days=random.choice((0, 89, 90, 91, 179, 180, 300)))
        due = began + timedelta(days=random.choice((0, 1, 30, 180)))
        if (bonus, part) not in parts:
            parts.add((bonus, part))
            found.append(
                Seen(next(ids), stay.leg_id, bonus, part, due, random.choice((100, 100, 50)), began,
                     due + timedelta(days=random.choice((0, 30, 31))))
            )  # fmt: skip
    turns = sorted(random.sample(range(200), random.choice((0, 0, 2, 4))))
    for at in range(0, len(turns), 2):
        span = [stay.started + timedelta(days=day) for day in turns[at : at + 2]]
        found.append(Rest(stay.leg_id, span[0], span[1] - timedelta(days=1)))
    found.append(Agreed(stay.leg_id, stay.started, random.choice(ORE), None))
    if random.random() < 0.3:
        on = stay.started + timedelta(days=random.randrange(1, 200))
        found.append(
            Agreed(stay.leg_id, on, random.choice((-1, *ORE)), on + timedelta(days=random.randrange(200)))
        )
    return found


def a_world(random: Random, lives: int, tariffs: tuple[Tariff, ...]) -> World:
    """Some vouchers, numbered from 1, with all that is told of them; ids are above 10 000."""
    world, new = World(tariffs), count(10_001)
    for voucher_id in range(1, lives + 1):
        for fact in a_life(random, voucher_id, new):
            world.tell(fact)
    return world


def alone(world: World, voucher_id: int) -> World:
    """One voucher of a world, by itself, with its own tariff alone."""
    legs = {leg_id for leg_id, stay in world.stays.items() if stay.voucher_id == voucher_id}
    return replace(
        world,
        tariffs=(world.tariffs[voucher_id % len(world.tariffs)],),
        stays={leg_id: world.stays[leg_id] for leg_id in sorted(legs)},
        told={number: row for number, row in world.told.items() if row.leg_id in legs},
        seen={number: row for number, row in world.seen.items() if row.leg_id in legs},
        rests=[row for row in world.rests if row.leg_id in legs],
        agreed=[row for row in world.agreed if row.leg_id in legs],
    )


def by_key(component: np.ndarray, *columns: np.ndarray) -> list[tuple[object, ...]]:
    """Rows of columns, the category by its name first."""
    names = [COMPONENTS[index] for index in component.tolist()]
    return list(zip(names, *(column.tolist() for column in columns), strict=True))
