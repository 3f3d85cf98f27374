"""How much of full time a provider's people work, as the provider says."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch
from core.refusal import Missing, Refusal
from providers.models import Provider, ProviderMember


def set_percent(session: Session, account_id: int, percent: int, *, by: Actor) -> ProviderMember:
    """A manager says how many percent of full time somebody works. Missing for those who work elsewhere."""
    by.require(Role.MANAGER)
    member = session.scalar(
        select(ProviderMember).where(
            ProviderMember.municipality_id == by.municipality_id,
            ProviderMember.account_id == account_id,
            ProviderMember.provider_id == by.provider_id,
        )
    )
    if member is None:
        raise Missing()
    if not 1 <= percent <= 100:
        raise Refusal("percent_wrong", "Skriv ett tal från 1 till 100.", status=422)
    before, member.percent = member.percent, percent
    provider = fetch(session, Provider, by.municipality_id, member.provider_id)
    audit.record(
        session,
        "provider.member_percent_set",
        provider,
        by=by,
        account=account_id,
        percent=percent,
        before=before,
    )
    return member
