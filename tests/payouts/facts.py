"""Facts for tests of the money's rules: said as in a table of cases, given as the columns rules take."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from payouts.rules.columns import FAR, Checks, Deal, Facts, Legs, Months, Pauses, days, whole
from payouts.rules.fees import (
    COMPONENTS,
    Fee,
    Key,
    Monthly,
    OutcomeFee,
    Policy,
    Price,
    Rate,
    Sustained,
    Tariff,
    Terms,
    Weekdays,
)

CASES = Path(__file__).parent / "cases"
KEY = ("matching", "basic")


def cases(name: str) -> list[dict[str, Any]]:
    """The table of cases with that name."""
    found: list[dict[str, Any]] = tomllib.loads((CASES / f"{name}.toml").read_text("utf-8"))["case"]
    return found


def tariff(
    base: int = 368600,
    result: int = 1_000_001,
    bonus: int = 800_000,
    *,
    qualifying_days: int = 14,
    instalments: int = 12,
    by_days: bool = True,
    shares: tuple[int, ...] = (50, 50),
    clock_stops: bool = True,
) -> Tariff:
    """A tariff with one service and level."""
    pro_rata = "calendar_days" if by_days else "whole_month"
    return fees(
        {"base": base, "result": result, "bonus": bonus},
        Monthly(qualifying_days, instalments, pro_rata),
        OutcomeFee(shares),
        Sustained(),
        clock_stops=clock_stops,
    )


def fees(ore: dict[str, int], *terms: Terms, clock_stops: bool = True) -> Tariff:
    """A tariff of the first three categories in order; a category without öre has no price."""
    return Tariff(
        tuple(
            Fee(name, name, 0, each, rates(ore[name]) if name in ore else {})
            for name, each in zip(COMPONENTS, terms, strict=False)
        ),
        Policy(pause="stops" if clock_stops else "runs"),
    )


def rates(ore: int, key: Key = KEY) -> dict[Key, tuple[Rate, ...]]:
    """One price for one service and level."""
    return {key: (Rate(None, Price(ore, "example", "a test")),)}


def by_weekday(day_price: int, block_months: int, cap_ore: int) -> Tariff:
    """A tariff that pays by the weekday."""
    return fees({"base": day_price}, Weekdays(0, 24, block_months, cap_ore), OutcomeFee((100,)), Sustained())


@dataclass
class Leg:
    """A leg as a test says it. Ids are given by the test, or by its place in the list. A pause goes from its
    first day up to, not with, the day it went on; without that day it lasts."""

    started: date
    ended: date | None = None
    first: date | None = None
    months: int = 12
    voucher: int = 0
    provider: int = 9
    reported: list[date] = field(default_factory=list)
    results: list[tuple[int, date]] = field(default_factory=list)
    bonuses: list[tuple[int, date]] = field(default_factory=list)
    pauses: list[list[date]] = field(default_factory=list)


def facts(as_of: date, legs: list[Leg], fees: Tariff | None = None) -> Facts:
    """Columns for some legs. Leg n has id 1000 + n, voucher 500 + n unless told."""
    months = [(at, month) for at, leg in enumerate(legs) for month in leg.reported]
    checks = [
        (at, bonus, part, due)
        for at, leg in enumerate(legs)
        for bonus, rows in ((0, leg.results), (1, leg.bonuses))
        for part, due in rows
    ]
    pauses = [(at, pause) for at, leg in enumerate(legs) for pause in leg.pauses]
    return Facts(
        as_of=as_of,
        deals=(Deal(1, *KEY, fees or tariff()),),
        legs=Legs(
            leg_id=whole([1000 + at for at in range(len(legs))]),
            voucher_id=whole([leg.voucher or 500 + at for at, leg in enumerate(legs)]),
            provider_id=whole([leg.provider for leg in legs]),
            deal=np.zeros(len(legs), dtype=np.int64),
            first=days([leg.first or leg.started for leg in legs]),
            started=days([leg.started for leg in legs]),
            ended=days([leg.ended or FAR for leg in legs]),
            months=whole([leg.months for leg in legs]),
        ),
        months=Months(
            leg=whole([at for at, _ in months]),
            month=days([month for _, month in months]),
            report_id=whole([7000 + number for number in range(len(months))]),
        ),
        checks=Checks(
            leg=whole([row[0] for row in checks]),
            bonus=whole([row[1] for row in checks]),
            part=whole([row[2] for row in checks]),
            due=days([row[3] for row in checks]),
            check_id=whole([8000 + number for number in range(len(checks))]),
        ),
        pauses=Pauses(
            leg=whole([row[0] for row in pauses]),
            first=days([span[0] for _, span in pauses]),
            last=days([span[1] - timedelta(days=1) if len(span) > 1 else FAR for _, span in pauses]),
        ),
    )
