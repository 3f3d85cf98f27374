"""What participants say of the provider, as everybody may see it."""

from __future__ import annotations

from app.provider.views.door import portal, workplace
from app.web import municipality_id, open_to, reading, shown
from core.actor import Role
from vouchers.queries.voice import voice_of


@portal.route("/voice")
@open_to(Role.COACH, Role.MANAGER)
def voice() -> tuple[str, int]:
    """The ratings, question by question. Never who said what, never anybody's own words."""
    provider_id = workplace()
    with reading() as session:
        said = voice_of(session, municipality_id(), provider_id)
    return shown("provider/voice.html", asked=said.asked, is_heard=said.is_heard, minimum=said.minimum)
