"""What a file asks as the columns that the rules take, and back again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from payouts.calculating.asking import Asked, Booked, LineKey
from payouts.calculating.persons import Person, Reported
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
from payouts.rules.fees import COMPONENTS, FEE, Fee
from payouts.rules.settlement import EARNED, GONE, Lines

RULEBOOK = 1
REPORTS, CHECKS = 1_000_000_000, 2_000_000_000
"""Where reports and checks begin to be numbered, so that no rule takes the one for the other."""


@dataclass(frozen=True)
class Names:
    """The file's own ids by the rules' numbers: persons and legs count from 1, providers from 1."""

    persons: tuple[str, ...]
    legs: tuple[str, ...]
    providers: tuple[str, ...]

    def person(self, number: int) -> str:
        """The id of a person."""
        return self.persons[number - 1]

    def leg(self, number: int) -> str:
        """The id of a leg."""
        return self.legs[number - 1]

    def provider(self, number: int) -> str:
        """The id of a provider."""
        return self.providers[number - 1]


def as_columns(asked: Asked) -> tuple[Facts, Lines, Names]:
    """The facts, the booked lines, and what everything is called."""
    legs = [(voucher, person, leg) for voucher, person in enumerate(asked.persons, 1) for leg in person.legs]
    place = {leg.id: at for at, (_, _, leg) in enumerate(legs)}
    names = Names(
        tuple(person.id for person in asked.persons),
        tuple(leg.id for _, _, leg in legs),
        tuple(
            dict.fromkeys([*(leg.provider for _, _, leg in legs), *(line.provider for line in asked.booked)])
        ),
    )
    number = {provider: at for at, provider in enumerate(names.providers, 1)}
    voucher_of = {person.id: at for at, person in enumerate(asked.persons, 1)}
    kinds: dict[tuple[str, str, str, str], int] = {}
    deal = [kinds.setdefault(_kind(person), len(kinds)) for _, person, _ in legs]
    facts = Facts(
        as_of=asked.as_of,
        deals=tuple(
            Deal(RULEBOOK, service, level, asked.tariff, region, group)
            for service, level, region, group in kinds
        ),
        legs=Legs(
            leg_id=whole([at + 1 for at in range(len(legs))]),
            voucher_id=whole([voucher for voucher, _, _ in legs]),
            provider_id=whole([number[leg.provider] for _, _, leg in legs]),
            deal=whole(deal),
            first=days([person.legs[0].started for _, person, _ in legs]),
            started=days([leg.started for _, _, leg in legs]),
            ended=days([leg.ended or FAR for _, _, leg in legs]),
            months=whole([person.months for _, person, _ in legs]),
            planned=days([person.planned or FAR for _, person, _ in legs]),
            finish=whole([leg.finish for _, _, leg in legs]),
        ),
        holds=_holds(asked, place, number, voucher_of),
        **_told(asked.persons, place),
    )
    return facts, _lines(asked, place, number, voucher_of), names


def _kind(person: Person) -> tuple[str, str, str, str]:
    return person.service, person.level, person.region, person.group


def _told(persons: Sequence[Person], place: dict[str, int]) -> dict[str, Any]:
    """What was reported, proved, paused and changed."""
    reports = list(enumerate((row for person in persons for row in person.reports), REPORTS))
    proved = [row for person in persons for row in person.proved]
    paused = [row for person in persons for row in person.pauses]
    changes = sorted(
        (row for person in persons for row in person.changes), key=lambda row: (place[row.leg], row.on)
    )
    return {
        "months": _months([row for row in reports if row[1].state != "told"], place),
        "pending": _months([row for row in reports if row[1].state == "told"], place),
        "contested": whole([at for at, row in reports if row.state == "contested"]),
        "checks": Checks(
            leg=whole([place[row.leg] for row in proved]),
            bonus=whole([int(row.bonus) for row in proved]),
            part=whole([row.part for row in proved]),
            due=days([row.due for row in proved]),
            check_id=whole([CHECKS + at for at in range(len(proved))]),
            percent=whole([row.percent for row in proved]),
            began=days([row.began for row in proved]),
            proved=days([row.proved or FAR for row in proved]),
        ),
        "pauses": Pauses(
            leg=whole([place[row.leg] for row in paused]),
            first=days([row.first for row in paused]),
            last=days([row.last or FAR for row in paused]),
        ),
        "changes": Changes(
            leg=whole([place[row.leg] for row in changes]),
            on=days([row.on for row in changes]),
            price=whole([-1 if row.price is None else row.price for row in changes]),
            planned=days([row.planned or FAR for row in changes]),
        ),
    }


def _months(rows: Iterable[tuple[int, Reported]], place: dict[str, int]) -> Months:
    found = list(rows)
    return Months(
        leg=whole([place[row.leg] for _, row in found]),
        month=days([row.month for _, row in found]),
        report_id=whole([at for at, _ in found]),
    )


def _holds(asked: Asked, place: dict[str, int], number: dict[str, int], vouchers: dict[str, int]) -> Holds:
    held = asked.held
    return Holds(
        legs=whole([place[leg] + 1 for leg in held.legs]),
        providers=whole([number[provider] for provider in held.providers if provider in number]),
        keys=tuple(_key(asked, key, place, vouchers) for key in held.lines),
    )


def _fee(asked: Asked, key: LineKey) -> Fee:
    fee = asked.tariff.coded(key.fee)
    if fee is None:
        raise AssertionError("the reader refuses a line of a fee that there is none of")
    return fee


def _key(asked: Asked, key: LineKey, place: dict[str, int], vouchers: dict[str, int]) -> tuple[int, int, int]:
    """(scope, component, part) as the ledger has them."""
    fee = _fee(asked, key)
    scope = place[key.leg] + 1 if fee.component == "base" else vouchers[key.person]
    return scope, COMPONENTS.index(fee.component), fee.number * FEE + key.part


def _lines(asked: Asked, place: dict[str, int], number: dict[str, int], vouchers: dict[str, int]) -> Lines:
    rows: tuple[Booked, ...] = asked.booked
    keys = [_key(asked, row.key, place, vouchers) for row in rows]
    return Lines(
        scope=whole([key[0] for key in keys]),
        component=whole([key[1] for key in keys]),
        part=whole([key[2] for key in keys]),
        sequence=whole([row.sequence for row in rows]),
        voucher_id=whole([vouchers[row.key.person] for row in rows]),
        leg_id=whole([place[row.key.leg] + 1 for row in rows]),
        provider_id=whole([number[row.provider] for row in rows]),
        rulebook_id=whole([RULEBOOK] * len(rows)),
        period=days([row.period for row in rows]),
        unit_price=whole([row.unit_price for row in rows]),
        quantity=whole([row.quantity for row in rows]),
        of=whole([row.of for row in rows]),
        amount=whole([row.amount for row in rows]),
        reason=whole([GONE if row.sequence % 2 else EARNED for row in rows]),
        evidence=whole([0] * len(rows)),
    )
