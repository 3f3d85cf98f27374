"""Whose key this is, and the document of the whole API."""

from __future__ import annotations

from flask import Response, jsonify

from app.api.document import document
from app.api.door import caller, part
from app.api.schemas import N_
from app.api.shapes import Key
from app.web import open_to_all, reading
from core.database import fetch
from providers.models import Provider


@part.operation("/me", None, N_("Vems nyckeln är, och vad den får göra"), gives=Key, tag=N_("Nyckeln"))
def me() -> dict[str, object]:
    """Whose key this is, what it may do, and its last day."""
    asks = caller()
    with reading() as look:
        provider = fetch(look, Provider, asks.actor.municipality_id, asks.actor.provider_id or 0)
    return {
        "provider": provider.name,
        "organisation_number": provider.organisation_number,
        "name": asks.name,
        "scopes": sorted(asks.scopes),
        "ends_on": asks.ends_on,
    }


@part.beside("/openapi.json")
@open_to_all
def openapi() -> Response:
    """The document. It says what anybody may know."""
    return jsonify(document())
