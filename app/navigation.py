"""The main menu, by role."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from core.actor import STAFF, Role


def items(user: Any) -> list[tuple[str, str]]:
    """(endpoint, text) of what the user's roles lead to; for a stranger the public pages."""
    public = [("public.start", _("Start")), ("public.compare", _("Jämför anordnare"))]
    if not user or not user.is_authenticated:
        return public
    has = user.actor.has
    found: list[tuple[str, str]] = []
    if has(Role.SEEKER):
        found += [("seeker.home", _("Min väg")), ("public.compare", _("Jämför anordnare"))]
    if has(Role.COACH, Role.MANAGER):
        found += [("provider.week", _("Veckan"))]
    if has(Role.MANAGER, Role.COACH):
        found += [("provider.money", _("Pengarna"))]
    if has(Role.GUIDE, Role.INSPECTOR):
        found += [("casework.cases", _("Ärenden"))]
    if has(Role.INSPECTOR, Role.SECRETARY, Role.GUIDE, Role.ADMINISTRATOR):
        found += [("casework.register", _("Registret"))]
    if has(Role.MAKER, Role.SIGNER):
        found += [("finance.overview", _("Utbetalningar"))]
    if has(*STAFF):
        found += [("oversight.figures", _("Statistik"))]
    if has(Role.ADMINISTRATOR, Role.INSPECTOR):
        found += [("casework.trail", _("Granskningslogg"))]
    return found or public
