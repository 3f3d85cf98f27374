"""Random tariffs of every kind, with every switch turned some way."""

from __future__ import annotations

from datetime import date
from random import Random

from payouts.rules.fees import (
    PAUSES,
    PRO_RATA,
    SWITCHES,
    UNITS,
    Cap,
    Completion,
    Factors,
    Fee,
    Index,
    Instalments,
    Milestone,
    Monthly,
    Offset,
    OutcomeFee,
    Policy,
    Price,
    Rate,
    Speed,
    Start,
    Sustained,
    Tariff,
    Terms,
    Weekdays,
)

KEY = ("matching", "basic")
EDGES = (
    date(2023, 2, 28), date(2023, 12, 31), date(2024, 1, 1), date(2024, 1, 31), date(2024, 2, 28),
    date(2024, 2, 29), date(2024, 3, 1), date(2024, 8, 31), date(2024, 12, 31), date(2025, 2, 28),
)  # fmt: skip
ORE = (0, 1, 2, 3, 99, 100, 101, 368_600, 999_999, 1_000_001)
KINDS = (
    "start", "monthly", "weekdays", "daily", "instalments", "milestone", "completion", "outcome", "speed",
    "sustained",
)  # fmt: skip
CATEGORY = {
    "start": "milestone", "milestone": "milestone", "completion": "milestone", "outcome": "result",
    "speed": "bonus", "sustained": "bonus",
}  # fmt: skip


def a_policy(random: Random, *, clawback_months: int = 0) -> Policy:
    """Every switch turned some way."""
    words = {name: random.choice(options) for name, options in SWITCHES.items()}
    return Policy(**words, pause=random.choice(PAUSES), clawback_months=clawback_months)


def a_tariff(random: Random, *, policy: Policy | None = None, caps: bool = False) -> Tariff:
    """One to six fees of any kinds, the same kind more than once too."""
    policy = policy or a_policy(random)
    fees: list[Fee] = []
    for number in range(random.randint(1, 6)):
        fee = _fee(random, f"fee{number}", random.choice(KINDS), policy, fees)
        if fee:
            fees.append(fee)
    if not fees:
        fees.append(Fee("base", "base", 0, Monthly(0, 12), _rates(random)))
    index = Index(1000, ((date(2024, 1, 1), 1031), (date(2025, 1, 1), 998)))
    limits = tuple(_cap(random, fees) for _ in range(random.randint(1, 2))) if caps else ()
    return Tariff(tuple(fees), policy, limits, index)


def _fee(random: Random, code: str, kind: str, policy: Policy, before: list[Fee]) -> Fee | None:
    terms = _terms(random, kind, before)
    if terms is None:
        return None
    component = CATEGORY.get(kind, "base")
    if component == "milestone" and policy.bars == "provider":
        component = "base"
    return Fee(
        code=code,
        component=component,
        number=sum(fee.component == component for fee in before),
        terms=terms,
        rates={} if isinstance(terms, Completion) else _rates(random),
        factors=Factors(level={"basic": random.choice((10_000, 12_500, 3_333))}),
        indexed=random.random() < 0.3,
        title_sv=code,
        title_en=code,
    )


def _terms(random: Random, kind: str, before: list[Fee]) -> Terms | None:
    shares, offsets = _parts(random)
    qualifying = random.choice((0, 1, 14, 42))
    if kind == "start":
        return Start(qualifying)
    if kind == "monthly":
        return Monthly(qualifying, random.randint(1, 14), random.choice(PRO_RATA))
    if kind in ("weekdays", "daily"):
        months = random.choice((0, 1, 3))
        cap = random.choice((1, 50_000, 1_820_000)) if months else 0
        return Weekdays(qualifying, random.randint(1, 14), months, cap, calendar=kind == "daily")
    if kind == "instalments":
        return Instalments(
            random.choice((1, 80, 100)),
            qualifying,
            random.choice(("month_ends", "anniversaries")),
            agreed=random.random() < 0.3,
            needs_report=random.random() < 0.3,
        )
    if kind == "milestone":
        return Milestone(offsets, shares)
    if kind == "completion":
        of = [fee.code for fee in before if isinstance(fee.terms, Instalments)]
        return Completion(random.choice((1, 20, 100)), random.choice(of)) if of else None
    if kind == "outcome":
        named = random.random() < 0.5
        return OutcomeFee(
            shares, offsets if named else (), random.choice((0, 30)), partial=random.random() < 0.5
        )
    if kind == "speed":
        return Speed(((90, 100), (180, random.choice((0, 50)))))
    return Sustained(shares, offsets) if random.random() < 0.5 else Sustained()


def _parts(random: Random) -> tuple[tuple[int, ...], tuple[Offset, ...]]:
    shares = random.choice(((100,), (50, 50), (33, 33, 34), (1, 99)))
    return shares, tuple(
        Offset(places, random.choice(UNITS)) for places in sorted(random.sample(range(14), len(shares)))
    )


def _rates(random: Random) -> dict[tuple[str, str], tuple[Rate, ...]]:
    found = [Rate(None, _price(random))]
    if random.random() < 0.3:
        found.append(Rate(random.choice(EDGES), _price(random)))
    return {KEY: tuple(found)}


def _price(random: Random) -> Price:
    return Price(random.choice(ORE), "example", "a test")


def _cap(random: Random, fees: list[Fee]) -> Cap:
    some = random.sample([fee.code for fee in fees], random.randint(0, len(fees)))
    return Cap(
        "person", random.choice(("all", "month", "year")), random.choice((1, 100_000, 2_000_000)), tuple(some)
    )
