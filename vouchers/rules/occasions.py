"""Which occasions a provider may tell of: held, in the person's time, and not two at once. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core.dates import add_months, first_of_month
from core.refusal import Refusal
from vouchers.rules.terms import Terms

DAY_MINUTES = 24 * 60


@dataclass(frozen=True)
class Held:
    """An occasion that is told of already: when it began, in minutes after midnight, and how long it was."""

    started: int
    minutes: int


def may_record(
    *,
    held_on: date,
    started: int,
    minutes: int,
    started_on: date | None,
    ended_on: date | None,
    terms: Terms,
    beside: Sequence[Held],
    today: date,
) -> None:
    """Refuse an occasion that has not been, that the person cannot have been at, or that is told of already.

    `started_on` and `ended_on` are the person's first and last day at the provider; `beside` is what is told
    of the same person and day.
    """
    if started_on is None:
        raise Refusal("leg_not_started", "Insatsen har inte startat. Registrera starten först.")
    if held_on > today:
        raise Refusal("occasion_in_future", "Dagen har inte varit än.", status=422)
    if held_on < started_on or (ended_on is not None and held_on > ended_on):
        raise Refusal("occasion_outside_service", "Personen var inte hos er den dagen.", status=422)
    oldest = add_months(first_of_month(today), -terms.report_latest_months)
    if held_on < oldest:
        raise Refusal(
            "occasion_too_old", "Dagen får vara tidigast {day}.", status=422, day=oldest.isoformat()
        )
    if not (0 <= started < DAY_MINUTES and 1 <= minutes <= DAY_MINUTES - started):
        raise Refusal(
            "occasion_over_midnight", "Tillfället måste sluta samma dag som det började.", status=422
        )
    if any(one.started < started + minutes and started < one.started + one.minutes for one in beside):
        raise Refusal(
            "occasion_exists",
            "Personen var redan med på något den tiden. Ta tillbaka det först om det är fel.",
            status=422,
        )
