"""What has happened between a person and one provider, from the audit trail."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from core.audit import AuditEntry
from vouchers.models import Leg
from vouchers.queries.subjects import OF_PROVIDERS, ids_of


def story(session: Session, municipality_id: int, leg_id: int) -> Sequence[AuditEntry]:
    """Everything about one leg, what was told there and its results, the newest first; nothing of other
    providers."""
    about = [and_(AuditEntry.subject_kind == Leg.__tablename__, AuditEntry.subject_id == leg_id)]
    for table in OF_PROVIDERS:
        ids = ids_of(table, municipality_id, [leg_id])
        about.append(and_(AuditEntry.subject_kind == table.__tablename__, AuditEntry.subject_id.in_(ids)))
    rows = select(AuditEntry).where(AuditEntry.municipality_id == municipality_id, or_(*about))
    return session.scalars(rows.order_by(AuditEntry.sequence.desc())).all()
