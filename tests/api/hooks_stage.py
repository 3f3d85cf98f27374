"""Webhooks in a test: a provider's addresses, what the trail came to hold, and rounds of calls."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from app.api import deliveries, hook_actions
from app.api.models import EVENTS, Delivery, Webhook
from core.actor import Actor, Role
from core.database import Database
from tests.provider.stage import Stage
from tests.support.town import noon


class Hooks:
    """The stage with webhooks. Its clock begins at noon and goes where `later` takes it."""

    def __init__(self, stage: Stage, at: datetime | None = None) -> None:
        self.stage, self.town, self.database = stage, stage.town, stage.database
        self.at = at or noon(stage.town.decided_on + timedelta(days=100))

    @property
    def manager(self) -> Actor:
        return self.town.manager

    @property
    def other_manager(self) -> Actor:
        return replace(self.town.other_coach, roles=frozenset({Role.MANAGER}))

    def made(self, url: str, *events: str, by: Actor | None = None) -> tuple[int, str]:
        """A webhook from now on, for all events unless told; its id and secret."""
        with self.database.transaction(1) as session:
            hook, secret = hook_actions.make_webhook(
                session, url, list(events or EVENTS), by=by or self.manager, at=self.at, is_production=False
            )
            return hook.id, secret

    def later(self, **time: float) -> None:
        self.at += timedelta(**time)

    def gathered(self) -> int:
        with self.database.transaction(1) as session:
            return deliveries.gather(session, 1, self.at)

    def round(self, **options: Any) -> int:
        """What the job does: write down, then call. Gives how many were answered well."""
        self.gathered()
        return self.called(**options)

    def called(self, **options: Any) -> int:
        return deliveries.deliver(self.database, 1, self.at, **{"is_production": False, **options})

    def rows(self, webhook_id: int | None = None) -> list[Delivery]:
        """The calls, the oldest first."""
        with self.database.reading() as session:
            found = session.scalars(select(Delivery).order_by(Delivery.id)).all()
        return [row for row in found if webhook_id in (None, row.webhook_id)]

    def hook(self, webhook_id: int) -> Webhook:
        with self.database.reading() as session:
            return session.get_one(Webhook, (1, webhook_id))


def of(database: Database) -> Hooks:
    return Hooks(Stage(database))


def told(answer: TestResponse) -> Any:
    """What an answer says, as JSON."""
    return answer.get_json()
