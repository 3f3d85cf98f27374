"""The many people of Exempelstad: histories drawn from a seed, held against the rules, written in bulk."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from app.demo.people import House, Names, organisation_number
from core import dates
from core.identity import Vault
from vouchers.actions.bulk import History, Judged, Result, Told
from vouchers.rules.outcomes import WORK_OR_STUDIES

EMPLOYER = organisation_number(7001)
SOURCES = {"work": "employment_contract", "studies": "study_certificate", "next_step": "decision"}
RESULT_HOLDS, STILL_THERE, FORGOTTEN = 94, 84, 3


@dataclass(frozen=True)
class Door:
    """A provider that can be chosen: its house, coach, and accreditation by service."""

    house: House
    provider_id: int
    coach_id: int
    accreditations: Mapping[str, int]


class Crowd:
    """Draws histories. The same seed, doors and days give the same people."""

    def __init__(
        self,
        dice: random.Random,
        names: Names,
        vault: Vault,
        municipality_id: int,
        rulebook_id: int,
        guides: list[int],
        today: date,
    ) -> None:
        self.dice, self.names, self.vault = dice, names, vault
        self.municipality_id, self.rulebook_id, self.today = municipality_id, rulebook_id, today
        self.guides = guides

    def draw(self, doors: list[Door], first: date, a_month: float) -> Iterator[History]:
        """Everybody who met a guide from `first` and has begun by now, `a_month` new ones a month."""
        days = (self.today - first).days
        for _ in range(round(a_month * 12 * days / 365)):
            decided_on = dates.add_working_days(first + timedelta(days=self.dice.randrange(days)), 0)
            history = self._one(doors, decided_on)
            if history.started_on <= self.today - timedelta(days=10):
                yield history

    def _one(self, doors: list[Door], decided_on: date) -> History:
        roll = self.dice.random()
        service, level = (
            ("preparatory", "single") if roll < 0.15 else ("matching", "enhanced" if roll < 0.5 else "basic")
        )
        able = [door for door in doors if service in door.accreditations]
        door = self.dice.choices(able, [each.house.capacity for each in able])[0]
        chosen_on = dates.add_working_days(decided_on, self.dice.randrange(1, 5))
        started_on = dates.add_working_days(chosen_on, self.dice.randrange(1, 9))
        ends_on = started_on + timedelta(days=self._days(service))
        ended_on = ends_on if ends_on <= self.today - timedelta(days=5) else None
        succeeds = self.dice.randrange(100) < door.house.skill
        result = self._result(service, ended_on) if ended_on and succeeds else None
        number, (given, family) = self.names.number(), self.names.name()
        return History(
            sealed=self.vault.seal(number),
            fingerprint=self.vault.fingerprint(self.municipality_id, number),
            given_name=given,
            family_name=family,
            rulebook_id=self.rulebook_id,
            service=service,
            level=level,
            months=6 if service == "preparatory" else 12,
            provider_id=door.provider_id,
            accreditation_id=door.accreditations[service],
            coach_id=door.coach_id,
            guide_id=self.dice.choice(self.guides),
            decided_on=decided_on,
            chosen_on=chosen_on,
            started_on=started_on,
            reports=tuple(self._reports(started_on, ended_on)),
            ended_on=ended_on,
            end_reason=self._reason(result) if ended_on else None,
            result=result,
        )

    def _days(self, service: str) -> int:
        if service == "preparatory":
            return max(20, min(178, round(self.dice.gauss(140, 35))))
        return max(14, min(363, round(self.dice.gauss(272, 62))))

    def _reason(self, result: Result | None) -> str:
        return (
            result.kind if result else self.dice.choice(("time_out", "interrupted", "other_measure", "moved"))
        )

    def _reports(self, started_on: date, ended_on: date | None) -> Iterator[Told]:
        month, last = dates.first_of_month(started_on), ended_on or self.today
        while month <= last:
            told_on, approved_on = _told_on(month), _approved_on(month)
            recent = month >= dates.add_months(dates.first_of_month(self.today), -1)
            forgotten = recent and self.dice.randrange(100) < FORGOTTEN
            if approved_on <= self.today - timedelta(days=3) and not forgotten:
                yield Told(month, told_on, approved_on)
            month = dates.add_months(month, 1)

    def _result(self, service: str, ended_on: date) -> Result:
        kind = (
            "next_step" if service == "preparatory" else self.dice.choice(("work", "work", "work", "studies"))
        )
        holds = self.dice.randrange(100) < RESULT_HOLDS
        judged_on = dates.add_working_days(ended_on, self.dice.randrange(3, 15))
        known = judged_on <= self.today
        checks = [Judged("result", 1, ended_on, holds if known else None, judged_on if known else None)]
        if known and holds:
            due = dates.add_months(ended_on, 6)
            seen_on = dates.add_working_days(due, self.dice.randrange(2, 20))
            still = self.dice.randrange(100) < STILL_THERE if seen_on <= self.today else None
            if kind in WORK_OR_STUDIES:
                checks.append(Judged("bonus", 1, due, still, seen_on if still is not None else None))
        return Result(
            kind=kind,
            starts_on=ended_on,
            claimed_on=ended_on,
            source=SOURCES[kind],
            employer_number=EMPLOYER if kind == "work" else None,
            checks=tuple(checks),
            extent_percent=self.dice.choice((50, 75, 100, 100)),
            subsidised=self.dice.random() < 0.3,
        )


@lru_cache(maxsize=256)
def _told_on(month: date) -> date:
    return dates.add_working_days(dates.last_of_month(month), 4)


@lru_cache(maxsize=256)
def _approved_on(month: date) -> date:
    return dates.add_working_days(dates.last_of_month(month), 7)
