"""What happens at the door: somebody is let in, goes out, or is refused. Each leaves a trace."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from app.accounts.models import SignIn
from core import audit
from core.accounts import AccountForm, open_account
from core.actor import Account, Actor, Role
from core.database import fetch
from core.refusal import Refusal

STRANGER = "stranger"


def sign_in(
    session: Session, account_id: int, token_hash: str, how: str, *, by: Actor, at: datetime
) -> SignIn:
    """Begin a session; `how` is `e_id` or `password`. Refuses an account that is closed."""
    account = fetch(session, Account, by.municipality_id, account_id)
    if not account.is_active:
        raise Refusal(
            "account_closed",
            "Kontot är avstängt. Prata med den som är administratör hos er, eller med en karriärvägledare.",
            status=403,
        )
    begun = SignIn(
        municipality_id=by.municipality_id,
        account_id=account.id,
        token_hash=token_hash,
        how=how,
        began_at=at,
        seen_at=at,
    )
    session.add(begun)
    audit.record(session, "account.signed_in", account, by=by, how=how)
    return begun


def sign_out(session: Session, sign_in_id: int, *, by: Actor, at: datetime) -> None:
    """End a session, wherever its cookie has been copied to. One that has ended stays as it is."""
    begun = fetch(session, SignIn, by.municipality_id, sign_in_id)
    if begun.ended_at is not None:
        return
    begun.ended_at = at
    audit.record(session, "account.signed_out", audit.Subject("account", begun.account_id), by=by)


def refuse(session: Session, account_id: int, how: str, reason: str, *, by: Actor) -> None:
    """Remember that somebody was not let in; `account_id` 0 when nobody knows who."""
    audit.record(
        session,
        "account.sign_in_refused",
        audit.Subject("account", account_id),
        by=by,
        how=how,
        reason=reason,
    )


def welcome_applicant(
    session: Session, identity_number: str, language: str, *, by: Actor, today: date
) -> Account:
    """Open an account for somebody with e-ID who wants to apply for an organisation. Names come later.

    The role lets them apply, and do nothing for any provider until they have entered one of their own.
    """
    form = AccountForm(name="", roles=(Role.MANAGER,), identity_number=identity_number, language=language)
    account = open_account(session, form, by=by, today=today)
    audit.record(session, "account.applicant_welcomed", account, by=by)
    return account


def stranger(municipality_id: int) -> Actor:
    """Somebody at the door who has not shown who they are."""
    return Actor(kind=STRANGER, municipality_id=municipality_id)
