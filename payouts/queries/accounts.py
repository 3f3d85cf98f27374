"""Which bankgiro or plusgiro has been changed since a provider was last paid, and who let it be."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import Rows
from payouts.models import Batch, Statement
from providers.queries import bank

Account = tuple[str, str]


@dataclass(frozen=True)
class AccountChange:
    """A provider is paid elsewhere than last time. Days and names are those of the new number."""

    provider_id: int
    name: str
    before_kind: str
    before_number: str
    kind: str
    number: str
    approved_on: date | None
    approved_by: str
    called_on: date | None
    called_by: str


def last_accounts(
    session: Session,
    municipality_id: int,
    *,
    before_batch: int | None = None,
    provider_ids: Collection[int] | None = None,
) -> dict[int, Account]:
    """(kind, number) that each provider was last paid to, before that batch if one is given."""
    rows = (
        select(Statement.provider_id, Statement.account_kind, Statement.account_number)
        .join(Batch, (Batch.municipality_id == Statement.municipality_id) & (Batch.id == Statement.batch_id))
        .where(Statement.municipality_id == municipality_id, Statement.paid_ore > 0, Batch.state != "void")
        .order_by(Statement.id)
    )
    if before_batch is not None:
        rows = rows.where(Batch.id < before_batch)
    if provider_ids is not None:
        rows = rows.where(Statement.provider_id.in_(provider_ids))
    return {row.provider_id: (row.account_kind, row.account_number) for row in session.execute(rows)}


def account_changes(
    session: Session,
    municipality_id: int,
    before: dict[int, Account],
    now: dict[int, tuple[str, Account]],
    on: date,
) -> list[AccountChange]:
    """Providers in `now` (name and account by provider) that were last paid elsewhere, by name.

    `on` is the day of the payment: what has been approved since does not count.
    """
    changed = {
        provider_id: (name, before[provider_id], account)
        for provider_id, (name, account) in now.items()
        if provider_id in before and before[provider_id] != account
    }
    if not changed:
        return []
    rows = bank.history(session, municipality_id, *changed)
    found = []
    for provider_id, (name, old, new) in changed.items():
        same = [
            one
            for one in rows
            if (one.kind, one.number) == new and one.approved is not None and one.approved.on <= on
        ]
        details = bank.newest_approved(same, provider_id)
        approved, called = (details.approved, details.called) if details else (None, None)
        found.append(
            AccountChange(
                provider_id,
                name,
                *old,
                *new,
                approved.on if approved else None,
                approved.name if approved else "",
                called.on if called else None,
                called.name if called else "",
            )
        )
    return sorted(found, key=lambda one: one.name)


def changes_in(
    session: Session, municipality_id: int, batch_id: int, statements: Rows, made_on: date
) -> list[AccountChange]:
    """The changes that these statements of a batch are the first to be paid to."""
    now = {
        row.provider_id: (row.name, (row.account_kind, row.account_number))
        for row in statements
        if row.paid_ore
    }
    before = last_accounts(session, municipality_id, before_batch=batch_id, provider_ids=list(now))
    return account_changes(session, municipality_id, before, now, made_on)
