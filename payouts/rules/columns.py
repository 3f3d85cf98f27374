"""The shapes that rules take and give: columns of facts in, columns of dues and lines out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from payouts.rules.fees import COMPONENTS, FEE, Fee, Price, Tariff, Terms

Whole = NDArray[np.int64]
Day = NDArray[np.datetime64]

FAR = np.datetime64("9999-12-31", "D")
BASE, RESULT, BONUS, MILESTONE = range(len(COMPONENTS))
GOES_ON, COMPLETED, BROKEN_OFF = range(3)


class Columns:
    """Rows as columns of one length; a frozen dataclass of arrays."""

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))  # type: ignore[arg-type]  # subclasses are dataclasses

    def where(self, chosen: NDArray[Any]) -> Self:
        """The rows that a mask or an array of positions picks; these themselves when a mask picks all."""
        if chosen.dtype == np.bool_ and chosen.all():
            return self
        return replace(self, **{f.name: getattr(self, f.name)[chosen] for f in fields(self)})  # type: ignore[type-var,arg-type]  # a dataclass, by contract

    def followed_by(self, *others: Self) -> Self:
        """These rows and then the others'."""
        parts = [part for part in (self, *others) if len(part)]
        if len(parts) < 2:
            return parts[0] if parts else self
        return replace(  # type: ignore[type-var]  # as above
            self,
            **{
                f.name: np.concatenate([getattr(part, f.name) for part in parts])
                for f in fields(self)  # type: ignore[arg-type]  # as above
            },
        )


@dataclass(frozen=True)
class Deal:
    """What a leg is paid by: one level of one service in one rulebook version, and what factors look at."""

    rulebook_id: int
    service: str
    level: str
    tariff: Tariff
    region: str = ""
    group: str = ""

    def price(self, component: str) -> Price | None:
        """The price of a category's first fee, None where the tariff has none."""
        return self.tariff.prices(component).get((self.service, self.level))


AnyTerms = TypeVar("AnyTerms", bound=Terms)


@dataclass(frozen=True)
class Having(Generic[AnyTerms]):
    """A fee of one kind, with its tariff; `deals` is a mask over the deals that have it."""

    fee: Fee
    terms: AnyTerms
    tariff: Tariff
    deals: NDArray[np.bool_]


@dataclass(frozen=True)
class Legs(Columns):
    """One row a leg. `first` is the voucher's first start; `ended` is FAR while it runs; `deal` an index.

    `planned` is the planned last day of the service, FAR when nobody knows: then it is `months` calendar
    months from `first`. `finish` says how it ended: it goes on (or nobody knows), completed, broken off.
    """

    leg_id: Whole
    voucher_id: Whole
    provider_id: Whole
    deal: Whole
    first: Day
    started: Day
    ended: Day
    months: Whole
    planned: Day = field(default_factory=lambda: days([]))
    finish: Whole = field(default_factory=lambda: whole([]))

    def __post_init__(self) -> None:
        """Columns that were not told say that nobody knows."""
        unsaid = {"planned": FAR, "finish": np.int64(GOES_ON)}
        for name, value in unsaid.items():
            if len(getattr(self, name)) != len(self.leg_id):
                object.__setattr__(self, name, np.full(len(self.leg_id), value))

    def places(self, leg_ids: Whole) -> tuple[Whole, NDArray[np.bool_]]:
        """The position of each of those legs, and whether it is there at all. These stand in order of id."""
        if not len(self):
            return leg_ids, np.zeros(len(leg_ids), dtype=bool)
        at = np.minimum(np.searchsorted(self.leg_id, leg_ids), len(self) - 1)
        return at, self.leg_id[at] == leg_ids


@dataclass(frozen=True)
class Months(Columns):
    """One row an approved report. `leg` is a position in Legs, `month` the month's first day."""

    leg: Whole
    month: Day
    report_id: Whole


@dataclass(frozen=True)
class Checks(Columns):
    """One row a passed check. `bonus` is 1 for the bonus, 0 for a part of the result.

    `percent` of a part is what was reached (100: all); `began` is the result's first day and `proved` the day
    the part was proved, FAR when nobody knows.
    """

    leg: Whole
    bonus: Whole
    part: Whole
    due: Day
    check_id: Whole
    percent: Whole = field(default_factory=lambda: whole([]))
    began: Day = field(default_factory=lambda: days([]))
    proved: Day = field(default_factory=lambda: days([]))

    def __post_init__(self) -> None:
        """Columns that were not told: all of the part was reached, and nobody knows the days."""
        unsaid = {"percent": np.int64(100), "began": FAR, "proved": FAR}
        for name, value in unsaid.items():
            if len(getattr(self, name)) != len(self.leg):
                object.__setattr__(self, name, np.full(len(self.leg), value))


