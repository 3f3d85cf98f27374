"""Webhooks are made, given a new secret, tried and ended by a manager; a call is made once more."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.api.addresses import read_address
from app.api.events import envelope
from app.api.models import EVENTS, TRIAL, Delivery, Webhook
from app.api.signing import new_secret
from core import audit, identity
from core.actor import Actor, Role
from core.audit import AuditEntry
from core.database import fetch, new_id
from core.refusal import Missing, Refusal

MOST = 10
OLD_SECRET_FOR = timedelta(days=1)


def make_webhook(
    session: Session, url: str, events: list[str], *, by: Actor, at: datetime, is_production: bool
) -> tuple[Webhook, str]:
    """Add an address that is called from now on. Gives it with its secret, which is shown once.

    Refuses one that cannot be called, one that is there already, and more than ten.
    """
    provider_id = _manager_of(by)
    read_address(url, is_production=is_production)
    chosen = [event for event in EVENTS if event in events]
    if not chosen or len(chosen) != len(set(events)):
        raise Refusal("webhook_events_wrong", "Välj minst en händelse i listan.", status=422)
    standing = session.scalars(
        select(Webhook.url).where(
            Webhook.municipality_id == by.municipality_id,
            Webhook.provider_id == provider_id,
            Webhook.ended_at.is_(None),
        )
    ).all()
    if url in standing:
        raise Refusal(
            "webhook_exists", "Adressen anropas redan. Ta bort den först om den ska få nya händelser."
        )
    if len(standing) >= MOST:
        raise Refusal("webhooks_many", "Ni kan ha högst {most} adresser. Ta bort en först.", most=MOST)
    secret = new_secret()
    hook = Webhook(
        municipality_id=by.municipality_id,
        provider_id=provider_id,
        url=url,
        secret_sealed=identity.vault(session).seal(secret),
        events=chosen,
        seen_sequence=_head(session, by.municipality_id),
        made_by=by.account_id,
        made_at=at,
    )
    session.add(hook)
    audit.record(session, "webhook.made", hook, by=by, provider=provider_id, events=chosen)
    return hook, secret


def rotate_secret(session: Session, webhook_id: int, *, by: Actor, at: datetime) -> tuple[Webhook, str]:
    """Give the webhook a new secret, shown once; the one before it signs too for a day."""
    hook = _own(session, webhook_id, by)
    secret = new_secret()
    hook.old_secret_sealed, hook.old_until = hook.secret_sealed, at + OLD_SECRET_FOR
    hook.secret_sealed = identity.vault(session).seal(secret)
    audit.record(session, "webhook.secret_changed", hook, by=by)
    return hook, secret


def end_webhook(session: Session, webhook_id: int, *, by: Actor, at: datetime) -> Webhook:
    """Call the address no more; what waits is given up."""
    hook = _own(session, webhook_id, by)
    hook.ended_at, hook.ended_by = at, by.account_id
    waiting = select(Delivery).where(
        Delivery.municipality_id == by.municipality_id,
        Delivery.webhook_id == hook.id,
        Delivery.state == "waiting",
    )
    for call in session.scalars(waiting):
        call.state, call.fault, call.done_at = "given_up", "ended", at
    audit.record(session, "webhook.ended", hook, by=by)
    return hook


def send_trial(session: Session, webhook_id: int, *, by: Actor, at: datetime) -> Delivery:
    """Send a call that says nothing, so that a receiver can be tried."""
    hook = _own(session, webhook_id, by)
    audit.record(session, "webhook.tried", hook, by=by)  # first: the trial is told under its link
    call_id = new_id()
    call = Delivery(
        municipality_id=by.municipality_id,
        id=call_id,
        webhook_id=hook.id,
        audit_sequence=_head(session, by.municipality_id),
        leg_id=0,
        event=TRIAL,
        body=json.dumps(envelope(call_id, TRIAL, at, {})),
        next_at=at,
        made_at=at,
    )
    session.add(call)
    session.flush()
    return call


def call_again(session: Session, delivery_id: int, *, by: Actor, at: datetime) -> Delivery:
    """Make a call once more, now, whatever became of it: the same words under the same id."""
    provider_id = _manager_of(by)
    call = fetch(session, Delivery, by.municipality_id, delivery_id)
    hook = fetch(session, Webhook, by.municipality_id, call.webhook_id)
    if hook.provider_id != provider_id or hook.ended_at is not None:
        raise Missing()
    call.state, call.next_at, call.done_at = "waiting", at, None
    audit.record(session, "webhook.called_again", hook, by=by, call=call.id)
    return call


def _manager_of(by: Actor) -> int:
    by.require(Role.MANAGER)
    if by.provider_id is None:
        raise Missing()
    return by.provider_id


def _own(session: Session, webhook_id: int, by: Actor) -> Webhook:
    """The provider's own webhook that stands; to everybody else it is as if it were not there."""
    provider_id = _manager_of(by)
    hook = fetch(session, Webhook, by.municipality_id, webhook_id)
    if hook.provider_id != provider_id or hook.ended_at is not None:
        raise Missing()
    return hook


def _head(session: Session, municipality_id: int) -> int:
    """The number of the trail's last link: what happened up to now is not told."""
    head = select(func.max(AuditEntry.sequence)).where(AuditEntry.municipality_id == municipality_id)
    return session.scalar(head) or 0
