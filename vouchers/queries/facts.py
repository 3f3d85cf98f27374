"""The facts that money follows from: legs, months, checks, pauses; for many vouchers at once, as columns.

Each query takes ids and gives arrays, in no order. Of a leg that nobody has started on there are no facts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import BigInteger, Date, Integer, String, case, func, literal, select, values
from sqlalchemy import column as named
from sqlalchemy.orm import Session

from core.columns import Chosen, Column, Query, among, chosen, columns, columns_of
from vouchers.models import AttendanceAnswer, Check, Leg, Outcome, Pause, Report, Voucher
from vouchers.queries.attendance import is_open

FAR = date(9999, 12, 31)
COMPLETED = ("work", "studies", "own_business", "next_step", "time_out")
"""Why a service ended that had done what it was for, or had its whole time; else it was broken off."""


class Kind(NamedTuple):
    """What a voucher is paid by: level of a service in a rulebook version, and whom it is for."""

    rulebook_id: int
    service: str
    level: str
    group: str


def voucher_ids(session: Session, municipality_id: int, after: int = 0) -> Column:
    """Every voucher numbered above `after` that somebody has started on."""
    rows = select(Leg.voucher_id).where(
        Leg.municipality_id == municipality_id, Leg.started_on.is_not(None), Leg.voucher_id > after
    )
    return columns(session, rows.distinct())[0]


def kinds(session: Session, municipality_id: int, ids: Sequence[int] | Column | None = None) -> list[Kind]:
    """What those vouchers are paid by, or all of them, each once."""
    only = [] if ids is None else [Voucher.id.in_(among(session, ids))]
    rows = (
        select(Voucher.rulebook_id, Voucher.service, Voucher.level, func.coalesce(Voucher.target_group, ""))
        .where(Voucher.municipality_id == municipality_id, *only)
        .distinct()
    )
    return sorted(Kind(*row) for row in session.execute(rows))


def vouchers(session: Session, municipality_id: int, ids: Sequence[int] | Column | Chosen) -> Chosen:
    """Those vouchers, so that the queries here know how best to find what is theirs."""
    if isinstance(ids, Chosen):
        return ids

    def between(first: int, last: int) -> Query:
        return select(func.count()).where(
            Voucher.municipality_id == municipality_id, Voucher.id.between(first, last)
        )

    return chosen(session, ids, between)


def legs_of(session: Session, municipality_id: int, mine: Chosen) -> Column:
    """All legs of those vouchers, begun or not."""
    rows = select(Leg.id).where(Leg.municipality_id == municipality_id)
    return columns_of(session, rows, Leg.voucher_id, mine)[0]


def started_legs(session: Session, municipality_id: int, mine: Chosen, found: Sequence[Kind]) -> list[Column]:
    """Started legs of those vouchers: voucher, leg, provider, position in `found`, started, ended, months,
    finish. The position is −1 of what is not in `found`.

    `ended` is FAR while it runs; `finish` 0 then, 1 when completed, 2 when broken off.
    """
    names = (("place", Integer), ("rulebook_id", BigInteger), ("service", String), ("level", String))
    known = (
        values(*(named(name, kind) for name, kind in (*names, ("target_group", String))), name="known")
        .data([(place, *kind) for place, kind in enumerate(found)] or [(-1, 0, "", "", "")])
        .cte()
    )
    rows = (
        select(
            Leg.voucher_id,
            Leg.id,
            Leg.provider_id,
            func.coalesce(known.c.place, -1).label("place"),
            Leg.started_on,
            func.coalesce(Leg.ended_on, literal(FAR, Date), type_=Date).label("ended"),
            Voucher.months,
            case((Leg.ended_on.is_(None), 0), (Leg.end_reason.in_(COMPLETED), 1), else_=2).label("finish"),
        )
        .join(Voucher, (Voucher.municipality_id == Leg.municipality_id) & (Voucher.id == Leg.voucher_id))
        .outerjoin(
            known,
            (known.c.rulebook_id == Voucher.rulebook_id)
            & (known.c.service == Voucher.service)
            & (known.c.level == Voucher.level)
            & (known.c.target_group == func.coalesce(Voucher.target_group, "")),
        )
        .where(Leg.municipality_id == municipality_id, Leg.started_on.is_not(None))
    )
    if mine.is_dense:  # said of the vouchers too: PostgreSQL does not see that it follows, and reads them all
        rows = rows.where(Voucher.id.between(*mine.ends))
    return columns_of(session, rows, Leg.voucher_id, mine)


def told_months(session: Session, municipality_id: int, legs: Chosen, mine: Chosen) -> list[Column]:
    """Reports of those legs that are approved or wait for it: leg, month, report, whether it is approved."""
    rows = select(
        Report.leg_id,
        Report.month,
        Report.id,
        case((Report.state == "approved", 1), else_=0).label("approved"),
    ).where(
        Report.municipality_id == municipality_id,
        Report.state.in_(("approved", "submitted")),
        Report.state != "withdrawn",  # says nothing new, but names the partial index to SQLite
    )
    return columns_of(session, rows, Report.leg_id, legs, mine)


def contested_reports(session: Session, municipality_id: int) -> Column:
    """Every report whose attendance the person contests, and nobody has judged yet."""
    rows = select(AttendanceAnswer.report_id).where(
        AttendanceAnswer.municipality_id == municipality_id,
        AttendanceAnswer.report_id.is_not(None),
        is_open(),
    )
    return columns(session, rows)[0]


def passed_checks(session: Session, municipality_id: int, mine: Chosen) -> list[Column]:
    """Passed checks of those vouchers: leg, 1 for the bonus, part, due, check, the result's first day, the
    day it was judged."""
    rows = (
        select(
            Check.leg_id,
            case((Check.purpose == "bonus", 1), else_=0).label("bonus"),
            Check.part,
            Check.due_on,
            Check.id,
            Outcome.starts_on,
            func.coalesce(Check.judged_on, literal(FAR, Date), type_=Date).label("judged"),
        )
        .join(Outcome, (Outcome.municipality_id == Check.municipality_id) & (Outcome.id == Check.outcome_id))
        .where(
            Check.municipality_id == municipality_id,
            Check.state == "passed",
        )
    )
    if mine.is_dense:  # as above
        rows = rows.where(Outcome.voucher_id.between(*mine.ends))
    return columns_of(session, rows, Check.voucher_id, mine)


def paused_days(session: Session, municipality_id: int, legs: Chosen, mine: Chosen) -> list[Column]:
    """Pauses of those legs: leg, first day, the day it went on; that day is not paused, FAR while it
    lasts."""
    rows = select(
        Pause.leg_id,
        Pause.from_on,
        func.coalesce(Pause.resumed_on, literal(FAR, Date), type_=Date).label("resumed"),
    ).where(Pause.municipality_id == municipality_id)
    return columns_of(session, rows, Pause.leg_id, legs, mine)
