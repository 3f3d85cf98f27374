"""What a line rests on, as it stands today: a report, a check or the leg itself; and who verified it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from core.actor import Account
from core.audit import AuditEntry
from core.dates import day_of, last_of_month
from payouts.rules.fees import Completion, Fee, Instalments, Milestone, Monthly, Start, Weekdays
from vouchers.models import AttendanceAnswer, Check, Leg, Outcome, Pause, Report
from vouchers.models.proof import Override, Verification
from vouchers.queries.attendance import is_open

REPORT, CHECK, LEG = "report", "check", "leg"


@dataclass(frozen=True)
class Look:
    """That somebody looked at a source of a result's check, and what it said."""

    source: str
    found: str
    by: str | None
    on: date


@dataclass(frozen=True)
class Stay:
    """The time at the provider. `paused` are days (first, last; None while it lasts); why is nobody's here.

    `started_by` and `ended_by` told of it, on the days that follow; None for what the clock did.
    """

    first_on: date
    started_on: date
    ended_on: date | None
    end_reason: str | None
    started_by: str | None
    told_start_on: date | None
    ended_by: str | None
    told_end_on: date | None
    paused: tuple[tuple[date, date | None], ...]


@dataclass(frozen=True)
class Evidence:
    """The report, the check or the leg that a line rests on, as it stands today.

    `by` approved it `on` a day; `source` is the paper that was looked at; `due_on`, `kind` (of result) and
    `claimed_on` belong to a check. `told_on` is when a report was handed in, `withdrawn_on` and `_by` are for
    one taken back; `contested_at` while the person's word against it waits for a verdict.
    `looks` are all that has been looked at; `exempt_until` that a check passed by exemption, and how long.
    """

    what: str
    id: int
    state: str
    by: str | None = None
    on: date | None = None
    source: str | None = None
    due_on: date | None = None
    kind: str | None = None
    claimed_on: date | None = None
    starts_on: date | None = None
    told_on: date | None = None
    withdrawn_on: date | None = None
    withdrawn_by: str | None = None
    contested_at: datetime | None = None
    looks: tuple[Look, ...] = ()
    exempt_until: date | None = None


def kind_of_evidence(fee: Fee | None, component: str) -> str:
    """What a fee's lines rest on; of a fee that is not there any more by its category."""
    if fee is None:
        return REPORT if component == "base" else CHECK
    if isinstance(fee.terms, Instalments):
        return REPORT if fee.terms.needs_report else LEG
    if isinstance(fee.terms, Monthly | Weekdays):
        return REPORT
    return LEG if isinstance(fee.terms, Start | Milestone | Completion) else CHECK


def evidence_of(session: Session, municipality_id: int, what: str, evidence_id: int) -> Evidence | None:
    """The evidence of a line; None when it is gone."""
    return {REPORT: _report, CHECK: _check, LEG: _leg}[what](session, municipality_id, evidence_id)


def _report(session: Session, municipality_id: int, report_id: int) -> Evidence | None:
    judge, taker = aliased(Account), aliased(Account)
    row = session.execute(
        select(
            Report.state,
            Report.submitted_on,
            Report.judged_on,
            Report.withdrawn_on,
            judge.name.label("judge"),
            taker.name.label("taker"),
            AttendanceAnswer.said_at,
        )
        .outerjoin(judge, (judge.municipality_id == Report.municipality_id) & (judge.id == Report.judged_by))
        .outerjoin(
            taker, (taker.municipality_id == Report.municipality_id) & (taker.id == Report.withdrawn_by)
        )
        .outerjoin(
            AttendanceAnswer,
            (AttendanceAnswer.municipality_id == Report.municipality_id)
            & (AttendanceAnswer.report_id == Report.id)
            & is_open(),
        )
        .where(Report.municipality_id == municipality_id, Report.id == report_id)
    ).one_or_none()
    if row is None:
        return None
    return Evidence(
        what=REPORT,
        id=report_id,
        state=row.state,
        by=row.judge,
        on=row.judged_on,
        told_on=row.submitted_on,
        withdrawn_on=row.withdrawn_on,
        withdrawn_by=row.taker,
        contested_at=row.said_at if row.state != "withdrawn" else None,
    )


