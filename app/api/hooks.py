"""Webhooks as a provider's system sees them: which addresses are called, how it went, and one more try.

An address is added on the page, where a manager sees the secret: a stolen key sends the news nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from flask import Response
from marshmallow import fields as ma_fields
from sqlalchemy.orm import Session

from app.api import answers, hook_actions, hook_queries, shapes
from app.api.door import caller, part
from app.api.models import EVENTS, FAULTS, TRIAL, Delivery
from app.api.schemas import KEY, N_, Closed
from app.ids import LARGEST
from app.web import reading
from core import dates
from core.actor import Actor, Role

MANAGER = frozenset({Role.MANAGER})
TAG = N_("Anrop till ert system")
STATES = ("waiting", "delivered", "given_up")


class Webhook(ma.Schema):
    """An address that is called."""

    id = shapes.key(N_("Dess id"))
    url = shapes.text(N_("Adressen"))
    events = ma_fields.List(
        ma_fields.String(metadata={"enum": list(EVENTS)}),
        required=True,
        metadata={"description": N_("Vad adressen anropas för")},
    )
    made_at = shapes.moment(N_("När den lades till"))
    waiting = shapes.whole(N_("Anrop som väntar"))
    given_up = shapes.whole(N_("Anrop som inte kom fram"))
    last_at = shapes.moment(N_("Senaste anropet; null när inget är gjort"), nullable=True)
    last_state = shapes.word(N_("Hur det gick"), STATES, nullable=True)


class Webhooks(ma.Schema):
    """All of them; there are ten at most."""

    items = ma_fields.List(ma_fields.Nested(Webhook), required=True)


class WebhookCall(ma.Schema):
    """One call, and what became of it."""

    id = shapes.key(N_("Anropets id: samma som i huvudet webhook-id, vid varje försök"))
    event = shapes.word(N_("Vad som hände"), (*EVENTS, TRIAL))
    said = ma_fields.Dict(required=True, metadata={"description": N_("Det som skickas, som JSON")})
    state = shapes.word(N_("Hur det står till"), STATES)
    tries = shapes.whole(N_("Försök hittills"))
    made_at = shapes.moment(N_("När det skrevs ned"))
    last_at = shapes.moment(N_("Senaste försöket"), nullable=True)
    last_status = ma_fields.Integer(
        required=True, allow_none=True, metadata={"description": N_("Status som ert system svarade")}
    )
    fault = shapes.word(N_("Varför det inte blev något svar"), FAULTS, nullable=True)
    next_at = shapes.moment(N_("Nästa försök; null när inget mer görs"), nullable=True)


class WebhookCalls(ma.Schema):
    """A page of calls, the oldest first."""

    items = ma_fields.List(ma_fields.Nested(WebhookCall), required=True)
    next = ma_fields.String(
        required=True,
        allow_none=True,
        metadata={"description": N_("Ge det som after för nästa sida; null på den sista")},
    )


class CallQuery(Closed):
    """Which calls."""

    after = ma_fields.String(
        validate=ma.validate.Regexp(KEY), metadata={"description": N_("Fortsätt efter: det som stod i next")}
    )
    limit = ma_fields.Integer(
        load_default=50,
        validate=ma.validate.Range(1, 200),
        metadata={"description": N_("Högst så många rader")},
    )


@part.operation(
    "/webhooks", "read", N_("Adresser som anropas"), gives=Webhooks, tag=TAG, roles=MANAGER,
    text=N_("Adresser läggs till på sidan Anrop till ert system, där en chef får hemligheten."),
)  # fmt: skip
def webhooks() -> dict[str, Any]:
    """The addresses that stand."""
    by, provider_id = _manager()
    with reading() as look:
        found = hook_queries.webhooks(look, by.municipality_id, provider_id)
    return {"items": [{**vars(one), "id": str(one.id), "events": list(one.events)} for one in found]}


@part.operation(
    "/webhooks/<int:webhook_id>/calls", "read", N_("Anrop till en adress"),
    query=CallQuery, gives=WebhookCalls, tag=TAG, roles=MANAGER,
)  # fmt: skip
def webhook_calls(said: Mapping[str, Any], webhook_id: int) -> dict[str, Any]:
    """What one address has been called for in the last month."""
    by, provider_id = _manager()
    after, limit = min(int(said.get("after", "0")), LARGEST), said["limit"]
    with reading() as look:
        hook_queries.webhook(look, by.municipality_id, provider_id, webhook_id)
        found = hook_queries.deliveries_after(look, by.municipality_id, webhook_id, after, limit + 1)
    return {
        "items": [_plain(one) for one in found[:limit]],
        "next": str(found[limit - 1].id) if len(found) > limit else None,
    }


@part.operation(
    "/webhook-calls/<int:call_id>/again", "report", N_("Gör ett anrop igen"),
    gives=shapes.Receipt, tag=TAG, roles=MANAGER,
    text=N_("Samma innehåll skickas under samma id, inom en minut, vad som än hände förut."),
)  # fmt: skip
def repeat_call(call_id: int) -> Response:
    """One more try."""

    def work(session: Session) -> tuple[dict[str, Any], int]:
        call = hook_actions.call_again(session, call_id, by=caller().actor, at=dates.now())
        return {"id": str(call.id), "state": call.state, "is_late": None}, 200

    return answers.once(work)


def _manager() -> tuple[Actor, int]:
    """Whoever made the key, if still a manager, and where."""
    by = caller().actor
    by.require(Role.MANAGER)
    return by, by.provider_id or 0


def _plain(call: Delivery) -> dict[str, Any]:
    columns = ("event", "state", "tries", "made_at", "last_at", "last_status", "fault")
    return {name: getattr(call, name) for name in columns} | {
        "id": str(call.id),
        "said": json.loads(call.body),
        "next_at": call.next_at if call.state == "waiting" else None,
    }
