"""Facts and booked lines of a span of vouchers, as the columns that the rules take."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.chapters import Book
from core.database import fetch
from core.rulebooks import Rulebook
from payouts.models import LedgerLine
from payouts.rules.columns import FAR, Checks, Deal, Facts, Legs, Months, Pauses, Whole, days, whole
from payouts.rules.fees import COMPONENTS, Tariff
from payouts.rules.settlement import REASONS, Lines
from payouts.rules.tariff import read_tariff
from vouchers.queries.facts import (
    approved_months,
    contested_reports,
    passed_checks,
    paused_days,
    started_legs,
)
from vouchers.rules.pauses import Span

ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=256)
def _parsed(text: str) -> Tariff:
    return read_tariff(Book(text).root)


def tariff_of(session: Session, municipality_id: int, rulebook_id: int) -> Tariff:
    """The fees of a rulebook version."""
    return _parsed(fetch(session, Rulebook, municipality_id, rulebook_id).text)


def _column(rows: Any, place: int) -> Whole:
    return np.fromiter((row[place] for row in rows), dtype=np.int64, count=len(rows))


def _days(rows: Any, place: int) -> Any:
    return days([FAR if row[place] is None else row[place] for row in rows])


def _of(legs: set[int], rows: Any) -> list[Any]:
    """Without rows of a leg that started after the legs were read; the next run sees both."""
    return [row for row in rows if row[0] in legs]


def facts(session: Session, municipality_id: int, first: int, last: int, as_of: date) -> Facts:
    """The facts of vouchers numbered `first` to `last`."""
    rows = started_legs(session, municipality_id, first, last)
    deals: dict[tuple[int, str, str], int] = {}
    deal = [deals.setdefault((row.rulebook_id, row.service, row.level), len(deals)) for row in rows]
    legs = Legs(
        leg_id=_column(rows, 0),
        voucher_id=_column(rows, 1),
        provider_id=_column(rows, 2),
        deal=whole(deal),
        first=_days(rows, 6),
        started=_days(rows, 7),
        ended=_days(rows, 8),
        months=_column(rows, 9),
    )
    known = set(legs.leg_id.tolist())
    months = _of(known, approved_months(session, municipality_id, first, last))
    checks = _of(known, passed_checks(session, municipality_id, first, last))
    pauses = _of(known, paused_days(session, municipality_id, first, last))
    return Facts(
        as_of=as_of,
        deals=tuple(
            Deal(rulebook_id, service, level, tariff_of(session, municipality_id, rulebook_id))
            for rulebook_id, service, level in deals
        ),
        legs=legs,
        months=Months(
            leg=np.searchsorted(legs.leg_id, _column(months, 0)),
            month=_days(months, 1),
            report_id=_column(months, 2),
        ),
        checks=Checks(
            leg=np.searchsorted(legs.leg_id, _column(checks, 0)),
            bonus=whole([row.purpose == "bonus" for row in checks]),
            part=_column(checks, 2),
            due=_days(checks, 3),
            check_id=_column(checks, 4),
        ),
        pauses=pauses_of(
            [
                (place, Span(row[1], row[2]))
                for place, row in zip(np.searchsorted(legs.leg_id, _column(pauses, 0)), pauses, strict=True)
            ]
        ),
        contested=whole(contested_reports(session, municipality_id, first, last)),
    )


def pauses_of(rows: Sequence[tuple[int, Span]]) -> Pauses:
    """Paused days by the position of their leg, as columns."""
    return Pauses(
        leg=whole([place for place, _ in rows]),
        first=days([span.from_on for _, span in rows]),
        last=days([FAR if span.to_on is None else span.to_on - ONE_DAY for _, span in rows]),
    )


KEY = (LedgerLine.municipality_id, LedgerLine.scope_id, LedgerLine.component, LedgerLine.part)


def booked(session: Session, municipality_id: int, first: int, last: int) -> Lines:
    """The last line of every key of those vouchers."""
    latest = func.max(LedgerLine.sequence).over(partition_by=KEY).label("latest")
    lines = (
        select(LedgerLine, latest)
        .where(LedgerLine.municipality_id == municipality_id, LedgerLine.voucher_id.between(first, last))
        .subquery()
    )
    at = lines.c
    rows = session.execute(
        select(
            at.scope_id,
            at.component,
            at.part,
            at.sequence,
            at.voucher_id,
            at.leg_id,
            at.provider_id,
            at.rulebook_id,
            at.period_on,
            at.unit_price_ore,
            at.quantity,
            at.of_quantity,
            at.amount_ore,
            at.reason,
            at.evidence_id,
        ).where(at.sequence == at.latest)
    ).all()
    return Lines(
        scope=_column(rows, 0),
        component=whole([COMPONENTS.index(row.component) for row in rows]),
        part=_column(rows, 2),
        sequence=_column(rows, 3),
        voucher_id=_column(rows, 4),
        leg_id=_column(rows, 5),
        provider_id=_column(rows, 6),
        rulebook_id=_column(rows, 7),
        period=_days(rows, 8),
        unit_price=_column(rows, 9),
        quantity=_column(rows, 10),
        of=_column(rows, 11),
        amount=_column(rows, 12),
        reason=whole([REASONS.index(row.reason) for row in rows]),
        evidence=_column(rows, 14),
    )
