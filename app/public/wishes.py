"""What a visitor wishes to see, read from the address, written back into links, and met."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request, session
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from app.accounts.sessions import OWN_LIST
from app.public.board import board
from app.web import actor, municipality_id, sentence, visitor_seed
from core import dates
from core.actor import Role
from core.refusal import Refusal
from providers.queries.places import spot_of
from providers.rules.places import Spot, postal_code
from vouchers.queries import choices
from vouchers.queries.choices import ORDERS, Comparison, OpenChoice, Wishes
from vouchers.queries.switchable import open_switches

LONGEST_LIST = 12
LONGEST_TEXT = 100


@dataclass(frozen=True)
class Near:
    """From where a visitor wants to know how far it is. Kept nowhere: it stands in the address alone."""

    typed: str = ""
    spot: Spot | None = None
    fault: str = ""


def read(arguments: Mapping[str, str], *, service: str = "") -> Wishes:
    """Wishes from an address's arguments; `service` is what an address without a word on it means."""
    order = arguments.get("order", "")
    return Wishes(
        service=arguments.get("service", service)[:120],
        language=arguments.get("language", "")[:2],
        area=arguments.get("area", "")[:100],
        orientation=arguments.get("orientation", "")[:60],
        accessibility=arguments.get("accessibility", "")[:60],
        open_only=bool(arguments.get("open")),
        text=" ".join(arguments.get("q", "")[:LONGEST_TEXT].split()),
        only=named(arguments),
        order=order if order in ORDERS else ORDERS[0],
    )


def named(arguments: Mapping[str, str]) -> tuple[int, ...]:
    """The providers that an address names with p=, in its order, none twice; what is no number is nobody."""
    found = arguments.getlist("p") if isinstance(arguments, MultiDict) else []
    numbers = [int(text) for text in found if text.isascii() and text.isdigit() and len(text) < 20]
    return tuple(dict.fromkeys(numbers))[:LONGEST_LIST]


def written(wishes: Wishes, near: Near | None = None) -> dict[str, Any]:
    """The arguments of an address that means these wishes; `near` only where nobody else is given it."""
    told: dict[str, Any] = {
        "language": wishes.language,
        "area": wishes.area,
        "orientation": wishes.orientation,
        "accessibility": wishes.accessibility,
        "open": "1" if wishes.open_only else "",
        "q": wishes.text,
        "p": [str(key) for key in wishes.only],
        "order": wishes.order if wishes.order != ORDERS[0] else "",
        "near": near.typed if near else "",
    }
    return {"service": wishes.service, **{name: value for name, value in told.items() if value}}


def asked(mine: Mapping[str, OpenChoice]) -> Wishes:
    """What the address asks for; where it says nothing of a service, the one the visitor is to choose for."""
    return read(request.args, service=next(iter(mine), ""))


def near_by(look: Session, arguments: Mapping[str, str]) -> Near:
    """Where the typed postal code is; a sentence when it is none, or when nobody knows where it is."""
    typed = arguments.get("near", "")[:12].strip()
    if not typed:
        asked = arguments.get("order") == "distance"
        return Near(fault=_("Skriv ditt postnummer, så visas den närmaste först.") if asked else "")
    try:
        code = postal_code(typed)
    except Refusal as refusal:
        return Near(typed, fault=sentence(refusal))
    spot = spot_of(look, municipality_id(), code)
    if spot is None:
        return Near(typed, fault=_("Vi vet inte var %(code)s är. Pröva ett postnummer nära dig.", code=typed))
    return Near(f"{code[:3]} {code[3:]}", spot)


def met(look: Session, wanted: Wishes, near: Near | None = None) -> Comparison:
    """Today's comparison, in this visitor's own neutral order."""
    found = board().read(look, municipality_id(), dates.today())
    return choices.arranged(found, wanted, seed=visitor_seed(), home=near.spot if near else None)


def own_list() -> tuple[int, ...]:
    """The providers that the visitor has saved."""
    kept = session.get(OWN_LIST)
    return tuple(key for key in kept if isinstance(key, int)) if isinstance(kept, list) else ()


def keep_list(provider_ids: tuple[int, ...]) -> None:
    """Let the visitor's cookie keep these; the oldest falls out of a list that is too long."""
    session[OWN_LIST] = list(dict.fromkeys(provider_ids))[-LONGEST_LIST:]
    session.permanent = True


def my_choices(look: Session) -> dict[str, OpenChoice]:
    """What the signed-in job seeker may choose for today, or switch with, by offer; for others nothing."""
    if not current_user.is_authenticated or not actor().has(Role.SEEKER):
        return {}
    participant_id = actor().participant_id
    if participant_id is None:
        return {}
    found = choices.open_choices(look, municipality_id(), participant_id, dates.today())
    found += open_switches(look, municipality_id(), participant_id, dates.today())
    return {choice.offer: choice for choice in reversed(found)}
