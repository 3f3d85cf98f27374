"""Why somebody who did not choose was given a provider, in words: for staff, and for the person."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _

from vouchers.queries.non_choice import Why


def reason(rule: str, facts: Mapping[str, object]) -> str:
    """For staff: what the rule found."""
    because = facts.get("because")
    if rule == "nearest":
        return _("Närmast: %(far)s, fågelvägen", far=distance(facts.get("kilometres")))
    if rule == "own_run":
        return _("Kommunens egen")
    if rule == "rotation":
        turn = _("På tur: har fått %(given)s på tolv månader, färst av %(among)s", **_counts(facts))
        instead = {
            "no_address": _("ingen vet var personen bor"),
            "no_spots": _("ingen vet var anordnarna finns"),
            "protected": _("aldrig efter avstånd"),
        }.get(str(because))
        return f"{turn} ({instead})" if instead else turn
    if because == "all_full":
        return _("Ingen som personen kan få har en ledig plats")
    if because == "own_run_closed":
        return _("Kommunens egen tar inte emot")
    return _("Valt för hand")


def _counts(facts: Mapping[str, object]) -> dict[str, object]:
    return {"given": facts.get("given", 0), "among": facts.get("among", 0)}


def distance(kilometres: object) -> str:
    """ungefär 2 km; no more exactly than a postal code can say."""
    if not isinstance(kilometres, int):
        return _("okänt avstånd")
    return _("ungefär %(number)s km", number=kilometres) if kilometres else _("mindre än en kilometer")


def told(why: Why | None, provider: str) -> str:
    """For the person: that no choice was made in time, whom the municipality chose and why, that it can be
    changed."""
    late = _("Du valde inte i tid.")
    if why is not None and why.kilometres is not None:
        said = _("Vi valde %(who)s, för att de är närmast dig: %(far)s.",
                 who=provider, far=distance(why.kilometres))  # fmt: skip
    elif why is not None and why.rule == "rotation":
        said = _("Vi valde %(who)s, för att det var deras tur.", who=provider)
    elif why is not None and why.rule == "own_run":
        said = _("Vi valde %(who)s, för att det är kommunens egen verksamhet.", who=provider)
    else:
        said = _("Kommunen valde %(who)s åt dig.", who=provider)
    return f"{late} {said} " + _("Du kan byta.")
