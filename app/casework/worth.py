"""What a voucher is worth if everything is delivered, asked of the rules that pay, before the decision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from core.dates import add_months, first_of_month
from payouts.queries.facts import tariff_of
from payouts.queries.worth import Value, everything
from payouts.rules.fees import Completion, Fee, Instalments, Monthly, Tariff, Weekdays


@dataclass(frozen=True)
class Price:
    """What a fee gives: öre each time, how many times, and whether the amount is only an example.

    `per` says how it is told: month, each time, in all (days and instalments come to different sums), or
    agreed, which has no sum before somebody has agreed on one.
    """

    fee: Fee
    per: str
    ore: int
    times: int
    is_example: bool

    @property
    def component(self) -> str:
        """Its category."""
        return self.fee.component

    def title(self, locale: str) -> str:
        """The fee's own name, empty when it goes by its category's."""
        return self.fee.title(locale)


@dataclass(frozen=True)
class Worth:
    """The parts of the fee for one service and level."""

    prices: tuple[Price, ...]

    @property
    def total_ore(self) -> int:
        """The sum of all parts."""
        return sum(price.ore * price.times for price in self.prices)

    @property
    def is_open(self) -> bool:
        """Whether something more is agreed for each person."""
        return any(price.per == "agreed" for price in self.prices)

    @property
    def is_example(self) -> bool:
        """Whether any part has an amount that nobody has published."""
        return any(price.is_example for price in self.prices)


def at_most(
    session: Session,
    municipality_id: int,
    rulebook_id: int,
    service: str,
    level: str,
    months: int,
    today: date,
) -> Worth:
    """All whole months from the next one, completed, with every milestone, result and bonus there is."""
    first = first_of_month(add_months(today, 1))
    tariff = tariff_of(session, municipality_id, rulebook_id)
    values = everything(session, municipality_id, rulebook_id, service, level, months, first)
    return Worth(tuple(price for fee in tariff.fees for price in _prices(tariff, fee, values)))


def _prices(tariff: Tariff, fee: Fee, values: Sequence[Value]) -> Iterator[Price]:
    """A fee's prices: each amount with how many times it comes."""
    given = [value for value in values if value.fee is not None and value.fee.code == fee.code]
    is_example = any(value.status == "example" for value in given)
    if _agreed(tariff, fee):
        yield Price(fee, "agreed", 0, 0, is_example=False)
    elif given and isinstance(fee.terms, Weekdays | Instalments):
        yield Price(fee, "all", sum(value.ore for value in given), 1, is_example)
    else:
        per = "month" if isinstance(fee.terms, Monthly) else "time"
        amounts = [value.ore for value in given]
        for ore in dict.fromkeys(amounts):
            yield Price(fee, per, ore, amounts.count(ore), is_example)


def _agreed(tariff: Tariff, fee: Fee) -> bool:
    """Whether its price is each person's own."""
    of = tariff.coded(fee.terms.of) if isinstance(fee.terms, Completion) else fee
    return of is not None and isinstance(of.terms, Instalments) and of.terms.agreed
