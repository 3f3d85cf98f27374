"""The career guides, for whoever hands a case over."""

from __future__ import annotations

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from core.actor import Account, AccountRole, Role
from core.database import Rows


def guides(session: Session, municipality_id: int) -> Rows:
    """(id, name) of every guide who can sign in, by name."""
    rows = (
        select(Account.id, Account.name)
        .join(
            AccountRole,
            and_(
                AccountRole.municipality_id == Account.municipality_id, AccountRole.account_id == Account.id
            ),
        )
        .where(
            Account.municipality_id == municipality_id,
            AccountRole.role == Role.GUIDE.value,
            Account.is_active.is_(True),
        )
        .order_by(Account.name, Account.id)
    )
    return session.execute(rows).all()
