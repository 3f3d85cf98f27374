"""Passwords, in demo and tests only: the same answer whatever was wrong, and a lock after five failures."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select

from app.accounts import actions
from app.accounts.failures import Count, forget, is_locked
from core.actor import Account
from core.database import Database
from core.refusal import Refusal

FAILURES = 5
NAMES = Count(
    "user_name",
    FAILURES,
    lambda time: Refusal(
        "sign_in_locked",
        "Inloggningen är låst efter för många försök. Försök igen klockan {time}.",
        status=422,
        time=time,
    ),
)
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
        NAMES.refuse_locked(NAMES.of(look, municipality_id, name), at)
        account = look.scalar(
            select(Account).where(
                Account.municipality_id == municipality_id,
                Account.user_name == name,
                Account.is_active.is_(True),
            )
        )
    fits = _fits(account.password_hash if account else None, password)
    with database.transaction(municipality_id) as session:
        found = NAMES.of(session, municipality_id, name)
        if not is_locked(found, at):
            if fits and account:
                forget(session, found)
                return account.id
            found = NAMES.add(session, found, municipality_id, name, at)
            by = actions.stranger(municipality_id)
            actions.refuse(session, account.id if account else 0, "password", "wrong", by=by)
    NAMES.refuse_locked(found, at)
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
