"""A person and the guide write to each other. Nobody else does, and nobody else reads it."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch
from core.dates import HOME, day_of
from core.refusal import Forbidden, Missing, Refusal
from vouchers.models import Message, Participant
from vouchers.rules import writing
from vouchers.rules.secrecy import may_know

TWICE = timedelta(minutes=1)
"""The same words again within this time is one press too many, not another message."""


def write_message(
    session: Session, participant_id: int, text: str, *, by: Actor, at: datetime, seen: int | None = None
) -> Message:
    """Send a message, from the person or from a guide; a guide's answers all that waits.

    `seen` is the person's newest message that the guide had read when writing; one more is a Refusal.
    """
    person, is_person = _entered(session, participant_id, by)
    mine = (Message.municipality_id == by.municipality_id, Message.participant_id == person.id)
    plain = writing.may_send(
        text, sent_today=_sent_today(session, mine, at) if is_person else 0, is_person=is_person
    )
    newest = session.scalars(select(Message).where(*mine).order_by(Message.sent_at.desc()).limit(1)).first()
    if newest and (newest.author_id, newest.text) == (by.account_id, plain) and at - newest.sent_at < TWICE:
        return newest
    if not is_person:
        if person.account_id is None:
            raise Refusal(
                "no_account", "Personen har ingen inloggning och kan inte läsa här. Ring i stället."
            )
        _answer(session, mine, at, seen)
    message = Message(
        municipality_id=by.municipality_id,
        participant_id=person.id,
        from_person=is_person,
        author_id=by.account_id,
        text=plain,
        sent_at=at,
    )
    session.add(message)
    audit.record(session, "message.sent", message, by=by, direction="in" if is_person else "out")
    return message


def read_messages(session: Session, participant_id: int, *, by: Actor, at: datetime) -> int:
    """Mark what the other side has written as read. Gives how many that were new."""
    person, is_person = _entered(session, participant_id, by)
    new = (
        update(Message)
        .where(
            Message.municipality_id == by.municipality_id,
            Message.participant_id == person.id,
            Message.from_person.is_(not is_person),
            Message.read_at.is_(None),
        )
        .values(read_at=at)
        .returning(Message.id)
    )
    count = len(session.scalars(new).all())
    if not count:
        return 0
    audit.record(session, "message.read", person, by=by, count=count)
    return count


def settle_messages(
    session: Session, participant_id: int, *, by: Actor, at: datetime, seen: int | None = None
) -> int:
    """A guide says that what the person wrote needs no answer. Gives how many messages that were waiting."""
    person, is_person = _entered(session, participant_id, by)
    if is_person:
        raise Forbidden()
    mine = (Message.municipality_id == by.municipality_id, Message.participant_id == person.id)
    count = _answer(session, mine, at, seen)
    if not count:
        return 0
    audit.record(session, "message.settled", person, by=by, count=count)
    return count


def _entered(session: Session, participant_id: int, by: Actor) -> tuple[Participant, bool]:
    """The person, and whether it is the person who is here. Raises Missing or Forbidden to all others."""
    if by.participant_id == participant_id:
        return fetch(session, Participant, by.municipality_id, participant_id), True
    by.require(Role.GUIDE)
    person = fetch(session, Participant, by.municipality_id, participant_id)
    if not may_know(by.account_id, person.guide_id, person.protection):
        raise Missing()
    return person, False


def _sent_today(session: Session, mine: tuple[ColumnElement[bool], ...], at: datetime) -> int:
    morning = datetime.combine(day_of(at), time(), HOME)
    count = select(func.count()).where(*mine, Message.from_person, Message.sent_at >= morning)
    return session.scalars(count).one()


def _answer(session: Session, mine: tuple[ColumnElement[bool], ...], at: datetime, seen: int | None) -> int:
    waiting = session.scalars(
        select(Message)
        .where(*mine, Message.from_person, Message.answered_at.is_(None))
        .order_by(Message.sent_at)
    ).all()
    if seen is not None and waiting and waiting[-1].id != seen:
        raise Refusal("more_was_written", "Personen har skrivit mer sedan du öppnade sidan. Läs det först.")
    for message in waiting:
        message.answered_at = at
    return len(waiting)