@dataclass(frozen=True)
class Pauses(Columns):
    """One row a pause. `leg` is a position in Legs, `first` and `last` its days, both counted; `last` is FAR
    while it lasts. Pauses of a leg do not overlap; one that was called off has its last day before its first.
    """

    leg: Whole
    first: Day
    last: Day


@dataclass(frozen=True)
class Changes(Columns):
    """One row a change of a leg's agreed price or planned last day, from the day `on`, which counts.

    The first row of a leg, on its start or before, is what was agreed from the beginning. `price` is in öre,
    −1 where it stays; `planned` is FAR where it stays.
    """

    leg: Whole
    on: Day
    price: Whole
    planned: Day


@dataclass(frozen=True)
class Looks(Columns):
    """Days after `as_of` on which what is earned may change though no fact does. `leg` is a position."""

    leg: Whole
    day: Day


@dataclass(frozen=True)
class Holds:
    """What somebody holds: ids of legs and providers, and single keys (scope, component index, part)."""

    legs: Whole = field(default_factory=lambda: whole([]))
    providers: Whole = field(default_factory=lambda: whole([]))
    keys: tuple[tuple[int, int, int], ...] = ()


def no_pauses() -> Pauses:
    """Nobody has paused."""
    return Pauses(whole([]), days([]), days([]))


def no_months() -> Months:
    """Nothing has been told."""
    return Months(whole([]), days([]), whole([]))


def no_changes() -> Changes:
    """Nothing has been agreed or changed."""
    return Changes(whole([]), days([]), whole([]), days([]))


@dataclass(frozen=True)
class Facts:
    """All that the rules need to know, and nothing else. `as_of` is the last day that counts.

    `contested` are the ids of reports that wait for a verdict and `pending` the months told that nobody has
    approved; see settlement.py.
    """

    as_of: date
    deals: tuple[Deal, ...]
    legs: Legs
    months: Months
    checks: Checks
    pauses: Pauses = field(default_factory=no_pauses)
    contested: Whole = field(default_factory=lambda: whole([]))
    pending: Months = field(default_factory=no_months)
    changes: Changes = field(default_factory=no_changes)
    holds: Holds = field(default_factory=Holds)

    def of_vouchers(self, ids: Whole) -> Facts:
        """The facts of those vouchers alone."""
        chosen = np.isin(self.legs.voucher_id, ids)
        place = np.cumsum(chosen) - 1

        def kept(rows: Any) -> Any:
            some = rows.where(chosen[rows.leg])
            return replace(some, leg=place[some.leg])

        return replace(
            self,
            legs=self.legs.where(chosen),
            months=kept(self.months),
            checks=kept(self.checks),
            pauses=kept(self.pauses),
            pending=kept(self.pending),
            changes=kept(self.changes),
        )

    def having(self, kind: type[AnyTerms]) -> list[Having[AnyTerms]]:
        """Every fee of a kind with its tariff and the deals that it pays."""
        tariffs = {id(deal.tariff): deal.tariff for deal in self.deals}
        return [
            Having(
                fee, fee.terms, tariff, np.array([deal.tariff is tariff for deal in self.deals], dtype=bool)
            )
            for tariff in tariffs.values()
            for fee in tariff.fees
            if isinstance(fee.terms, kind)
        ]


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


def component_of(fee: Fee) -> int:
    """The index of a fee's category."""
    return COMPONENTS.index(fee.component)


def numbered(fee: Fee, part: Whole) -> Whole:
    """A fee's own parts as the ledger numbers them."""
    return fee.number * FEE + part


def gathered(found: Iterable[Dues]) -> Dues:
    """Dues of several fees after each other; none at all when there are none."""
    parts = list(found)
    return parts[0].followed_by(*parts[1:]) if parts else no_dues()


def no_dues() -> Dues:
    """Nothing is earned."""
    none = whole([])
    return Dues(none, none, none, none, days([]), none, none, none, none, none)


def seen(found: Iterable[tuple[Whole, Day]]) -> Looks:
    """Looks from pairs of columns."""
    parts = list(found)
    if not parts:
        return Looks(whole([]), days([]))
    return Looks(np.concatenate([leg for leg, _ in parts]), np.concatenate([day for _, day in parts]))


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
