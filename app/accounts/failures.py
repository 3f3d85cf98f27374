"""Failures in a row for what was tried, a user name or a visitor's address. Too many lock for a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.accounts.models import SignInFailure
from core import identity
from core.dates import HOME
from core.refusal import Refusal

LOCKED_FOR = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Count:
    """Failures of one kind: what is counted, how many in a row lock, and what is said meanwhile, with
    the clock on the wall when one may try again."""

    kind: str
    most: int
    locked: Callable[[str], Refusal]

    def of(self, session: Session, municipality_id: int, name: str) -> SignInFailure | None:
        """What has been counted for that name; it is kept as a keyed hash only."""
        return session.get(SignInFailure, (municipality_id, self._key(session, municipality_id, name)))

    def refuse_locked(self, found: SignInFailure | None, at: datetime) -> None:
        """Raise the refusal while it is locked."""
        if found is not None and found.locked_until is not None and found.locked_until > at:
            # One minute more, for the clock on the wall shows no seconds.
            until = (found.locked_until + timedelta(minutes=1)).astimezone(HOME)
            raise self.locked(until.strftime("%H.%M"))

    def add(
        self, session: Session, found: SignInFailure | None, municipality_id: int, name: str, at: datetime
    ) -> SignInFailure:
        """One failure more; the last one in a row locks. A lock that has run out starts the count anew."""
        if found is None:
            session.execute(
                delete(SignInFailure).where(
                    SignInFailure.municipality_id == municipality_id,
                    SignInFailure.last_at < at - FORGOTTEN_AFTER,
                )
            )
            found = SignInFailure(
                municipality_id=municipality_id,
                name_hash=self._key(session, municipality_id, name),
                failures=0,
                last_at=at,
            )
            session.add(found)
        if found.locked_until is not None:
            found.failures, found.locked_until = 0, None
        found.failures += 1
        found.last_at = at
        if found.failures >= self.most:
            found.locked_until = at + LOCKED_FOR
        return found

    def _key(self, session: Session, municipality_id: int, name: str) -> str:
        return identity.vault(session).fingerprint(municipality_id, f"{self.kind}:{name}")


def is_locked(found: SignInFailure | None, at: datetime) -> bool:
    """Whether there is a lock that has not run out."""
    return found is not None and found.locked_until is not None and found.locked_until > at


def forget(session: Session, found: SignInFailure | None) -> None:
    """It went well: the count begins anew."""
    if found is not None:
        session.delete(found)
