"""What a voucher can still give each of its providers, as it stands and with a turn it may take.

The same rules that pay, asked of facts in which all that can be reported has been, and is approved. Only the
base fee: a result is paid to whoever leads to it, whatever turns were taken before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.dates import add_months, first_of_month
from payouts.models import LedgerLine
from payouts.queries.facts import booked, facts, pauses_of, tariff_of
from payouts.queries.worth import SOME_DAY
from payouts.rules.columns import BASE, Checks, Deal, Facts, Legs, Months, days, whole
from payouts.rules.settlement import earn, settle
from vouchers.models import Leg
from vouchers.queries.turns import Turns
from vouchers.rules.pauses import Span, moved_end
from vouchers.rules.switching import first_day
from vouchers.rules.terms import Terms


@dataclass(frozen=True)
class Turn:
    """What would be different; all of it None or 0 is as it stands.

    `last_on` is the last day with the provider there is now, `to_provider` where the person goes from
    `first_on`; `pause` new paused days; `resumed_on` ends the pause that lasts; `adds` months.
    """

    last_on: date | None = None
    to_provider: int | None = None
    first_on: date | None = None
    pause: Span | None = None
    resumed_on: date | None = None
    adds: int = 0


@dataclass(frozen=True)
class Share:
    """One provider's part, in öre: what it has earned, and what more it can earn as it stands and after.

    `is_example` says that nobody has published the price.
    """

    provider_id: int
    earned_ore: int
    before_ore: int
    after_ore: int
    is_example: bool


@dataclass(frozen=True)
class _Time:
    """A time with a provider, told to its end."""

    provider_id: int
    started: date
    ended: date
    pauses: tuple[Span, ...]


def outlook(session: Session, found: Turns, terms: Terms, turn: Turn, *, today: date) -> list[Share]:
    """Each provider's part before and after the turn, in the order the person came to them."""
    voucher = found.voucher
    here = voucher.municipality_id
    deal = Deal(
        voucher.rulebook_id, voucher.service, voucher.level, tariff_of(session, here, voucher.rulebook_id)
    )
    earned = _base(facts(session, here, voucher.id, voucher.id, today))
    standing = _hoped(deal, found, terms, Turn(), today)
    turned = _hoped(deal, found, terms, turn, today)
    providers: dict[int, list[int]] = {}
    for place, sums in enumerate((earned, standing, turned)):
        for provider_id, ore in sums.items():
            providers.setdefault(provider_id, [0, 0, 0])[place] += ore
    return [
        Share(
            provider_id=provider_id,
            earned_ore=so_far,
            before_ore=max(before - so_far, 0),
            after_ore=max(after - so_far, 0),
            is_example=_is_example(deal),
        )
        for provider_id, (so_far, before, after) in providers.items()
    ]


def _is_example(deal: Deal) -> bool:
    prices = [
        fee.prices.get((deal.service, deal.level)) for fee in deal.tariff.fees if fee.component == "base"
    ]
    return any(price is not None and price.status == "example" for price in prices)


def _base(known: Facts) -> dict[int, int]:
    """The base fee by provider."""
    dues = earn(known)
    sums: dict[int, int] = {}
    for leg, component, ore in zip(
        dues.leg.tolist(), dues.component.tolist(), dues.amount.tolist(), strict=True
    ):
        if component == BASE:
            provider_id = int(known.legs.provider_id[leg])
            sums[provider_id] = sums.get(provider_id, 0) + ore
    return sums


