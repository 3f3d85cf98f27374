"""Who works for a provider."""

from __future__ import annotations

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from core.actor import Account
from core.database import Rows
from providers.models import ProviderMember


def members(session: Session, municipality_id: int, provider_id: int) -> Rows:
    """(id, name) of those who can sign in for the provider, by name."""
    rows = (
        select(Account.id, Account.name)
        .join(
            ProviderMember,
            and_(
                ProviderMember.municipality_id == Account.municipality_id,
                ProviderMember.account_id == Account.id,
            ),
        )
        .where(
            Account.municipality_id == municipality_id,
            ProviderMember.provider_id == provider_id,
            Account.is_active.is_(True),
        )
        .order_by(Account.name, Account.id)
    )
    return session.execute(rows).all()
