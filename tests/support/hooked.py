"""A marked person's life as providers' systems are told of it."""

from __future__ import annotations

from app.api.deliveries import gather
from app.api.hook_actions import make_webhook, send_trial
from app.api.models import EVENTS
from tests.support.marked import TODAY, Marked
from tests.support.town import noon


def tell_systems(world: Marked) -> None:
    """Everything of the person is told to both providers' systems, as far as a webhook may."""
    with world.doing() as session:
        for name in ("first manager", "second manager"):
            hook, _secret = make_webhook(
                session, "https://system.example.org/", list(EVENTS), by=world.insiders[name], at=noon(TODAY),
                is_production=True,
            )  # fmt: skip
            hook.seen_sequence = 0
            send_trial(session, hook.id, by=world.insiders[name], at=noon(TODAY))
        gather(session, 1, noon(TODAY))
