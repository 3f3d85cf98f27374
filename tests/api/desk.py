"""A provider's system at its desk: a key, and requests made with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import Flask

from app.api.models import SCOPES
from app.api.tokens import TokenForm, make_token
from core.actor import Actor, Role
from core.database import Database
from tests.provider.stage import TODAY

BASE = "/api/v1"
MONTH: dict[str, Any] = {
    "month": "2026-05",
    "activities": ["guidance", "job_search"],
    "booked_minutes": 1440,
    "activity_minutes": 1290,
    "physical_minutes": 720,
    "meetings": 4,
    "physical_meetings": 2,
    "against_plan": "as_planned",
    "progress": "Har sökt fem jobb.",
    "next_step": "Ringa två arbetsgivare.",
    "next_step_on": "2026-06-12",
}
MEETING: dict[str, Any] = {
    "held_on": "2026-06-01",
    "started": "09:30",
    "kind": "individual",
    "is_physical": True,
    "minutes": 45,
}
ABSENCE: dict[str, Any] = {
    "happened_on": "2026-06-02",
    "activity": "Jobbsökarverkstad",
    "expected_from": "09:00",
    "expected_to": "12:00",
    "absent_from": "09:00",
    "absent_to": "12:00",
    "reason": "unknown",
}


def key_for(
    database: Database,
    who: Actor,
    scopes: tuple[str, ...] = SCOPES,
    *,
    name: str = "Provsystemet",
    ends_on: date = date(2026, 12, 31),
    today: date = TODAY,
) -> str:
    """A key that acts as that person."""
    manager = replace(who, roles=frozenset({Role.MANAGER}))
    with database.transaction(who.municipality_id) as session:
        _token, key = make_token(session, TokenForm(name, scopes, ends_on), by=manager, today=today)
    return key


@dataclass
class Desk:
    """A system with its key. It keeps no cookies."""

    app: Flask
    key: str

    def ask(self, method: str, path: str, body: Any = None, query: Any = None, **headers: str) -> Any:
        """One request."""
        sent = {"Authorization": f"Bearer {self.key}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        more = {} if body is None else {"json": body}
        return self.app.test_client(use_cookies=False).open(
            BASE + path, method=method, headers=sent, query_string=query, **more
        )

    def get(self, path: str, **query: str) -> Any:
        """Look."""
        return self.ask("GET", path, query=query or None)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """Change."""
        return self.ask("POST", path, body, **headers)
