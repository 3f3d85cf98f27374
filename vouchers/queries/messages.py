"""Messages between people and their guides: one thread, what waits for an answer, what is new."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from core.actor import Account
from core.dates import day_of
from core.identity import Protection
from vouchers.models import Message, Participant, Voucher
from vouchers.queries.terms import terms_of
from vouchers.rules.writing import MessageTerms, answer_by

_Author = aliased(Account)
_Guide = aliased(Account)
MOST = 200
"""So many of the newest messages are shown."""


@dataclass(frozen=True)
class Sent:
    """A message as it was sent. `author` is the name of the account that wrote it."""

    id: int
    from_person: bool
    author: str
    text: str
    sent_at: datetime
    read_at: datetime | None
    answered_at: datetime | None


def thread(session: Session, municipality_id: int, participant_id: int) -> list[Sent]:
    """The newest messages, the newest last."""
    rows = (
        select(
            Message.id,
            Message.from_person,
            _Author.name,
            Message.text,
            Message.sent_at,
            Message.read_at,
            Message.answered_at,
        )
        .join(
            _Author,
            and_(_Author.municipality_id == Message.municipality_id, _Author.id == Message.author_id),
        )
        .where(Message.municipality_id == municipality_id, Message.participant_id == participant_id)
        .order_by(Message.sent_at.desc(), Message.id.desc())
        .limit(MOST)
    )
    return [Sent(*row) for row in reversed(session.execute(rows).all())]


def answered_by(session: Session, municipality_id: int, participant_id: int) -> date | None:
    """The last day for a guide to answer what waits, or None when nothing does."""
    rows = select(func.min(Message.sent_at), _newest_rulebook()).select_from(Participant)
    rows = rows.join(
        Message,
        and_(
            Message.municipality_id == Participant.municipality_id, Message.participant_id == Participant.id
        ),
    ).where(
        Participant.municipality_id == municipality_id,
        Participant.id == participant_id,
        Message.from_person,
        Message.answered_at.is_(None),
    )
    found = session.execute(rows.group_by(Participant.municipality_id, Participant.id)).one_or_none()
    if found is None:
        return None
    since, rulebook_id = found
    return answer_by(day_of(since), _terms(session, municipality_id, rulebook_id))


def unread(session: Session, municipality_id: int, participant_id: int) -> int:
    """How many messages from the guide the person has not opened."""
    count = select(func.count()).where(
        Message.municipality_id == municipality_id,
        Message.participant_id == participant_id,
        Message.from_person.is_(False),
        Message.read_at.is_(None),
    )
    return session.scalars(count).one()


@dataclass(frozen=True)
class Thread:
    """A person's messages as a line in the inbox. `since` is None when nothing waits for an answer."""

    participant_id: int
    name: str
    is_protected: bool
    guide_id: int
    guide: str
    waiting: int
    since: date | None
    answer_by: date | None
    last_on: date


def inbox(session: Session, municipality_id: int, *, viewer_id: int, guide_id: int | None) -> list[Thread]:
    """Threads of a guide's people (None: of everybody's), what has waited longest first, then the newest.

    A protected person's is there for the own guide only. One query, and one a rulebook.
    """
    open_ = and_(Message.from_person, Message.answered_at.is_(None))
    rows = (
        select(
            Participant.id,
            Participant.given_name,
            Participant.family_name,
            Participant.protection,
            Participant.guide_id,
            _Guide.name.label("guide"),
            func.count(Message.id).filter(open_).label("waiting"),
            func.min(Message.sent_at).filter(open_).label("since"),
            func.max(Message.sent_at).label("last_at"),
            _newest_rulebook().label("rulebook_id"),
        )
        .join(
            Participant,
            and_(
                Participant.municipality_id == Message.municipality_id,
                Participant.id == Message.participant_id,
            ),
        )
        .join(
            _Guide,
            and_(_Guide.municipality_id == Participant.municipality_id, _Guide.id == Participant.guide_id),
        )
        .where(
            Message.municipality_id == municipality_id,
            or_(Participant.protection == Protection.NONE.value, Participant.guide_id == viewer_id),
            *([Participant.guide_id == guide_id] if guide_id else []),
        )
        .group_by(
            Participant.municipality_id,
            Participant.id,
            Participant.given_name,
            Participant.family_name,
            Participant.protection,
            Participant.guide_id,
            _Guide.name,
        )
    )
    found = [_thread(session, municipality_id, row) for row in session.execute(rows).all()]
    found.sort(key=lambda one: one.last_on, reverse=True)
    return sorted(found, key=lambda one: (one.since is None, one.since or date.max))


def _thread(session: Session, municipality_id: int, row: Any) -> Thread:
    since = day_of(row.since) if row.since else None
    return Thread(
        participant_id=row.id,
        name=f"{row.given_name} {row.family_name}",
        is_protected=row.protection != Protection.NONE.value,
        guide_id=row.guide_id,
        guide=row.guide,
        waiting=row.waiting,
        since=since,
        answer_by=answer_by(since, _terms(session, municipality_id, row.rulebook_id)) if since else None,
        last_on=day_of(row.last_at),
    )


def _terms(session: Session, municipality_id: int, rulebook_id: int | None) -> MessageTerms:
    return terms_of(session, municipality_id, rulebook_id).messages if rulebook_id else MessageTerms()


def _newest_rulebook() -> Any:
    """The rulebook of the person's newest voucher."""
    return (
        select(Voucher.rulebook_id)
        .where(
            Voucher.municipality_id == Participant.municipality_id, Voucher.participant_id == Participant.id
        )
        .order_by(Voucher.id.desc())
        .limit(1)
        .correlate(Participant)
        .scalar_subquery()
    )


def to_answer(session: Session, municipality_id: int, mine: list[Any]) -> dict[int, date]:
    """By participant id: the day of the first message without an answer; `mine` narrows whose people."""
    rows = (
        select(Message.participant_id, func.min(Message.sent_at).label("since"))
        .join(
            Participant,
            and_(
                Participant.municipality_id == Message.municipality_id,
                Participant.id == Message.participant_id,
            ),
        )
        .where(
            Message.municipality_id == municipality_id,
            Message.from_person,
            Message.answered_at.is_(None),
            *mine,
        )
        .group_by(Message.participant_id)
    )
    return {row.participant_id: day_of(row.since) for row in session.execute(rows)}
