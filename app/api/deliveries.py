"""Webhooks are told: what to say is written down in the job's transaction; then, outside it, it is said.

A row is committed before a call is made, and taken for a while by whoever makes it. A process that dies
leaves it to the next; the receiver knows a call again by its id.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.api import signing
from app.api.calling import Answer, post
from app.api.events import envelope, told_after
from app.api.models import Delivery, Webhook
from core import identity
from core.database import Database, new_id
from core.dates import stamp

WAITS = tuple(
    timedelta(seconds=seconds) for seconds in (60, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
"""How long a call waits after its first, second … failure. After the last it is given up: some three days."""
GONE = 410
"""The receiver says that it will never answer there."""
READ_AT_ONCE = 2_000
TAKEN_FOR = timedelta(minutes=5)
AT_ONCE = 8
PER_HOOK = 20
ROUND_SECONDS = 20.0
KEPT = timedelta(days=30)

Post = Callable[..., Answer]


@dataclass(frozen=True)
class Call:
    """A call that this process has taken: where to, the keys that sign it, and what it says."""

    municipality_id: int
    id: int
    url: str
    keys: tuple[str, ...]
    body: bytes
    tries: int


def gather(session: Session, municipality_id: int, at: datetime) -> int:
    """Write down what every standing webhook is to be told of since last time. Gives how many calls.

    Runs within the writer's turn, so that no link of the trail comes to stand before one already read.
    """
    hooks = session.scalars(
        select(Webhook).where(Webhook.municipality_id == municipality_id, Webhook.ended_at.is_(None))
    ).all()
    if not hooks:
        return 0
    happened, upto = told_after(
        session, municipality_id, min(hook.seen_sequence for hook in hooks), READ_AT_ONCE
    )
    made = 0
    for hook in hooks:
        for one in happened:
            if one.sequence <= hook.seen_sequence or one.provider_id != hook.provider_id:
                continue
            if one.event in hook.events:
                call_id = new_id()
                session.add(
                    Delivery(
                        municipality_id=municipality_id,
                        id=call_id,
                        webhook_id=hook.id,
                        audit_sequence=one.sequence,
                        leg_id=one.leg_id,
                        event=one.event,
                        body=json.dumps(envelope(call_id, one.event, one.at, one.data)),
                        next_at=at,
                        made_at=at,
                    )
                )
                made += 1
        hook.seen_sequence = max(hook.seen_sequence, upto)
    return made


def forget(session: Session, municipality_id: int, at: datetime) -> int:
    """Delete calls that were done with a month ago. Gives how many."""
    old = delete(Delivery).where(
        Delivery.municipality_id == municipality_id,
        Delivery.state.in_(("delivered", "given_up")),
        Delivery.next_at < at - KEPT,
    )
    done = session.execute(old)
    return int(done.rowcount)  # type: ignore[attr-defined]  # a DELETE counts its rows


def deliver(
    database: Database,
    municipality_id: int,
    at: datetime,
    *,
    is_production: bool,
    call: Post = post,
    seconds: float = ROUND_SECONDS,
) -> int:
    """Make the calls whose time has come, some receivers at once. Gives how many were answered well.

    No transaction is open while a receiver is waited for. One that fails is let be until the next round, and
    when `seconds` have passed no new call is begun.
    """
    with database.reading() as session:
        hooks = list(
            session.scalars(
                select(Delivery.webhook_id)
                .join(
                    Webhook,
                    (Webhook.municipality_id == Delivery.municipality_id)
                    & (Webhook.id == Delivery.webhook_id),
                )
                .where(
                    Delivery.municipality_id == municipality_id,
                    Delivery.state == "waiting",
                    Delivery.next_at <= at,
                    Webhook.ended_at.is_(None),
                )
                .group_by(Delivery.webhook_id)
            )
        )
    if not hooks:
        return 0
    until = time.monotonic() + seconds

    def serve(webhook_id: int) -> int:
        return _serve(database, municipality_id, webhook_id, at, until, is_production, call)

    with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(hooks))) as crowd:
        return sum(crowd.map(serve, hooks))


def _serve(
    database: Database,
    municipality_id: int,
    webhook_id: int,
    at: datetime,
    until: float,
    is_production: bool,
    call: Post,
) -> int:
    """One receiver's calls in order, until one fails or the time is out."""
    done = 0
    for _turn in range(PER_HOOK):
        if time.monotonic() >= until:
            break
        taken = _take(database, municipality_id, webhook_id, at)
        if taken is None:
            break
        said = call(
            taken.url,
            taken.body,
            signing.headers(taken.keys, str(taken.id), stamp(), taken.body),
            is_production=is_production,
        )
        _note(database, taken, said, at)
        if not said.is_good:
            break
        done += 1
    return done


def _take(database: Database, municipality_id: int, webhook_id: int, at: datetime) -> Call | None:
    """Take the receiver's oldest call that is due, so that no other process makes it meanwhile."""
    with database.transaction(municipality_id) as session:
        row = session.scalars(
            select(Delivery)
            .where(
                Delivery.municipality_id == municipality_id,
                Delivery.webhook_id == webhook_id,
                Delivery.state == "waiting",
                Delivery.next_at <= at,
            )
            .order_by(Delivery.id)
            .limit(1)
        ).first()
        hook = session.get(Webhook, (municipality_id, webhook_id))
        if row is None or hook is None or hook.ended_at is not None:
            return None
        row.next_at, row.tries = at + TAKEN_FOR, row.tries + 1
        vault = identity.vault(session)
        keys = [vault.open(hook.secret_sealed)]
        if hook.old_secret_sealed and hook.old_until and hook.old_until > at:
            keys.append(vault.open(hook.old_secret_sealed))
        return Call(municipality_id, row.id, hook.url, tuple(keys), row.body.encode(), row.tries)


def _note(database: Database, taken: Call, said: Answer, at: datetime) -> None:
    """Write down how the call went, and when it is made again."""
    values: dict[str, object] = {"last_status": said.status, "fault": said.fault, "last_at": at}
    if said.is_good:
        values |= {"state": "delivered", "done_at": at}
    elif taken.tries > len(WAITS) or said.status == GONE:
        values |= {"state": "given_up", "done_at": at}
    else:
        values |= {"next_at": at + WAITS[taken.tries - 1]}
    mine = (Delivery.municipality_id == taken.municipality_id, Delivery.id == taken.id)
    with database.transaction(taken.municipality_id) as session:
        session.execute(update(Delivery).where(*mine, Delivery.state == "waiting").values(**values))
