"""The audit trail: who did what, when, in a chain that shows if anybody has changed it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeAlias

from sqlalchemy import Index, Integer, ScalarResult, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.actor import Actor
from core.database import Base, take_turn
from core.dates import now

START = "0" * 64
KEY = "audit_key"
CLOCK = "audit_clock"
"""Where a session carries another clock than the machine's; only the demo's past does."""
_PER_FETCH = 1_000

Detail: TypeAlias = str | int | bool | date | list[int] | list[str] | None


class AuditEntry(Base):
    """One link of a municipality's chain. The database refuses to change or delete it.

    `details` is JSON with keys, codes, counts and digests: never a name, a personal number or free text, so
    that erasing a person never needs a rewrite.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (Index(None, "municipality_id", "subject_kind", "subject_id"),)

    municipality_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor_kind: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[int]
    what: Mapped[str] = mapped_column(String(80))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int]
    details: Mapped[str] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(String(64))
    seal: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True)
class Subject:
    """What an entry is about, when it is not a single row with an id."""

    kind: str
    id: int


def record(session: Session, what: str, subject: object, *, by: Actor, **details: Detail) -> None:
    """Add the link for what has just been done. The last line of every action.

    `subject` is a row with an id, or a `Subject`. Raises ValueError when a detail is of a kind that could
    carry personal data (anything but whole numbers, dates, codes and lists of them).
    """
    municipality_id = by.municipality_id
    session.flush()
    take_turn(session, municipality_id)
    head = session.execute(
        select(AuditEntry.sequence, AuditEntry.seal)
        .where(AuditEntry.municipality_id == municipality_id)
        .order_by(AuditEntry.sequence.desc())
        .limit(1)
    ).one_or_none()
    sequence, previous = (head.sequence + 1, head.seal) if head else (1, START)
    entry = AuditEntry(
        municipality_id=municipality_id,
        sequence=sequence,
        at=session.info.get(CLOCK, now)(),
        actor_kind=by.kind,
        account_id=by.account_id,
        what=what,
        subject_kind=_kind(subject),
        subject_id=int(subject.id),  # type: ignore[attr-defined]  # every subject has an id, by contract
        details=_text(details),
        previous=previous,
        seal="",
    )
    entry.seal = _seal(entry, _key(session))
    session.add(entry)
    session.flush()


def digest(rows: Iterable[object]) -> str:
    """A fingerprint of many rows, for the one entry that stands for a bulk action."""
    total = hashlib.sha256()
    for row in rows:
        total.update(repr(row).encode())
    return total.hexdigest()


@dataclass(frozen=True)
class Verdict:
    """What a walk along the chain found. `fault_at` is the first bad link's number, or None."""

    links: int
    head: str
    fault_at: int | None
    fault: str | None


def verify(session: Session, municipality_id: int, anchors: dict[int, str] | None = None) -> Verdict:
    """Walk the whole chain. `anchors` are seals (sequence → seal) kept outside the database earlier."""
    key, previous, expected = _key(session), START, 1
    awaited = dict(anchors or {})
    with closing(_chain(session, municipality_id)) as chain:
        for entry in chain:
            fault = None
            if entry.sequence != expected:
                fault = "a link is missing before this one"
            elif entry.previous != previous:
                fault = "this link does not follow the one before it"
            elif not hmac.compare_digest(entry.seal, _seal(entry, key)):
                fault = "this link's content is not what was sealed"
            elif entry.sequence in awaited and awaited.pop(entry.sequence) != entry.seal:
                fault = "this link differs from the anchor kept outside the database"
            if fault:
                return Verdict(expected - 1, previous, entry.sequence, fault)
            previous, expected = entry.seal, expected + 1
    if awaited:
        return Verdict(expected - 1, previous, min(awaited), "the chain ends before a link that was anchored")
    return Verdict(expected - 1, previous, None, None)


def _chain(session: Session, municipality_id: int) -> ScalarResult[AuditEntry]:
    query = (
        select(AuditEntry)
        .where(AuditEntry.municipality_id == municipality_id)
        .order_by(AuditEntry.sequence)
        .execution_options(yield_per=_PER_FETCH)
    )
    return session.scalars(query)


def _kind(subject: object) -> str:
    return subject.kind if isinstance(subject, Subject) else str(subject.__tablename__)  # type: ignore[attr-defined]  # a row


def _key(session: Session) -> bytes:
    key = session.info.get(KEY)
    if not isinstance(key, bytes):
        raise TypeError("the session carries no audit key; open it through core.database.Database")
    return key


def _text(details: dict[str, Detail]) -> str:
    return json.dumps({name: _plain(name, value) for name, value in details.items()}, sort_keys=True)


def _plain(name: str, value: Detail) -> str | int | bool | list[int] | list[str] | None:
    if isinstance(value, date):
        return value.isoformat()
    for item in value if isinstance(value, list) else [value]:
        if item is not None and not isinstance(item, str | int):
            raise ValueError(f"audit detail {name} is no key, code, number or date")
        if isinstance(item, str) and (len(item) > 128 or any(mark.isspace() for mark in item)):
            raise ValueError(f"audit detail {name} looks like free text; keep keys, codes and digests only")
    return value


def _seal(entry: AuditEntry, key: bytes) -> str:
    fields = (
        entry.municipality_id,
        entry.sequence,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor_kind,
        entry.account_id,
        entry.what,
        entry.subject_kind,
        entry.subject_id,
        entry.details,
        entry.previous,
    )
    return hmac.new(key, json.dumps(fields).encode(), hashlib.sha256).hexdigest()