def _hoped(deal: Deal, found: Turns, terms: Terms, turn: Turn, today: date) -> dict[int, int]:
    """The base fee by provider when all that can be is reported and approved; 0 for those who get nothing."""
    times = _times(found, terms, turn, today)
    first_on = min((time.started for time in times), default=today)
    reported = [(place, month) for place, time in enumerate(times) for month in _months(time)]
    paused = [(place, span) for place, time in enumerate(times) for span in time.pauses]
    none = whole([])
    sums = _base(
        Facts(
            as_of=SOME_DAY,
            deals=(deal,),
            legs=Legs(
                leg_id=np.arange(len(times), dtype=np.int64),
                voucher_id=np.zeros(len(times), dtype=np.int64),
                provider_id=whole([time.provider_id for time in times]),
                deal=np.zeros(len(times), dtype=np.int64),
                first=days([first_on for _ in times]),
                started=days([time.started for time in times]),
                ended=days([time.ended for time in times]),
                months=whole([found.voucher.months + turn.adds for _ in times]),
            ),
            months=Months(
                leg=whole([place for place, _ in reported]),
                month=days([month for _, month in reported]),
                report_id=np.arange(len(reported), dtype=np.int64),
            ),
            checks=Checks(none, none, none, days([]), none),
            pauses=pauses_of(paused),
        )
    )
    return {time.provider_id: sums.get(time.provider_id, 0) for time in times}


def _times(found: Turns, terms: Terms, turn: Turn, today: date) -> list[_Time]:
    """The times with providers, told to the service's last day; the one that is now takes its turn."""
    pauses = _pauses(found, turn, today)
    begun = [leg for leg in found.legs if leg.started_on is not None]
    now = found.now
    waiting = now is not None and now.started_on is None and now.ended_on is None
    left = max((leg.ended_on for leg in begun if leg.ended_on), default=today)
    starts = first_day(max(left, today))
    first_on = found.first_on or turn.first_on or starts
    spans = [span for own in pauses.values() for span in own]
    until = moved_end(
        first_on, found.voucher.months + turn.adds, sorted(spans, key=lambda one: one.from_on), terms.pauses,
        today=today,
    )  # fmt: skip
    times = [
        _Time(
            leg.provider_id,
            leg.started_on or today,
            _ends(leg, now, turn) or until,
            tuple(pauses.get(leg.id, ())),
        )
        for leg in begun
    ]
    if waiting and now is not None and turn.last_on is None:
        times.append(_Time(now.provider_id, starts, until, ()))
    if turn.to_provider is not None:
        times.append(_Time(turn.to_provider, turn.first_on or starts, until, ()))
    return [time for time in times if time.started <= time.ended]


def _ends(leg: Leg, now: Leg | None, turn: Turn) -> date | None:
    """The last day there, None while nothing ends it but the service. When all ends, notice is cut short."""
    if turn.last_on is None or (leg is not now and turn.to_provider is not None):
        return leg.ended_on
    return min(leg.ended_on or turn.last_on, turn.last_on)


def _pauses(found: Turns, turn: Turn, today: date) -> dict[int, list[Span]]:
    """The pauses by leg; one that lasts ends when it is thought to, or as the turn says."""
    pauses: dict[int, list[Span]] = {}
    for pause in found.pauses:
        ends = pause.resumed_on or turn.resumed_on or max(pause.expected_on, pause.from_on, today)
        pauses.setdefault(pause.leg_id, []).append(Span(pause.from_on, ends))
    if turn.pause is not None and found.now is not None:
        pauses.setdefault(found.now.id, []).append(turn.pause)
    return pauses


def _months(time: _Time) -> list[date]:
    months, month = [], first_of_month(time.started)
    while month <= time.ended:
        months.append(month)
        month = add_months(month, 1)
    return months


def unbooked(session: Session, municipality_id: int, voucher_id: int, today: date) -> int:
    """How many lines a run would book for a voucher: what is earned, or gone, and not in the ledger."""
    known = facts(session, municipality_id, voucher_id, voucher_id, today)
    return len(settle(known, booked(session, municipality_id, voucher_id, voucher_id)))


def booked_by_leg(session: Session, municipality_id: int, voucher_id: int) -> dict[int, int]:
    """What the ledger holds for each of the voucher's times with a provider, in öre; result and bonus too."""
    rows = (
        select(LedgerLine.leg_id, func.sum(LedgerLine.amount_ore))
        .where(LedgerLine.municipality_id == municipality_id, LedgerLine.voucher_id == voucher_id)
        .group_by(LedgerLine.leg_id)
    )
    return {leg_id: int(ore) for leg_id, ore in session.execute(rows)}
