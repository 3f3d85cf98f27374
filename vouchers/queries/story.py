"""What has happened between a person and one provider, from the audit trail."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.audit import AuditEntry
from core.database import Base
from vouchers.models import Check, Leg, Outcome, Report


def story(session: Session, municipality_id: int, leg_id: int) -> Sequence[AuditEntry]:
    """Everything about one leg, its reports and its results, the newest first; nothing of other providers."""
    about = or_(
        _about(Leg, Leg.id, municipality_id, leg_id),
        _about(Report, Report.leg_id, municipality_id, leg_id),
        _about(Outcome, Outcome.leg_id, municipality_id, leg_id),
        _about(Check, Check.leg_id, municipality_id, leg_id),
    )
    rows = select(AuditEntry).where(AuditEntry.municipality_id == municipality_id, about)
    return session.scalars(rows.order_by(AuditEntry.sequence.desc())).all()


def _about(
    table: type[Base], column: InstrumentedAttribute[int], municipality_id: int, leg_id: int
) -> ColumnElement[bool]:
    of_leg = select(table.id).where(table.municipality_id == municipality_id, column == leg_id)  # type: ignore[attr-defined]  # every one of them has both
    return and_(AuditEntry.subject_kind == table.__tablename__, AuditEntry.subject_id.in_(of_leg))
