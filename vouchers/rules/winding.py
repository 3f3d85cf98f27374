"""Who may stay for a time at a provider whose accreditation has ended. Pure."""

from __future__ import annotations

from datetime import date

from core.refusal import Refusal


def may_stay(*, has_started: bool, to_on: date | None, latest: date, today: date) -> None:
    """Refuse to let somebody stay who has not begun, or without a day, or to a day that is past or too far.

    `latest` is the last day that anything can be paid for.
    """
    if not has_started:
        raise Refusal(
            "stay_not_started",
            "Den som inte har börjat kan inte stanna. Låt personen välja på nytt.",
            status=422,
        )
    if to_on is None:
        raise Refusal("stay_day_missing", "Skriv vilken dag den som stannar går där till.", status=422)
    if to_on <= today:
        raise Refusal(
            "stay_day_passed", "Sista dagen för den som stannar måste vara efter i dag.", status=422
        )
    if to_on > latest:
        raise Refusal(
            "stay_too_long",
            "Den som stannar kan gå kvar till och med {day}, inte längre.",
            day=latest.isoformat(),
            status=422,
        )
