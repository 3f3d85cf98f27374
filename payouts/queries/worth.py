"""What something yet to happen would be worth: the same rules, asked with one fact more or less."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
from sqlalchemy.orm import Session

from core.dates import add_months, first_of_month
from payouts.queries.facts import booked, facts, pauses_of, tariff_of
from payouts.rules.columns import COMPLETED, FAR, Checks, Deal, Dues, Facts, Legs, Months, days, whole
from payouts.rules.fees import COMPONENTS, FEE, Fee, Speed, Tariff
from payouts.rules.settlement import Lines, earn, settle
from vouchers.rules.pauses import Span, planned_end

# Long after anything here, so that what only waits for its day is counted too.
SOME_DAY = date(9000, 1, 1)
# Where reports and checks begin to be numbered, so that what a fact gives is told from what time gives.
REPORTS, CHECKS = 1_000_000_000, 2_000_000_000


@dataclass(frozen=True)
class Wish:
    """A leg with one fact that is not there yet: an approved `month`, or without one a result that stands and
    began on `began_on`, if that is known. `paused` are the leg's paused days."""

    rulebook_id: int
    service: str
    level: str
    months: int
    first_on: date | None
    started_on: date
    ended_on: date | None
    month: date | None = None
    paused: tuple[Span, ...] = ()
    began_on: date | None = None


@dataclass(frozen=True)
class Value:
    """What one fee would give, in öre, and whether the price is published, historical or an example.

    `part` is the fee's own part. `cause` is the fact that gives it: month, result, bonus, or time alone.
    """

    component: str
    part: int
    ore: int
    status: str
    cause: str = field(default="time", compare=False)
    fee: Fee | None = field(default=None, compare=False, repr=False)

    def title(self, locale: str) -> str:
        """The fee's own name, empty when it goes by its category's."""
        return self.fee.title(locale) if self.fee else ""


def worth(session: Session, municipality_id: int, wishes: Sequence[Wish]) -> list[tuple[Value, ...]]:
    """What each wish would give if it came true and stood; empty where no price covers it.

    What time alone gives (a start, a milestone, an instalment) is not the wish's doing and is left out.
    """
    if not wishes:
        return []
    hoped = _hoped(session, municipality_id, wishes)
    found: list[list[Value]] = [[] for _ in wishes]
    for place, value in _values(hoped, earn(hoped)):
        if value.cause != "time":
            found[place].append(value)
    return [tuple(values) for values in found]


def of_check(values: Sequence[Value], purpose: str, part: int) -> Value | None:
    """What one dated case gives by all fees together; None when it gives nothing."""
    given = [value for value in values if (value.cause, value.part) == (purpose, part)]
    if not given:
        return None
    status = "example" if any(value.status == "example" for value in given) else given[0].status
    return Value(purpose, part, sum(value.ore for value in given), status, purpose)


def everything(
    session: Session,
    municipality_id: int,
    rulebook_id: int,
    service: str,
    level: str,
    months: int,
    first_on: date,
) -> tuple[Value, ...]:
    """All that one person could give: every month told, all completed, every result on the first day."""
    tariff = tariff_of(session, municipality_id, rulebook_id)
    told = [first_of_month(add_months(first_on, number)) for number in range(months + 1)]
    checks = _parts(tariff)
    last_on = planned_end(first_on, months)
    one = whole([0])
    hoped = Facts(
        as_of=SOME_DAY,
        deals=(Deal(rulebook_id, service, level, tariff),),
        legs=Legs(
            one, one, one, one, days([first_on]), days([first_on]), days([last_on]), whole([months]),
            days([last_on]), whole([COMPLETED]),
        ),
        months=Months(whole([0 for _ in told]), days(told), REPORTS + np.arange(len(told), dtype=np.int64)),
        checks=_checks([(0, *check, first_on, first_on) for check in checks]),
    )  # fmt: skip
    return tuple(value for _, value in _values(hoped, earn(hoped)))


def _values(hoped: Facts, dues: Dues) -> list[tuple[int, Value]]:
    """(leg's position, value) of each due."""
    bonus = {
        int(check): ("result", "bonus")[int(is_bonus)]
        for check, is_bonus in zip(hoped.checks.check_id, hoped.checks.bonus, strict=True)
    }
    found = []
    for place, component, part, ore, evidence in zip(
        dues.leg.tolist(),
        dues.component.tolist(),
        dues.part.tolist(),
        dues.amount.tolist(),
        dues.evidence.tolist(),
        strict=True,
    ):
        deal, name = hoped.deals[int(hoped.legs.deal[place])], COMPONENTS[component]
        fee = deal.tariff.fee_of(name, part)
        price = fee.prices.get((deal.service, deal.level)) if fee else None
        cause = "month" if REPORTS <= evidence < CHECKS else bonus.get(evidence, "time")
        status = price.status if price else "example"
        found.append((place, Value(name, part % FEE, ore, status, cause, fee)))
    return found


def _parts(tariff: Tariff) -> list[tuple[int, int]]:
    """(whether it is a bonus, part) of every dated case that a tariff can pay for."""
    speedy = any(isinstance(fee.terms, Speed) for fee in tariff.fees)
    most = (max(tariff.parts("result"), int(speedy)), tariff.parts("bonus"))
    return [(bonus, part) for bonus in (0, 1) for part in range(1, most[bonus] + 1)]


def _checks(rows: Sequence[tuple[int, int, int, date, date | None]]) -> Checks:
    """Passed checks: (leg's position, whether a bonus, part, day due, day the result began)."""
    return Checks(
        leg=whole([row[0] for row in rows]),
        bonus=whole([row[1] for row in rows]),
        part=whole([row[2] for row in rows]),
        due=days([row[3] for row in rows]),
        check_id=CHECKS + np.arange(len(rows), dtype=np.int64),
        began=days([FAR if row[4] is None else row[4] for row in rows]),
    )


def _hoped(session: Session, municipality_id: int, wishes: Sequence[Wish]) -> Facts:
    """Facts in which every wish is a leg of a voucher of its own, and has come true."""
    deals: dict[tuple[int, str, str], int] = {}
    deal = [deals.setdefault((wish.rulebook_id, wish.service, wish.level), len(deals)) for wish in wishes]
    priced = tuple(Deal(*key, tariff_of(session, municipality_id, key[0])) for key in deals)
    reported = [(place, wish.month) for place, wish in enumerate(wishes) if wish.month is not None]
    results = [
        (place, bonus, part, wish.started_on, wish.began_on)
        for place, wish in enumerate(wishes)
        if wish.month is None
        for bonus, part in _parts(priced[deal[place]].tariff)
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
            report_id=REPORTS + np.arange(len(reported), dtype=np.int64),
        ),
        checks=_checks(results),
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
