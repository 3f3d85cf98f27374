"""The main menu, by role."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from core.actor import FINANCE, PROVIDER, STAFF, Role

PUBLIC = (
    ("public.start", _l("Start")),
    ("public.compare", _l("Jämför anordnare")),
    ("public.register", _l("Registret")),
)
MENU = (
    ({Role.SEEKER}, "seeker.home", _l("Min väg")),
    ({Role.SEEKER}, "public.compare", _l("Jämför anordnare")),
    (PROVIDER, "provider.week", _l("Veckan")),
    (PROVIDER, "provider.money", _l("Pengarna")),
    (PROVIDER, "provider.results", _l("Resultat")),
    (PROVIDER, "provider.voice", _l("Deltagarnas röst")),
    (PROVIDER, "calculator.page", _l("Räkna")),
    ({Role.MANAGER}, "provider.applications", _l("Auktorisation")),
    ({Role.GUIDE, Role.INSPECTOR}, "casework.cases", _l("Ärenden")),
    ({Role.GUIDE}, "casework.messages", _l("Meddelanden")),
    ({Role.GUIDE}, "casework.non_choice", _l("Inte valt")),
    ({Role.SECRETARY, Role.CHAIR}, "casework.board", _l("Nämnden")),
    ({Role.INSPECTOR, Role.SECRETARY}, "casework.applications", _l("Ansökningar")),
    ({Role.INSPECTOR}, "casework.watch", _l("Bevakning")),
    (
        {Role.INSPECTOR, Role.SECRETARY, Role.CHAIR, Role.GUIDE, Role.ADMINISTRATOR},
        "casework.register",
        _l("Registret"),
    ),
    (FINANCE, "finance.overview", _l("Utbetalningar")),
    (FINANCE, "finance.bank_details", _l("Bankuppgifter")),
    (FINANCE, "calculator.page", _l("Räkna")),
    (STAFF, "oversight.figures", _l("Statistik")),
    ({Role.ADMINISTRATOR, Role.INSPECTOR}, "casework.trail", _l("Granskningslogg")),
)
AT_WORK = ("provider.results", "provider.week", "provider.money", "provider.voice")
"""Pages that say nothing to somebody who works for no provider yet."""


def items(user: Any) -> list[tuple[str, str]]:
    """(endpoint, text) of what the user's roles lead to; for a stranger the public pages."""
    if not user or not user.is_authenticated:
        return [(endpoint, str(text)) for endpoint, text in PUBLIC]
    found = [
        (endpoint, str(text))
        for roles, endpoint, text in MENU
        if user.actor.has(*roles) and (endpoint not in AT_WORK or user.actor.provider_id is not None)
    ]
    return found or [(endpoint, str(text)) for endpoint, text in PUBLIC]
