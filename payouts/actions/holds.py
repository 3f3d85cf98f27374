"""Something is held back from payment, and let go by somebody else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch
from core.refusal import Missing, Refusal
from payouts.models import Hold, LedgerLine
from payouts.models.hold import NAMED_BY
from payouts.queries.lines import Key
from payouts.rules.holds import check_words, may_release
from providers.models import Provider
from vouchers.models import Leg
from vouchers.queries.waking import wake


def hold_provider(
    session: Session, provider_id: int, reason: str, words: str, *, by: Actor, at: datetime
) -> Hold:
    """Pay a provider nothing until the hold is let go. What is booked waits; nothing new is booked."""
    by.require(Role.MAKER, Role.SIGNER)
    provider = fetch(session, Provider, by.municipality_id, provider_id)
    held = Hold(kind="provider", provider_id=provider.id)
    _hold(session, held, reason, words, by=by, at=at)
    audit.record(session, "hold.made", held, by=by, kind=held.kind, provider=held.provider_id, reason=reason)
    return held


def hold_leg(session: Session, leg_id: int, reason: str, words: str, *, by: Actor, at: datetime) -> Hold:
    """Hold all that is booked for one person at one provider, and book and take back nothing more."""
    by.require(Role.MAKER, Role.SIGNER)
    leg = fetch(session, Leg, by.municipality_id, leg_id)
    held = Hold(kind="leg", provider_id=leg.provider_id, voucher_id=leg.voucher_id, leg_id=leg.id)
    _hold(session, held, reason, words, by=by, at=at)
    audit.record(session, "hold.made", held, by=by, kind=held.kind, provider=held.provider_id, reason=reason)
    return held


def hold_line(session: Session, key: Key, reason: str, words: str, *, by: Actor, at: datetime) -> Hold:
    """Hold what is booked under a line's scope, component and part, whatever its sequence."""
    by.require(Role.MAKER, Role.SIGNER)
    try:
        line = session.get_one(
            LedgerLine, (by.municipality_id, key.scope_id, key.component, key.part, key.sequence)
        )
    except NoResultFound:
        raise Missing() from None
    held = Hold(
        kind="line",
        provider_id=line.provider_id,
        voucher_id=line.voucher_id,
        leg_id=line.leg_id,
        scope_id=line.scope_id,
        component=line.component,
        part=line.part,
    )
    _hold(session, held, reason, words, by=by, at=at)
    audit.record(session, "hold.made", held, by=by, kind=held.kind, provider=held.provider_id, reason=reason)
    return held


def _hold(session: Session, held: Hold, reason: str, words: str, *, by: Actor, at: datetime) -> None:
    told = check_words(words, reason)
    standing = select(Hold.id).where(
        Hold.municipality_id == by.municipality_id,
        Hold.kind == held.kind,
        Hold.released_at.is_(None),
        *(getattr(Hold, name) == getattr(held, name) for name in NAMED_BY[held.kind]),
    )
    if session.scalar(standing):
        raise Refusal("held_already", "Det hålls redan inne.")
    held.municipality_id = by.municipality_id
    held.reason, held.words, held.held_by, held.held_at = reason, told, by.account_id, at
    session.add(held)
    _wake(session, held, by=by)


def release(session: Session, hold_id: int, words: str, *, by: Actor, at: datetime) -> Hold:
    """Let go what is held, with reasons, as somebody else than who held it. The next batch pays what
    waited."""
    by.require(Role.MAKER, Role.SIGNER)
    held = fetch(session, Hold, by.municipality_id, hold_id)
    may_release(held.held_by, by.account_id, released=held.released_at is not None)
    held.release_words, held.released_by, held.released_at = check_words(words), by.account_id, at
    _wake(session, held, by=by)
    audit.record(session, "hold.released", held, by=by, kind=held.kind, provider=held.provider_id)
    return held


def _wake(session: Session, held: Hold, *, by: Actor) -> None:
    """Have the next run look at the vouchers that a hold is about: what it left alone may be due."""
    if held.voucher_id is None:
        wake(session, by.municipality_id, provider_id=held.provider_id)
    else:
        wake(session, by.municipality_id, [held.voucher_id])
