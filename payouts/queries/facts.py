"""The facts of some vouchers, as the columns that the rules take."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from sqlalchemy.orm import Session

from core.chapters import Book
from core.columns import Chosen, Column
from core.database import fetch
from core.rulebooks import Rulebook
from payouts.queries.booked import booked_of
from payouts.queries.holds import Held, active
from payouts.rules.columns import (
    FAR,
    Checks,
    Day,
    Deal,
    Facts,
    Holds,
    Legs,
    Months,
    Pauses,
    Whole,
    days,
    whole,
)
from payouts.rules.fees import COMPONENTS, Tariff
from payouts.rules.settlement import Lines
from payouts.rules.tariff import read_tariff
from vouchers.queries.facts import (
    Kind,
    contested_reports,
    kinds,
    passed_checks,
    paused_days,
    started_legs,
    told_months,
    voucher_ids,
    vouchers,
)
from vouchers.rules.pauses import Span

ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=256)
def _parsed(text: str) -> Tariff:
    return read_tariff(Book(text).root)


def tariff_of(session: Session, municipality_id: int, rulebook_id: int) -> Tariff:
    """The fees of a rulebook version."""
    return _parsed(fetch(session, Rulebook, municipality_id, rulebook_id).text)


def facts(session: Session, municipality_id: int, first: int, last: int, as_of: date) -> Facts:
    """The facts of vouchers numbered `first` to `last`."""
    return facts_of(session, municipality_id, _between(session, municipality_id, first, last), as_of)


def booked(session: Session, municipality_id: int, first: int, last: int) -> Lines:
    """The last line of every key of vouchers numbered `first` to `last`."""
    return booked_of(session, municipality_id, _between(session, municipality_id, first, last))


def _between(session: Session, municipality_id: int, first: int, last: int) -> Whole:
    if first == last:
        return whole([first])
    ids = voucher_ids(session, municipality_id, first - 1)
    return ids[ids <= last]


def facts_of(
    session: Session,
    municipality_id: int,
    ids: Sequence[int] | Whole | Chosen,
    as_of: date,
    known: Sequence[Kind] | None = None,
) -> Facts:
    """The facts of those vouchers. A million reports are a few arrays; see core/columns.py.

    `known` are the kinds of vouchers that the caller has seen, so that they need not be asked for again.
    """
    mine = vouchers(session, municipality_id, ids)
    found = kinds(session, municipality_id, mine.ids) if known is None else list(known)
    begun = started_legs(session, municipality_id, mine, found)
    if np.any(begun[3] < 0):  # a voucher of a kind that has come since
        found = kinds(session, municipality_id, mine.ids)
        begun = started_legs(session, municipality_id, mine, found)
    deals = tuple(
        Deal(
            kind.rulebook_id,
            kind.service,
            kind.level,
            tariff_of(session, municipality_id, kind.rulebook_id),
            group=kind.group,
        )
        for kind in found
    )
    legs = _legs(begun)
    if not len(legs):
        return Facts(as_of, deals, legs, _months(legs, _nothing(3)), _checks(legs, _nothing(7)))
    own = mine.others(legs.leg_id)
    leg, month, report, approved = told_months(session, municipality_id, own, mine)
    order = np.lexsort((month, leg))
    told = [column[order] for column in (leg, month, report)]
    is_approved = approved[order] == 1
    return Facts(
        as_of=as_of,
        deals=deals,
        legs=legs,
        months=_months(legs, [column[is_approved] for column in told]),
        checks=_checks(legs, passed_checks(session, municipality_id, mine)),
        pauses=_pauses(legs, paused_days(session, municipality_id, own, mine)),
        contested=np.intersect1d(contested_reports(session, municipality_id), report, assume_unique=True),
        pending=_months(legs, [column[~is_approved] for column in told]),
        holds=_holds(active(session, municipality_id)),
    )


def _holds(held: Held) -> Holds:
    """What somebody holds, whoever's: it is few."""
    return Holds(
        legs=whole(sorted(held.legs)),
        providers=whole(sorted(held.providers)),
        keys=tuple((scope, COMPONENTS.index(name), part) for scope, name, part in sorted(held.keys)),
    )


def _nothing(count: int) -> list[Column]:
    return [whole([])] * count


def _legs(found: list[Column]) -> Legs:
    """In the order of their ids, so that a leg's position can be looked up."""
    order = np.argsort(found[1], kind="stable")
    voucher, leg, provider, deal, started, ended, months, finish = (column[order] for column in found)
    _, place = np.unique(voucher, return_inverse=True)
    first = np.full(len(leg), FAR)
    np.minimum.at(first, place, started)
    return Legs(
        leg_id=leg,
        voucher_id=voucher,
        provider_id=provider,
        deal=deal,
        first=first[place],
        started=started,
        ended=ended,
        months=months,
        finish=finish,
    )


def _months(legs: Legs, found: list[Column]) -> Months:
    at, known = legs.places(found[0])
    return Months(leg=at[known], month=days(found[1][known]), report_id=found[2][known])


def _checks(legs: Legs, found: list[Column]) -> Checks:
    leg, bonus, part, due, check, began, judged = found
    at, known = legs.places(leg)
    return Checks(
        leg=at[known],
        bonus=bonus[known],
        part=part[known],
        due=days(due[known]),
        check_id=check[known],
        began=days(began[known]),
        proved=days(judged[known]),
    )


def _pauses(legs: Legs, found: list[Column]) -> Pauses:
    leg, first, resumed = found
    at, known = legs.places(leg)
    last: Day = np.where(resumed == FAR, FAR, resumed - 1)
    return Pauses(leg=at[known], first=first[known], last=last[known])


def pauses_of(rows: Sequence[tuple[int, Span]]) -> Pauses:
    """Paused days by the position of their leg, as columns."""
    return Pauses(
        leg=whole([place for place, _ in rows]),
        first=days([span.from_on for _, span in rows]),
        last=days([FAR if span.to_on is None else span.to_on - ONE_DAY for _, span in rows]),
    )
