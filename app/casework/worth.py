"""What a voucher is worth if everything is delivered, asked of the rules that pay, before the decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from core.dates import add_months, first_of_month
from payouts.queries.worth import Value, Wish, worth
from payouts.rules.fees import COMPONENTS


@dataclass(frozen=True)
class Price:
    """A part of the fee: öre each time, how many times, and whether the amount is only an example."""

    component: str
    ore: int
    times: int
    is_example: bool


@dataclass(frozen=True)
class Worth:
    """The parts of the fee for one service and level."""

    prices: tuple[Price, ...]

    @property
    def total_ore(self) -> int:
        """The sum of all parts."""
        return sum(price.ore * price.times for price in self.prices)

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
    """All whole months from the next one, every part of the result, and the bonus."""
    first = first_of_month(add_months(today, 1))

    def wish(month: date | None) -> Wish:
        return Wish(rulebook_id, service, level, months, first, first, None, month)

    wishes = [wish(add_months(first, number)) for number in range(months)] + [wish(None)]
    values = [value for found in worth(session, municipality_id, wishes) for value in found if value.ore]
    return Worth(tuple(price for name in COMPONENTS for price in _prices(name, values)))


def _prices(component: str, values: Sequence[Value]) -> list[Price]:
    amounts = [(value.ore, value.status == "example") for value in values if value.component == component]
    return [
        Price(component, ore, amounts.count((ore, example)), example)
        for ore, example in dict.fromkeys(amounts)
    ]
