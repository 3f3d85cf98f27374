"""What the rules answer, as rows in the file's own words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from payouts.calculating.asking import Asked, LineKey
from payouts.calculating.columns import Names, as_columns
from payouts.rules.columns import Facts, Holds, Whole, whole
from payouts.rules.fees import COMPONENTS, FEE, Fee
from payouts.rules.settlement import (
    GATES,
    HELD_LEG,
    HELD_LINE,
    HELD_PROVIDER,
    REASONS,
    Lines,
    settle,
    stopped,
)


@dataclass(frozen=True)
class Row:
    """A line to book, or with a `gate` one that is stopped there. Amounts in the minor unit of `currency`.

    `reverses` is the sequence of the line of the same key that it takes back, which it follows.
    """

    key: LineKey
    provider: str
    fee: Fee
    sequence: int
    period: date
    unit_price: int
    quantity: int
    of: int
    amount: int
    currency: str
    reason: str
    gate: str | None = None

    @property
    def reverses(self) -> int | None:
        """The sequence of the line that it takes back."""
        return self.sequence - 1 if self.sequence % 2 else None

    def as_json(self) -> dict[str, Any]:
        """The row as one flat object, the same that `booked` takes."""
        key = {"person": self.key.person, "leg": self.key.leg, "fee": self.key.fee, "part": self.key.part}
        back = None if self.reverses is None else {**key, "sequence": self.reverses}
        return {
            "person": self.key.person,
            "leg": self.key.leg,
            "provider": self.provider,
            "component": self.fee.component,
            "fee": self.key.fee,
            "part": self.key.part,
            "sequence": self.sequence,
            "period": self.period.isoformat(),
            "amount": self.amount,
            "currency": self.currency,
            "payable": self.gate is None,
            "gate": self.gate,
            "reverses": back,
            "reason": self.reason,
            "unit_price": self.unit_price,
            "quantity": self.quantity,
            "of": self.of,
        }


def calculate(asked: Asked) -> list[Row]:
    """Every line to book and every one that a gate stops: by person, then by the day it is for."""
    facts, booked, names = as_columns(asked)
    lines = settle(facts, booked)
    found = _rows(asked, names, lines, None)
    if len(facts.pending) or len(facts.contested) or _holds_any(facts):
        for at_gate, gate in _stopped(facts, booked):
            found += _rows(asked, names, at_gate, gate)
    place = {person.id: at for at, person in enumerate(asked.persons)}
    found.sort(
        key=lambda row: (
            place[row.key.person],
            row.period,
            COMPONENTS.index(row.fee.component),
            row.fee.number,
            row.key.part,
            row.key.leg,
            row.sequence,
        )
    )
    return found


def _holds_any(facts: Facts) -> bool:
    holds = facts.holds
    return bool(len(holds.legs) or len(holds.providers) or holds.keys)


def _stopped(facts: Facts, booked: Lines) -> list[tuple[Lines, Whole]]:
    """What would be booked but for a gate, and what would be taken back but that somebody holds it."""
    earned, gate = stopped(facts)
    standing = booked.where(booked.sequence % 2 == 0)
    new = ~_among(earned, standing, amount=True)
    follows = _sequence(earned, booked)
    earned = replace(earned, sequence=follows)
    free = settle(replace(facts, holds=Holds()), booked)
    back = free.where(free.amount < 0)
    back = back.where(_gate(facts, back) >= 0)
    back = back.where(~_among(back, earned, amount=False))
    return [(earned.where(new), gate[new]), (back, _gate(facts, back))]


def _keys(lines: Lines, *, amount: bool) -> list[tuple[int, ...]]:
    columns = [lines.scope, lines.component, lines.part]
    columns += [lines.amount, lines.leg_id] if amount else []
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _among(lines: Lines, others: Lines, *, amount: bool) -> Any:
    """A mask: whose key (and amount and leg) is among the others."""
    known = set(_keys(others, amount=amount))
    return np.array([key in known for key in _keys(lines, amount=amount)], dtype=bool)


def _sequence(lines: Lines, booked: Lines) -> Whole:
    """The number that each line would have when booked after what is."""
    last = dict(zip(_keys(booked, amount=False), booked.sequence.tolist(), strict=True))
    found = [last.get(key) for key in _keys(lines, amount=False)]
    return whole([0 if at is None else at + (1 if at % 2 else 2) for at in found])


def _gate(facts: Facts, lines: Lines) -> Whole:
    """The hold that each line waits at, −1 where there is none."""
    gate = np.full(len(lines), -1, dtype=np.int64)
    gate[np.isin(lines.provider_id, facts.holds.providers)] = HELD_PROVIDER
    gate[np.isin(lines.leg_id, facts.holds.legs)] = HELD_LEG
    held = set(facts.holds.keys)
    gate[np.array([key in held for key in _keys(lines, amount=False)], dtype=bool)] = HELD_LINE
    return gate


def _rows(asked: Asked, names: Names, lines: Lines, gate: Whole | None) -> list[Row]:
    columns = (getattr(lines, name).tolist() for name in Lines.__dataclass_fields__)
    found = []
    for at, values in enumerate(zip(*columns, strict=True)):
        line = dict(zip(Lines.__dataclass_fields__, values, strict=True))
        fee = asked.tariff.fee_of(COMPONENTS[line["component"]], line["part"])
        if fee is None:
            raise AssertionError("a line stands for a fee that the tariff has none of")
        key = LineKey(
            names.person(line["voucher_id"]), names.leg(line["leg_id"]), fee.code, line["part"] % FEE
        )
        found.append(
            Row(
                key=key,
                provider=names.provider(line["provider_id"]),
                fee=fee,
                sequence=line["sequence"],
                period=line["period"],
                unit_price=line["unit_price"],
                quantity=line["quantity"],
                of=line["of"],
                amount=line["amount"],
                currency=asked.tariff.currency,
                reason=REASONS[line["reason"]],
                gate=None if gate is None else GATES[int(gate[at])],
            )
        )
    return found
