"""What something yet to happen would be worth: the same rules, asked with one fact more or less."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from sqlalchemy.orm import Session

from core.dates import first_of_month
from payouts.queries.facts import booked, facts, pauses_of, tariff_of
from payouts.rules.columns import FAR, Checks, Deal, Facts, Legs, Months, days, whole
from payouts.rules.fees import COMPONENTS
from payouts.rules.settlement import Lines, earn, settle
from vouchers.rules.pauses import Span

# Long after anything here, so that what only waits for its day is counted too.
SOME_DAY = date(9000, 1, 1)


@dataclass(frozen=True)
class Wish:
    """A leg with one fact that is not there yet: an approved `month`, or without one a result that stands.
    `paused` are the leg's paused days."""

    rulebook_id: int
    service: str
    level: str
    months: int
    first_on: date | None
    started_on: date
    ended_on: date | None
    month: date | None = None
    paused: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Value:
    """What one component would give, in öre, and whether the price is published, historical or an example."""

    component: str
    part: int
    ore: int
    status: str


def worth(session: Session, municipality_id: int, wishes: Sequence[Wish]) -> list[tuple[Value, ...]]:
    """What each wish would give if it came true and stood; empty where no price covers it."""
    if not wishes:
        return []
    hoped = _hoped(session, municipality_id, wishes)
    found: list[list[Value]] = [[] for _ in wishes]
    dues = earn(hoped)
    for place, component, part, ore in zip(
        dues.leg.tolist(), dues.component.tolist(), dues.part.tolist(), dues.amount.tolist(), strict=True
    ):
        name = COMPONENTS[component]
        price = hoped.deals[int(hoped.legs.deal[place])].price(name)
        found[place].append(Value(name, part, ore, price.status if price else "example"))
    return [tuple(values) for values in found]


def _hoped(session: Session, municipality_id: int, wishes: Sequence[Wish]) -> Facts:
    """Facts in which every wish is a leg of a voucher of its own, and has come true."""
    deals: dict[tuple[int, str, str], int] = {}
    deal = [deals.setdefault((wish.rulebook_id, wish.service, wish.level), len(deals)) for wish in wishes]
    priced = tuple(Deal(*key, tariff_of(session, municipality_id, key[0])) for key in deals)
    reported = [(place, wish.month) for place, wish in enumerate(wishes) if wish.month is not None]
    results = [
        (place, bonus, part)
        for place, wish in enumerate(wishes)
        if wish.month is None
        for bonus, component in ((0, "result"), (1, "bonus"))
        for part in range(1, priced[deal[place]].tariff.parts(component) + 1)
    ]
    return Facts(
        as_of=SOME_DAY,
        deals=priced,
        legs=Legs(
            leg_id=np.arange(len(wishes), dtype=np.int64),
            voucher_id=np.arange(len(wishes), dtype=np.int64),
            provider_id=np.zeros(len(wishes), dtype=np.int64),
            deal=whole(deal),
            first=days([wish.first_on or wish.started_on for wish in wishes]),
            started=days([wish.started_on for wish in wishes]),
            ended=days([FAR if wish.ended_on is None else wish.ended_on for wish in wishes]),
            months=whole([wish.months for wish in wishes]),
        ),
        months=Months(
            leg=whole([place for place, _ in reported]),
            month=days([month for _, month in reported]),
            report_id=np.arange(len(reported), dtype=np.int64),
        ),
        checks=Checks(
            leg=whole([place for place, _, _ in results]),
            bonus=whole([bonus for _, bonus, _ in results]),
            part=whole([part for _, _, part in results]),
            due=days([wishes[place].started_on for place, _, _ in results]),
            check_id=np.arange(len(results), dtype=np.int64),
        ),
        pauses=pauses_of([(place, span) for place, wish in enumerate(wishes) for span in wish.paused]),
    )


def whole_month(
    rulebook_id: int, service: str, level: str, months: int, today: date, first_on: date | None = None
) -> Wish:
    """A person who is there for the whole of this month."""
    month = first_of_month(today)
    return Wish(rulebook_id, service, level, months, first_on, month, None, month)


@dataclass(frozen=True)
class Effect:
    """What taking a report back does, in öre.

    `clawed_ore` (0 or less) is booked and comes back; `lost_ore` (0 or more) is earned and not yet booked.
    """

    clawed_ore: int
    lost_ore: int


def if_withdrawn(
    session: Session, municipality_id: int, voucher_id: int, report_id: int, as_of: date
) -> Effect:
    """The difference between the next run with the report and without it."""
    known = facts(session, municipality_id, voucher_id, voucher_id, as_of)
    ledger = booked(session, municipality_id, voucher_id, voucher_id)
    without = replace(known, months=known.months.where(known.months.report_id != report_id))
    with_it, without_it = settle(known, ledger), settle(without, ledger)
    return Effect(
        clawed_ore=_back(without_it) - _back(with_it),
        lost_ore=_forth(with_it) - _forth(without_it),
    )


def waiting_ore(session: Session, municipality_id: int, voucher_id: int, report_id: int, as_of: date) -> int:
    """What the next run would book for a contested report, in öre, if it were found to stand."""
    known = facts(session, municipality_id, voucher_id, voucher_id, as_of)
    ledger = booked(session, municipality_id, voucher_id, voucher_id)
    judged = replace(known, contested=known.contested[known.contested != report_id])
    return _forth(settle(judged, ledger)) - _forth(settle(known, ledger))


def _back(lines: Lines) -> int:
    return int(lines.amount[lines.amount < 0].sum())


def _forth(lines: Lines) -> int:
    return int(lines.amount[lines.amount > 0].sum())
