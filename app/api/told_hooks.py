"""What the document says of the calls that we make: OpenAPI's `webhooks`, one for each event."""

from __future__ import annotations

from typing import Any

from app.api.models import EVENTS
from app.api.schemas import KEY, N_

Json = dict[str, Any]
TITLES = {
    "participant.arrived": N_("Någon har valt er"),
    "participant.left": N_("Någon slutar hos er"),
    "report.returned": N_("En rapport behöver kompletteras"),
    "report.approved": N_("En rapport är godkänd"),
    "attendance.contested": N_("En deltagare säger att något inte stämmer"),
    "result.judged": N_("Ett resultat är prövat"),
    "follow_up.opened": N_("En uppföljning har öppnat"),
}
ID: Json = {"type": "string", "pattern": KEY}
DAY: Json = {"type": "string", "format": "date"}
WHOLE: Json = {"type": "integer"}
TEXT: Json = {"type": "string"}
DATA: dict[str, Json] = {
    "participant.arrived": {"how": {"type": "string", "enum": ["own", "assisted", "non_choice"]}},
    "participant.left": {"ended_on": DAY},
    "report.returned": {"report": ID, "kind": {"type": "string"}},
    "report.approved": {"report": ID, "kind": {"type": "string"}},
    "attendance.contested": {"answer": ID, "report": ID, "deviation": ID},
    "result.judged": {
        "check": ID,
        "purpose": {"type": "string"},
        "part": WHOLE,
        "passed": {"type": "boolean"},
    },
    "follow_up.opened": {"check": ID, "purpose": {"type": "string"}, "part": WHOLE, "until_on": DAY},
}
"""What each event says beside whom it is about."""
HEADERS = {
    "webhook-id": N_("Anropets id, samma vid varje försök"),
    "webhook-timestamp": N_("När det skickades, i sekunder sedan 1970"),
    "webhook-signature": N_(
        "v1, och HMAC-SHA256 över id, tidpunkt och innehåll, i base64; flera med mellanslag"
    ),
}

TAKEN = N_("Ni har tagit emot det. Allt annat gör att vi försöker igen.")


def described() -> Json:
    """The calls, by event."""
    return {event: {"post": _call(event)} for event in EVENTS}


def _call(event: str) -> Json:
    data = {"participant": ID, **DATA[event]}
    body = {
        "type": "object",
        "required": ["id", "type", "timestamp", "data"],
        "properties": {
            "id": ID,
            "type": {"type": "string", "const": event},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": {"type": "object", "required": ["participant"], "properties": data},
        },
    }
    return {
        "summary": TITLES[event],
        "parameters": [
            {
                "in": "header",
                "name": name,
                "required": True,
                "schema": {"type": "string"},
                "description": about,
            }
            for name, about in HEADERS.items()
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {
            "2XX": {"description": N_("Ni har tagit emot det. Allt annat gör att vi försöker igen.")}
        },
    }
