"""Where providers are paid: every proposal with who did what, and whom one may call back."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.actor import Account
from core.database import Rows
from providers.models import BankDetails, Contact, Provider, ProviderMember
from providers.rules import bank


@dataclass(frozen=True)
class Step:
    """Somebody did something, on a day; `name` is empty when nobody with an account did."""

    account_id: int
    name: str
    on: date


@dataclass(frozen=True)
class Details:
    """One number that somebody has proposed. `state` is one of `providers.rules.bank.STATES`."""

    id: int
    provider_id: int
    provider: str
    kind: str
    number: str
    state: str
    proposed: Step
    by_provider: bool
    called: Step | None
    called_number: str | None
    approved: Step | None
    refused: Step | None
    withdrawn: Step | None

    @property
    def is_waiting(self) -> bool:
        """Nobody has answered yet."""
        return self.state in bank.WAITING


@dataclass(frozen=True)
class Known:
    """A person to call at a provider, since when, and who said so."""

    id: int
    name: str
    title: str
    phone: str
    added: Step
    by_provider: bool


def history(session: Session, municipality_id: int, *provider_ids: int) -> list[Details]:
    """Everything proposed for those providers, the newest first, in three queries."""
    return _read(session, municipality_id, provider_ids)


def every(session: Session, municipality_id: int) -> list[Details]:
    """Everything proposed for any provider, the newest first, in three queries."""
    return _read(session, municipality_id, None)


def newest_approved(rows: Iterable[Details], provider_id: int | None = None) -> Details | None:
    """The details approved last, of one provider when the rows are of many."""
    found = [one for one in rows if one.approved and provider_id in (None, one.provider_id)]
    return max(found, key=lambda one: (_approved_on(one), one.id), default=None)


def waiting_count(session: Session, municipality_id: int) -> int:
    """How many new numbers wait for an answer."""
    rows = (
        select(func.count())
        .select_from(BankDetails)
        .where(
            BankDetails.municipality_id == municipality_id,
            BankDetails.approved_on.is_(None),
            BankDetails.refused_on.is_(None),
            BankDetails.withdrawn_on.is_(None),
        )
    )
    return session.scalars(rows).one()


def in_use(rows: Iterable[Details], cooling_off_days: int, today: date) -> Details | None:
    """The details that one provider's money would go to today, or None."""
    cooled = [
        one for one in rows if one.approved and bank.first_use_on(one.approved.on, cooling_off_days) <= today
    ]
    return newest_approved(cooled)


def _approved_on(one: Details) -> date:
    return one.approved.on if one.approved else date.min


def contacts(session: Session, municipality_id: int, provider_ids: Collection[int]) -> dict[int, list[Known]]:
    """Those to call at each provider, the oldest first, in three queries."""
    rows = session.execute(
        select(
            Contact.id,
            Contact.provider_id,
            Contact.name,
            Contact.title,
            Contact.phone,
            Contact.added_on,
            Contact.added_by,
        )
        .where(
            Contact.municipality_id == municipality_id,
            Contact.provider_id.in_(provider_ids),
            Contact.removed_on.is_(None),
        )
        .order_by(Contact.added_on, Contact.id)
    ).all()
    names, staff = _people(session, municipality_id, {row.added_by for row in rows})
    found: dict[int, list[Known]] = {}
    for row in rows:
        added = Step(row.added_by, names.get(row.added_by, ""), row.added_on)
        known = Known(row.id, row.name, row.title, row.phone, added, row.added_by in staff)
        found.setdefault(row.provider_id, []).append(known)
    return found


def _read(session: Session, municipality_id: int, provider_ids: Collection[int] | None) -> list[Details]:
    rows = (
        select(BankDetails, Provider.name.label("provider"))
        .join(
            Provider,
            (Provider.municipality_id == BankDetails.municipality_id)
            & (Provider.id == BankDetails.provider_id),
        )
        .where(BankDetails.municipality_id == municipality_id)
        .order_by(BankDetails.proposed_on.desc(), BankDetails.id.desc())
    )
    if provider_ids is not None:
        rows = rows.where(BankDetails.provider_id.in_(provider_ids))
    found = session.execute(rows).all()
    return _told(session, municipality_id, found)


def _told(session: Session, municipality_id: int, rows: Rows) -> list[Details]:
    people = {
        who
        for row, _ in rows
        for who in (row.proposed_by, row.called_by, row.approved_by, row.refused_by, row.withdrawn_by)
        if who is not None
    }
    names, staff = _people(session, municipality_id, people)

    def step(who: int | None, on: date | None) -> Step | None:
        return Step(who, names.get(who, ""), on) if who is not None and on is not None else None

    return [
        Details(
            id=row.id,
            provider_id=row.provider_id,
            provider=provider,
            kind=row.kind,
            number=row.number,
            state=bank.state(
                called=row.called_on is not None,
                approved=row.approved_on is not None,
                refused=row.refused_on is not None,
                withdrawn=row.withdrawn_on is not None,
            ),
            proposed=Step(row.proposed_by, names.get(row.proposed_by, ""), row.proposed_on),
            by_provider=row.proposed_by in staff,
            called=step(row.called_by, row.called_on),
            called_number=row.called_number,
            approved=step(row.approved_by, row.approved_on),
            refused=step(row.refused_by, row.refused_on),
            withdrawn=step(row.withdrawn_by, row.withdrawn_on),
        )
        for row, provider in rows
    ]


def _people(session: Session, municipality_id: int, ids: set[int]) -> tuple[dict[int, str], set[int]]:
    """(names by account, those who work for a provider)."""
    names = select(Account.id, Account.name).where(
        Account.municipality_id == municipality_id, Account.id.in_(ids)
    )
    staff = select(ProviderMember.account_id).where(
        ProviderMember.municipality_id == municipality_id, ProviderMember.account_id.in_(ids)
    )
    return {row.id: row.name for row in session.execute(names)}, set(session.scalars(staff))
