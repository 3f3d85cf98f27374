"""What participants say of a provider, for staff."""

from __future__ import annotations

from app.casework.views.portal import portal
from app.web import actor, municipality_id, open_to, reading, shown
from core.actor import Role
from core.database import fetch
from providers.models import Provider
from vouchers.queries.voice import voice_of


@portal.route("/providers/<int:provider_id>/voice")
@open_to(Role.GUIDE, Role.INSPECTOR)
def voice(provider_id: int) -> tuple[str, int]:
    """The ratings, and for inspectors people's own words, when enough have answered."""
    with reading() as session:
        provider = fetch(session, Provider, municipality_id(), provider_id)
        said = voice_of(session, municipality_id(), provider_id)
    return shown("casework/voice.html", provider=provider, said=said, reads_words=actor().has(Role.INSPECTOR))
