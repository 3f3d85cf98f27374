"""When a provider may say no to somebody who chose it: for the rulebook's reasons, if they are so. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from core.refusal import Refusal

NO_PLACES = "no_places"
FEW_DAYS = "few_days_left"


@dataclass(frozen=True)
class Grounds:
    """What a no can rest on. `reasons` are the rulebook's; without them any no goes.

    `has_place` is whether the intake is open and the place that the person has taken is really free.
    `days_left` of the service is None before it has begun anywhere: then all of it is left.
    """

    reasons: tuple[str, ...]
    has_place: bool
    days_left: int | None
    least_days_left: int


def may_decline(reason: str | None, grounds: Grounds) -> None:
    """Refuse a no without a reason of the rulebook, or with one that is not so."""
    if not grounds.reasons:
        return
    if reason not in grounds.reasons:
        raise Refusal(
            "decline_reason_missing", "Välj ett av skälen i listan. Andra skäl går inte.", status=422
        )
    if reason == NO_PLACES and grounds.has_place:
        raise Refusal(
            "has_places",
            "Ni tar emot och har en plats åt personen. Då kan ni inte tacka nej för att det är fullt.",
            status=422,
        )
    enough = grounds.days_left is None or grounds.days_left >= grounds.least_days_left
    if reason == FEW_DAYS and enough:
        raise Refusal(
            "days_enough",
            "Det måste vara färre än {least} dagar kvar av insatsen, och det är det inte.",
            least=grounds.least_days_left,
            status=422,
        )


def closed_reasons(grounds: Grounds) -> dict[str, Refusal]:
    """The reasons that are not so today, each with what would be refused."""
    found = {}
    for reason in grounds.reasons:
        try:
            may_decline(reason, grounds)
        except Refusal as refusal:
            found[reason] = refusal
    return found