def _check(session: Session, municipality_id: int, check_id: int) -> Evidence | None:
    row = session.execute(
        select(
            Check.state,
            Check.judged_on,
            Check.source,
            Check.due_on,
            Outcome.kind,
            Outcome.claimed_on,
            Outcome.starts_on,
            Account.name.label("judge"),
        )
        .join(Outcome, (Outcome.municipality_id == Check.municipality_id) & (Outcome.id == Check.outcome_id))
        .outerjoin(
            Account, (Account.municipality_id == Check.municipality_id) & (Account.id == Check.judged_by)
        )
        .where(Check.municipality_id == municipality_id, Check.id == check_id)
    ).one_or_none()
    if row is None:
        return None
    exempt = select(func.max(Override.until_on)).where(
        Override.municipality_id == municipality_id,
        Override.check_id == check_id,
        Override.passes,
        Override.ended_on.is_(None),
    )
    return Evidence(
        what=CHECK,
        id=check_id,
        state=row.state,
        by=row.judge,
        on=row.judged_on,
        source=row.source,
        due_on=row.due_on,
        kind=row.kind,
        claimed_on=row.claimed_on,
        starts_on=row.starts_on,
        looks=_looks(session, municipality_id, check_id),
        exempt_until=session.scalar(exempt),
    )


def _looks(session: Session, municipality_id: int, check_id: int) -> tuple[Look, ...]:
    rows = (
        select(Verification.source, Verification.found, Account.name, Verification.seen_on)
        .outerjoin(
            Account,
            (Account.municipality_id == Verification.municipality_id) & (Account.id == Verification.seen_by),
        )
        .where(Verification.municipality_id == municipality_id, Verification.check_id == check_id)
        .order_by(Verification.seen_on, Verification.id)
    )
    return tuple(Look(*row) for row in session.execute(rows))


def _leg(session: Session, municipality_id: int, leg_id: int) -> Evidence | None:
    leg = session.get(Leg, (municipality_id, leg_id))
    if leg is None:
        return None
    return Evidence(what=LEG, id=leg_id, state="ended" if leg.ended_on else "active")


def stay_of(session: Session, municipality_id: int, voucher_id: int, leg_id: int, period_on: date) -> Stay:
    """When the person was there, the pauses that touch the line's month or later days, and who told of it."""
    leg = session.get_one(Leg, (municipality_id, leg_id))
    first = session.scalar(
        select(func.min(Leg.started_on)).where(
            Leg.municipality_id == municipality_id, Leg.voucher_id == voucher_id
        )
    )
    if leg.started_on is None or first is None:
        raise AssertionError("nothing is booked for a leg that nobody has started on")
    start, end = (_told(session, municipality_id, leg_id, what) for what in ("leg.started", "leg.ended"))
    return Stay(
        first_on=first,
        started_on=leg.started_on,
        ended_on=leg.ended_on,
        end_reason=leg.end_reason,
        started_by=start.name if start else None,
        told_start_on=day_of(start.at) if start else None,
        ended_by=end.name if end else None,
        told_end_on=day_of(end.at) if end else None,
        paused=_paused(session, municipality_id, leg_id, period_on),
    )


def _told(session: Session, municipality_id: int, leg_id: int, what: str) -> Any:
    """The last entry of that kind about the leg, with its person's name."""
    return session.execute(
        select(AuditEntry.at, Account.name)
        .outerjoin(
            Account,
            (Account.municipality_id == AuditEntry.municipality_id) & (Account.id == AuditEntry.account_id),
        )
        .where(
            AuditEntry.municipality_id == municipality_id,
            AuditEntry.subject_kind == Leg.__tablename__,
            AuditEntry.subject_id == leg_id,
            AuditEntry.what == what,
        )
        .order_by(AuditEntry.sequence.desc())
        .limit(1)
    ).one_or_none()


def _paused(
    session: Session, municipality_id: int, leg_id: int, period_on: date
) -> tuple[tuple[date, date | None], ...]:
    """Pauses up to the end of the line's month, but for those that were called off."""
    rows = session.execute(
        select(Pause.from_on, Pause.resumed_on)
        .where(
            Pause.municipality_id == municipality_id,
            Pause.leg_id == leg_id,
            or_(Pause.resumed_on.is_(None), Pause.resumed_on > Pause.from_on),
        )
        .order_by(Pause.from_on)
    )
    until = last_of_month(period_on)
    return tuple(
        (row.from_on, row.resumed_on - timedelta(days=1) if row.resumed_on else None)
        for row in rows
        if row.from_on <= until
    )
