"""A provider's webhooks and their calls, as its page and the API show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from app.api.models import Delivery, Webhook
from core.refusal import Missing

MOST_SHOWN = 50


@dataclass(frozen=True)
class Hook:
    """A standing webhook. `waiting` and `given_up` count its calls; `old_until`: the old secret's end."""

    id: int
    url: str
    events: tuple[str, ...]
    made_at: datetime
    old_until: datetime | None
    waiting: int
    given_up: int
    last_at: datetime | None
    last_state: str | None


def webhooks(
    session: Session, municipality_id: int, provider_id: int, webhook_id: int | None = None
) -> list[Hook]:
    """Those that stand, the oldest first, in three queries."""
    rows = select(Webhook).where(
        Webhook.municipality_id == municipality_id,
        Webhook.provider_id == provider_id,
        Webhook.ended_at.is_(None),
    )
    if webhook_id is not None:
        rows = rows.where(Webhook.id == webhook_id)
    options = (defer(Webhook.secret_sealed), defer(Webhook.old_secret_sealed))
    found = session.scalars(rows.order_by(Webhook.id).options(*options)).all()
    ids = [hook.id for hook in found]
    counts = _counts(session, municipality_id, ids)
    last = _last(session, municipality_id, ids)
    return [
        Hook(
            id=hook.id,
            url=hook.url,
            events=tuple(hook.events),
            made_at=hook.made_at,
            old_until=hook.old_until,
            waiting=counts.get((hook.id, "waiting"), 0),
            given_up=counts.get((hook.id, "given_up"), 0),
            last_at=last[hook.id][0] if hook.id in last else None,
            last_state=last[hook.id][1] if hook.id in last else None,
        )
        for hook in found
    ]


def webhook(session: Session, municipality_id: int, provider_id: int, webhook_id: int) -> Hook:
    """One of the provider's own that stands. Raises Missing."""
    found = webhooks(session, municipality_id, provider_id, webhook_id)
    if not found:
        raise Missing()
    return found[0]


def _counts(session: Session, municipality_id: int, ids: list[int]) -> dict[tuple[int, str], int]:
    rows = (
        select(Delivery.webhook_id, Delivery.state, func.count())
        .where(
            Delivery.municipality_id == municipality_id,
            Delivery.webhook_id.in_(ids),
            Delivery.state != "delivered",
        )
        .group_by(Delivery.webhook_id, Delivery.state)
    )
    return {(hook, state): count for hook, state, count in session.execute(rows)}


def _last(session: Session, municipality_id: int, ids: list[int]) -> dict[int, tuple[datetime, str]]:
    """(when, the call's state) of each webhook's newest try."""
    newest = (
        select(Delivery.webhook_id, func.max(Delivery.last_at).label("at"))
        .where(Delivery.municipality_id == municipality_id, Delivery.webhook_id.in_(ids))
        .group_by(Delivery.webhook_id)
        .subquery()
    )
    rows = (
        select(Delivery.webhook_id, Delivery.last_at, Delivery.state)
        .join(newest, (newest.c.webhook_id == Delivery.webhook_id) & (newest.c.at == Delivery.last_at))
        .where(Delivery.municipality_id == municipality_id)
        .order_by(Delivery.id)
    )
    return {hook: (at, state) for hook, at, state in session.execute(rows) if at is not None}


def deliveries(
    session: Session, municipality_id: int, webhook_id: int, *, most: int = MOST_SHOWN
) -> list[Delivery]:
    """The last calls of a webhook, the newest first."""
    rows = (
        select(Delivery)
        .where(Delivery.municipality_id == municipality_id, Delivery.webhook_id == webhook_id)
        .order_by(Delivery.id.desc())
        .limit(most)
    )
    return list(session.scalars(rows))


def deliveries_after(
    session: Session, municipality_id: int, webhook_id: int, after: int, most: int
) -> list[Delivery]:
    """A webhook's calls after that id, the oldest first."""
    rows = (
        select(Delivery)
        .where(
            Delivery.municipality_id == municipality_id,
            Delivery.webhook_id == webhook_id,
            Delivery.id > after,
        )
        .order_by(Delivery.id)
        .limit(most)
    )
    return list(session.scalars(rows))
