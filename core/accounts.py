"""People who can sign in are added here, with their roles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit, identity
from core.actor import PROVIDER, STAFF, Account, AccountRole, Actor, Role
from core.database import fetch
from core.refusal import Forbidden, Refusal


@dataclass(frozen=True)
class AccountForm:
    """A person and what they may do. `password_hash` only in demo and tests."""

    name: str
    roles: tuple[Role, ...]
    identity_number: str | None = None
    user_name: str | None = None
    password_hash: str | None = None
    email: str | None = None
    language: str = "sv"


def open_account(session: Session, form: AccountForm, *, by: Actor, today: date) -> Account:
    """Add an account. Refuses one person twice, and roles that must not meet in one person."""
    if by.kind == "person" and not by.has(Role.ADMINISTRATOR, Role.GUIDE):
        raise Forbidden()
    roles = set(form.roles)
    if by.kind == "person" and not by.has(Role.ADMINISTRATOR) and roles != {Role.SEEKER}:
        raise Forbidden()
    if not roles:
        raise Refusal("roles_missing", "Ange minst en roll.", status=422)
    if sum(bool(roles & family) for family in (STAFF, PROVIDER, {Role.SEEKER})) > 1:
        raise Refusal(
            "roles_must_not_meet",
            "En person kan inte både arbeta för kommunen, arbeta hos en anordnare eller vara arbetssökande.",
        )
    fingerprint = None
    if form.identity_number:
        digits = identity.normalised(form.identity_number, today=today)
        fingerprint = identity.vault(session).fingerprint(by.municipality_id, digits)
    for column, value in ((Account.identity_fingerprint, fingerprint), (Account.user_name, form.user_name)):
        taken = select(Account.id).where(Account.municipality_id == by.municipality_id, column == value)
        if value is not None and session.scalar(taken):
            raise Refusal("account_exists", "Personen har redan ett konto.")
    account = Account(
        municipality_id=by.municipality_id,
        name=form.name,
        email=form.email,
        identity_fingerprint=fingerprint,
        user_name=form.user_name,
        password_hash=form.password_hash,
        is_active=True,
        language=form.language,
    )
    session.add(account)
    session.flush()
    for role in sorted(roles):
        session.add(AccountRole(municipality_id=by.municipality_id, account_id=account.id, role=role.value))
    audit.record(session, "account.opened", account, by=by, roles=sorted(role.value for role in roles))
    return account


def name_account(session: Session, name: str, *, by: Actor) -> Account:
    """The person says their own name, where the account was opened without one."""
    account = fetch(session, Account, by.municipality_id, by.account_id)
    if not name.strip():
        raise Refusal("name_missing", "Skriv ditt namn.", status=422)
    account.name = name.strip()
    audit.record(session, "account.named", account, by=by)
    return account
