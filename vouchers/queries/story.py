"""What has happened between a person and one provider, from the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.actor import Account
from core.audit import AuditEntry
from core.database import Base
from vouchers.models import Check, Leg, Outcome, Report


@dataclass(frozen=True)
class Event:
    """One thing that happened; `month` is set when it was about a report."""

    what: str
    at: datetime
    by: str | None
    month: date | None


def story(session: Session, municipality_id: int, leg_id: int) -> list[Event]:
    """Everything about a leg, its reports and its results, the newest first."""
    about = or_(
        _about(Leg, Leg.id, municipality_id, leg_id),
        _about(Report, Report.leg_id, municipality_id, leg_id),
        _about(Outcome, Outcome.leg_id, municipality_id, leg_id),
        _about(Check, Check.leg_id, municipality_id, leg_id),
    )
    rows = (
        select(AuditEntry.what, AuditEntry.at, Account.name, Report.month)
        .outerjoin(
            Account,
            (Account.municipality_id == AuditEntry.municipality_id) & (Account.id == AuditEntry.account_id),
        )
        .outerjoin(
            Report,
            (Report.municipality_id == AuditEntry.municipality_id)
            & (Report.id == AuditEntry.subject_id)
            & (AuditEntry.subject_kind == Report.__tablename__),
        )
        .where(AuditEntry.municipality_id == municipality_id, about)
        .order_by(AuditEntry.sequence.desc())
    )
    return [Event(*row) for row in session.execute(rows)]


def _about(
    table: type[Base], column: InstrumentedAttribute[int], municipality_id: int, leg_id: int
) -> ColumnElement[bool]:
    of_leg = select(table.id).where(table.municipality_id == municipality_id, column == leg_id)  # type: ignore[attr-defined]  # every one of them has both
    return and_(AuditEntry.subject_kind == table.__tablename__, AuditEntry.subject_id.in_(of_leg))
