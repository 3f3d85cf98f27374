"""Gates: what each one said of a line, when a line waited, and what is earned but waits now.

A run keeps what it was stopped by; the last word on what waits is the gate's own: a report handed in, a word
against it, a hold.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from core.actor import Account
from core.dates import day_of
from payouts.models import Hold, LedgerLine, PaymentRun, StoppedDue
from payouts.queries.explain_evidence import CHECK, REPORT, Evidence
from payouts.queries.facts import tariff_of
from payouts.rules.fees import Fee
from providers.models import Provider
from vouchers.models import AttendanceAnswer, Report, Voucher
from vouchers.queries.attendance import is_open

PASSED, WAITS, NOT_ASKED, REFUSED = "passed", "waits", "not_asked", "refused"


@dataclass(frozen=True)
class Gate:
    """What a gate says of a line now. `code` is report, check, contested or held.

    `by` judged it `on` a day; `reason` is a code: what somebody wrote of it is about a person, and is not for
    all who read the line. `what` is what is held: line, leg or provider.
    """

    code: str
    outcome: str
    by: str | None = None
    on: date | None = None
    reason: str = ""
    what: str = ""


@dataclass(frozen=True)
class Waited:
    """That runs stopped a line at a gate: the first and last day they counted to, and how many they were."""

    gate: str
    first_as_of: date
    last_as_of: date
    runs: int


@dataclass(frozen=True)
class Due:
    """What is earned and waits. `person` is not told here: lists of money name nobody."""

    scope_id: int
    component: str
    part: int
    voucher_id: int
    leg_id: int
    provider_id: int
    provider: str
    rulebook_id: int
    gate: str
    period_on: date
    amount_ore: int
    as_of: date
    fee: Fee | None = None

    def title(self, locale: str) -> str:
        """The fee's own name, empty when it goes by its category's."""
        return self.fee.title(locale) if self.fee else ""


def gates_of(
    session: Session,
    municipality_id: int,
    evidence: Evidence | None,
    *,
    key: tuple[int, str, int],
    leg_id: int,
    provider_id: int,
) -> tuple[Gate, ...]:
    """Each gate with what it says of the line today."""
    return (
        _approval(evidence),
        _contest(session, municipality_id, evidence),
        *_holds(session, municipality_id, key, leg_id, provider_id),
    )


def _approval(evidence: Evidence | None) -> Gate:
    if evidence is None or evidence.what not in (REPORT, CHECK):
        return Gate("report", NOT_ASKED)
    good = {REPORT: "approved", CHECK: "passed"}[evidence.what]
    outcome = PASSED if evidence.state == good else REFUSED
    if evidence.state in ("submitted", "due"):
        outcome = WAITS
    return Gate(evidence.what, outcome, evidence.by, evidence.on, reason=evidence.state)


def _contest(session: Session, municipality_id: int, evidence: Evidence | None) -> Gate:
    if evidence is None or evidence.what != REPORT:
        return Gate("contested", NOT_ASKED)
    row = session.execute(
        select(
            AttendanceAnswer.said,
            AttendanceAnswer.said_at,
            AttendanceAnswer.taken_back_at,
            AttendanceAnswer.verdict,
            AttendanceAnswer.judged_on,
            Account.name,
        )
        .outerjoin(
            Account,
            (Account.municipality_id == AttendanceAnswer.municipality_id)
            & (Account.id == AttendanceAnswer.judged_by),
        )
        .where(AttendanceAnswer.municipality_id == municipality_id, AttendanceAnswer.report_id == evidence.id)
        .order_by(AttendanceAnswer.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return Gate("contested", PASSED, reason="silent")
    if row.said != "contested":
        return Gate("contested", PASSED, on=day_of(row.said_at), reason="confirmed")
    if row.taken_back_at:
        return Gate("contested", PASSED, on=day_of(row.taken_back_at), reason="taken_back")
    if row.verdict is None:
        return Gate("contested", WAITS, on=day_of(row.said_at), reason="open")
    outcome = PASSED if row.verdict == "stands" else REFUSED
    return Gate("contested", outcome, row.name, row.judged_on, row.verdict)


def _covers(scope_id: int, component: str, part: int, leg_id: int, provider_id: int) -> ColumnElement[bool]:
    return or_(
        and_(Hold.kind == "provider", Hold.provider_id == provider_id),
        and_(Hold.kind == "leg", Hold.leg_id == leg_id),
        and_(Hold.kind == "line", Hold.scope_id == scope_id, Hold.component == component, Hold.part == part),
    )


def _holds(
    session: Session, municipality_id: int, key: tuple[int, str, int], leg_id: int, provider_id: int
) -> tuple[Gate, ...]:
    holder, releaser = aliased(Account), aliased(Account)
    rows = session.execute(
        select(
            Hold.kind,
            Hold.reason,
            Hold.held_at,
            Hold.released_at,
            holder.name.label("holder"),
            releaser.name.label("releaser"),
        )
        .outerjoin(holder, (holder.municipality_id == Hold.municipality_id) & (holder.id == Hold.held_by))
        .outerjoin(
            releaser, (releaser.municipality_id == Hold.municipality_id) & (releaser.id == Hold.released_by)
        )
        .where(Hold.municipality_id == municipality_id, _covers(*key, leg_id, provider_id))
        .order_by(Hold.held_at, Hold.id)
    ).all()
    now = [row for row in rows if row.released_at is None]
    if now:
        return tuple(
            Gate("held", WAITS, row.holder, day_of(row.held_at), reason=row.reason, what=row.kind)
            for row in now
        )
    if rows:
        last = rows[-1]
        return (
            Gate("held", PASSED, last.releaser, day_of(last.released_at), reason="released", what=last.kind),
        )
    return (Gate("held", PASSED, reason="never"),)


def waited(
    session: Session, municipality_id: int, key: tuple[int, str, int], before_run: int
) -> tuple[Waited, ...]:
    """When runs stopped the line before it was booked (or at all, when no run came after)."""
    scope_id, component, part = key
    rows = (
        select(
            StoppedDue.gate, func.min(PaymentRun.as_of), func.max(PaymentRun.as_of), func.count(PaymentRun.id)
        )
        .join(
            PaymentRun,
            (PaymentRun.municipality_id == StoppedDue.municipality_id) & (PaymentRun.id == StoppedDue.run_id),
        )
        .where(
            StoppedDue.municipality_id == municipality_id,
            StoppedDue.scope_id == scope_id,
            StoppedDue.component == component,
            StoppedDue.part == part,
            StoppedDue.run_id < before_run,
        )
        .group_by(StoppedDue.gate)
        .order_by(func.min(PaymentRun.as_of), StoppedDue.gate)
    )
    return tuple(Waited(*row) for row in session.execute(rows))


def waiting_dues(
    session: Session, municipality_id: int, provider_id: int | None = None, *, page: int, per_page: int
) -> tuple[list[Due], int]:
    """One page (from 1) of what is earned and waits, the oldest period first, and how many there are."""
    found = _waiting(municipality_id, provider_id)
    count = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    rows = found.order_by(
        StoppedDue.period_on, StoppedDue.voucher_id, StoppedDue.component, StoppedDue.part
    ).limit(per_page)
    shown = session.execute(rows.offset((page - 1) * per_page)).all()
    books = {row.rulebook_id for row in shown}
    tariffs = {book: tariff_of(session, municipality_id, book) for book in books}
    return [
        replace(Due(*row), fee=tariffs[row.rulebook_id].fee_of(row.component, row.part)) for row in shown
    ], count


def waiting_sums(
    session: Session, municipality_id: int, provider_id: int | None = None
) -> dict[str, tuple[int, int]]:
    """How many dues wait at each gate, and their sum in öre."""
    found = _waiting(municipality_id, provider_id).subquery()
    rows = select(found.c.gate, func.count(), func.sum(found.c.amount_ore)).group_by(found.c.gate)
    return {gate: (count, int(ore)) for gate, count, ore in session.execute(rows)}


def _waiting(municipality_id: int, provider_id: int | None) -> Select[*tuple[Any, ...]]:
    """What the last run that saw it was stopped by, where the gate stands still and nothing is booked."""
    later = aliased(StoppedDue)
    is_last = ~exists().where(
        later.municipality_id == StoppedDue.municipality_id,
        later.scope_id == StoppedDue.scope_id,
        later.component == StoppedDue.component,
        later.part == StoppedDue.part,
        later.run_id > StoppedDue.run_id,
    )
    booked_ore = (
        select(func.coalesce(func.sum(LedgerLine.amount_ore), 0))
        .where(
            LedgerLine.municipality_id == StoppedDue.municipality_id,
            LedgerLine.scope_id == StoppedDue.scope_id,
            LedgerLine.component == StoppedDue.component,
            LedgerLine.part == StoppedDue.part,
        )
        .scalar_subquery()
    )
    found: Select[*tuple[Any, ...]] = (
        select(
            StoppedDue.scope_id,
            StoppedDue.component,
            StoppedDue.part,
            StoppedDue.voucher_id,
            StoppedDue.leg_id,
            StoppedDue.provider_id,
            Provider.name,
            Voucher.rulebook_id,
            StoppedDue.gate,
            StoppedDue.period_on,
            StoppedDue.amount_ore,
            PaymentRun.as_of,
        )
        .join(
            PaymentRun,
            (PaymentRun.municipality_id == StoppedDue.municipality_id) & (PaymentRun.id == StoppedDue.run_id),
        )
        .join(
            Provider,
            (Provider.municipality_id == StoppedDue.municipality_id)
            & (Provider.id == StoppedDue.provider_id),
        )
        .join(
            Voucher,
            (Voucher.municipality_id == StoppedDue.municipality_id) & (Voucher.id == StoppedDue.voucher_id),
        )
        .where(StoppedDue.municipality_id == municipality_id, is_last, _stands(), booked_ore == 0)
    )
    return found if provider_id is None else found.where(StoppedDue.provider_id == provider_id)


def _stands() -> ColumnElement[bool]:
    """That the gate a due was stopped at would stop it now too."""
    waits = exists().where(
        Report.municipality_id == StoppedDue.municipality_id,
        Report.id == StoppedDue.evidence_id,
        Report.state == "submitted",
    )
    contested = exists().where(
        AttendanceAnswer.municipality_id == StoppedDue.municipality_id,
        AttendanceAnswer.report_id == StoppedDue.evidence_id,
        is_open(),
    )
    held = exists().where(
        Hold.municipality_id == StoppedDue.municipality_id,
        Hold.released_at.is_(None),
        or_(
            and_(Hold.kind == "provider", Hold.provider_id == StoppedDue.provider_id),
            and_(Hold.kind == "leg", Hold.leg_id == StoppedDue.leg_id),
            and_(
                Hold.kind == "line",
                Hold.scope_id == StoppedDue.scope_id,
                Hold.component == StoppedDue.component,
                Hold.part == StoppedDue.part,
            ),
        ),
    )
    return case((StoppedDue.gate == "report", waits), (StoppedDue.gate == "contested", contested), else_=held)
