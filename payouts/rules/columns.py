"""The shapes that rules take and give: columns of facts in, columns of dues and lines out."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from payouts.rules.tariff import COMPONENTS, Price, Tariff

Whole = NDArray[np.int64]
Day = NDArray[np.datetime64]

FAR = np.datetime64("9999-12-31", "D")
BASE, RESULT, BONUS = range(len(COMPONENTS))


class Columns:
    """Rows as columns of one length; a frozen dataclass of arrays."""

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))  # type: ignore[arg-type]  # subclasses are dataclasses

    def where(self, chosen: NDArray[Any]) -> Self:
        """The rows that a mask or an array of positions picks."""
        return replace(self, **{f.name: getattr(self, f.name)[chosen] for f in fields(self)})  # type: ignore[type-var,arg-type]  # a dataclass, by contract

    def followed_by(self, *others: Self) -> Self:
        """These rows and then the others'."""
        return replace(  # type: ignore[type-var]  # as above
            self,
            **{
                f.name: np.concatenate([getattr(part, f.name) for part in (self, *others)])
                for f in fields(self)  # type: ignore[arg-type]  # as above
            },
        )


@dataclass(frozen=True)
class Deal:
    """What a leg is paid by: one level of one service in one rulebook version."""

    rulebook_id: int
    service: str
    level: str
    tariff: Tariff

    def price(self, component: str) -> Price | None:
        """The price of a component, None where the tariff has none."""
        return self.tariff.prices(component).get((self.service, self.level))


@dataclass(frozen=True)
class Legs(Columns):
    """One row a leg. `first` is the voucher's first start; `ended` is FAR while it runs; `deal` an index."""

    leg_id: Whole
    voucher_id: Whole
    provider_id: Whole
    deal: Whole
    first: Day
    started: Day
    ended: Day
    months: Whole


@dataclass(frozen=True)
class Months(Columns):
    """One row an approved report. `leg` is a position in Legs, `month` the month's first day."""

    leg: Whole
    month: Day
    report_id: Whole


@dataclass(frozen=True)
class Checks(Columns):
    """One row a passed check. `bonus` is 1 for the bonus, 0 for a part of the result."""

    leg: Whole
    bonus: Whole
    part: Whole
    due: Day
    check_id: Whole


@dataclass(frozen=True)
class Pauses(Columns):
    """One row a pause. `leg` is a position in Legs, `first` and `last` its days, both counted; `last` is FAR
    while it lasts. Pauses of a leg do not overlap; one that was called off has its last day before its first.
    """

    leg: Whole
    first: Day
    last: Day


def no_pauses() -> Pauses:
    """Nobody has paused."""
    return Pauses(whole([]), days([]), days([]))


@dataclass(frozen=True)
class Facts:
    """All that the rules need to know, and nothing else. `as_of` is the last day that counts.

    `contested` are the ids of reports that wait for a verdict; see settlement.py.
    """

    as_of: date
    deals: tuple[Deal, ...]
    legs: Legs
    months: Months
    checks: Checks
    pauses: Pauses = field(default_factory=no_pauses)
    contested: Whole = field(default_factory=lambda: whole([]))

    def prices(self, component: int) -> Whole:
        """A column of öre by deal; 0 where the tariff has no price."""
        found = [deal.price(COMPONENTS[component]) for deal in self.deals]
        return whole([price.ore if price else 0 for price in found])


@dataclass(frozen=True)
class Dues(Columns):
    """What is earned. The key is (scope, component, part); `amount` is in öre and above zero.

    `scope` is the leg for what a provider earns by being there, and the voucher for what can be earned
    once whoever did it. `amount` = `unit_price` × `quantity` ÷ `of`. `evidence` is the report or check.
    """

    scope: Whole
    component: Whole
    part: Whole
    leg: Whole
    period: Day
    unit_price: Whole
    quantity: Whole
    of: Whole
    amount: Whole
    evidence: Whole


def whole(values: Any) -> Whole:
    """A column of whole numbers."""
    return np.asarray(values, dtype=np.int64)


def days(values: Any) -> Day:
    """A column of days."""
    return np.asarray(values, dtype="datetime64[D]")


def dues(**columns: Any) -> Dues:
    """Dues from columns; whole numbers stand for a whole column of themselves."""
    length = len(columns["leg"])
    filled: dict[str, Any] = {
        name: np.full(length, value, dtype=np.int64) if isinstance(value, int) else value
        for name, value in columns.items()
    }
    found = Dues(**filled)
    return found.where(found.amount > 0)
