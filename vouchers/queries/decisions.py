"""What has been decided about a voucher after the first decision, with who did."""

from __future__ import annotations

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from core.actor import Account
from core.database import Rows
from vouchers.models import Extension, VoucherDecision


def extensions(session: Session, municipality_id: int, voucher_id: int) -> Rows:
    """(months, new_content, reasons, assessment_id, decided_on, by) of every extension, the oldest first."""
    rows = (
        select(
            Extension.months,
            Extension.new_content,
            Extension.reasons,
            Extension.assessment_id,
            Extension.decided_on,
            Account.name.label("by"),
        )
        .join(
            Account,
            and_(Account.municipality_id == Extension.municipality_id, Account.id == Extension.decided_by),
        )
        .where(Extension.municipality_id == municipality_id, Extension.voucher_id == voucher_id)
        .order_by(Extension.id)
    )
    return session.execute(rows).all()


def endings(session: Session, municipality_id: int, voucher_id: int) -> Rows:
    """(kind, reasons, decided_on, by): that it was revoked, lapsed or closed, the oldest first."""
    rows = (
        select(
            VoucherDecision.kind,
            VoucherDecision.reasons,
            VoucherDecision.decided_on,
            Account.name.label("by"),
        )
        .join(
            Account,
            and_(
                Account.municipality_id == VoucherDecision.municipality_id,
                Account.id == VoucherDecision.decided_by,
            ),
        )
        .where(VoucherDecision.municipality_id == municipality_id, VoucherDecision.voucher_id == voucher_id)
        .order_by(VoucherDecision.id)
    )
    return session.execute(rows).all()
