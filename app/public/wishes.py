"""What a visitor wishes to see, read from the address, written back into links, and met."""

from __future__ import annotations

from collections.abc import Mapping

from flask_login import current_user
from sqlalchemy.orm import Session

from app.web import actor, municipality_id, visitor_seed
from core import dates
from core.actor import Role
from vouchers.queries import choices
from vouchers.queries.choices import ORDERS, Comparison, OpenChoice, Wishes


def read(arguments: Mapping[str, str], *, service: str = "") -> Wishes:
    """Wishes from an address's arguments; `service` is what an address without a word on it means."""
    order = arguments.get("order", "")
    return Wishes(
        service=arguments.get("service", service)[:120],
        language=arguments.get("language", "")[:2],
        area=arguments.get("area", "")[:100],
        open_only=bool(arguments.get("open")),
        order=order if order in ORDERS else ORDERS[0],
    )


def written(wishes: Wishes) -> dict[str, str]:
    """The arguments of an address that means these wishes."""
    return {
        "service": wishes.service,
        **({"language": wishes.language} if wishes.language else {}),
        **({"area": wishes.area} if wishes.area else {}),
        **({"open": "1"} if wishes.open_only else {}),
        **({"order": wishes.order} if wishes.order != ORDERS[0] else {}),
    }


def met(look: Session, wanted: Wishes) -> Comparison:
    """Today's comparison, in this visitor's own neutral order."""
    return choices.compare(look, municipality_id(), wanted, seed=visitor_seed(), today=dates.today())


def my_choices(look: Session) -> dict[str, OpenChoice]:
    """What the signed-in job seeker may choose for today, by offer; for all others nothing."""
    if not current_user.is_authenticated or not actor().has(Role.SEEKER):
        return {}
    participant_id = actor().participant_id
    if participant_id is None:
        return {}
    found = choices.open_choices(look, municipality_id(), participant_id, dates.today())
    return {choice.offer: choice for choice in reversed(found)}
