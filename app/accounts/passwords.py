"""Passwords, in demo and tests only: the same answer whatever was wrong, and a lock after five failures."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts import actions
from app.accounts.models import SignInFailure
from core import identity
from core.actor import Account
from core.database import Database
from core.dates import HOME
from core.refusal import Refusal

FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(days=1)
# Cheap on purpose: it guards invented people, and a test signs in hundreds of times.
HASHER = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)


def checked(database: Database, municipality_id: int, user_name: str, password: str, *, at: datetime) -> int:
    """The id of the account with that name and password.

    Raises Refusal `sign_in_wrong`, in the same words whatever was wrong, or `sign_in_locked` with the time.
    The password is tried outside the transaction, for it takes long; the count is taken within it, so that
    guesses made at once are counted one by one and none slips past the lock.
    """
    name = user_name.strip().lower()
    with database.reading() as look:
        _refuse_locked(_failures(look, municipality_id, name), at)
        account = look.scalar(
            select(Account).where(
                Account.municipality_id == municipality_id,
                Account.user_name == name,
                Account.is_active.is_(True),
            )
        )
    fits = _fits(account.password_hash if account else None, password)
    with database.transaction(municipality_id) as session:
        found = _failures(session, municipality_id, name)
        if not _is_locked(found, at):
            if fits and account:
                _forget(session, found)
                return account.id
            found = _count(session, found, municipality_id, name, at)
            by = actions.stranger(municipality_id)
            actions.refuse(session, account.id if account else 0, "password", "wrong", by=by)
    _refuse_locked(found, at)
    raise Refusal("sign_in_wrong", "Namnet eller lösenordet stämmer inte. Försök igen.", status=422)


def _fits(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one hashed. Takes as long when there is none to compare with."""
    try:
        HASHER.verify(password_hash or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


@cache
def _nobodys() -> str:
    return HASHER.hash("nobody has this password, and an account without one never fits")


def _key(session: Session, municipality_id: int, name: str) -> str:
    return identity.vault(session).fingerprint(municipality_id, f"user_name:{name}")


def _failures(session: Session, municipality_id: int, name: str) -> SignInFailure | None:
    return session.get(SignInFailure, (municipality_id, _key(session, municipality_id, name)))


def _is_locked(found: SignInFailure | None, at: datetime) -> bool:
    return found is not None and found.locked_until is not None and found.locked_until > at


def _refuse_locked(found: SignInFailure | None, at: datetime) -> None:
    if found is not None and found.locked_until is not None and found.locked_until > at:
        # One minute more, for the clock on the wall shows no seconds.
        until = (found.locked_until + timedelta(minutes=1)).astimezone(HOME)
        raise Refusal(
            "sign_in_locked",
            "Inloggningen är låst efter för många försök. Försök igen klockan {time}.",
            status=422,
            time=until.strftime("%H.%M"),
        )


def _count(
    session: Session, found: SignInFailure | None, municipality_id: int, name: str, at: datetime
) -> SignInFailure:
    """One failure more; the fifth in a row locks. A lock that has run out starts the count anew."""
    if found is None:
        session.execute(
            delete(SignInFailure).where(
                SignInFailure.municipality_id == municipality_id, SignInFailure.last_at < at - FORGOTTEN_AFTER
            )
        )
        found = SignInFailure(
            municipality_id=municipality_id,
            name_hash=_key(session, municipality_id, name),
            failures=0,
            last_at=at,
        )
        session.add(found)
    if found.locked_until is not None:
        found.failures, found.locked_until = 0, None
    found.failures += 1
    found.last_at = at
    if found.failures >= FAILURES:
        found.locked_until = at + LOCKED_FOR
    return found


def _forget(session: Session, found: SignInFailure | None) -> None:
    if found is not None:
        session.delete(found)
