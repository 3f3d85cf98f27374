"""When a voucher may be taken back, lapse, or be closed for good. Pure."""

from __future__ import annotations

from datetime import date

from core.refusal import Refusal


def may_end(*, first_on: date | None, ended_on: date, today: date) -> None:
    """Refuse to end what has not begun, or on a day before it began or that has not come."""
    if first_on is None:
        raise Refusal(
            "not_begun", "Insatsen har inte börjat. Återkalla beslutet, eller låt det förfalla, i stället."
        )
    if not first_on <= ended_on <= today:
        raise Refusal(
            "last_day_between",
            "Sista dagen ska vara från {first} till i dag.",
            status=422,
            first=first_on.isoformat(),
        )


def may_revoke(*, has_begun: bool, reasons: str) -> None:
    """Refuse to take a decision back when somebody has begun: then the service is ended instead."""
    if has_begun:
        raise Refusal("has_begun", "Insatsen har börjat och kan inte återkallas. Avsluta den i stället.")
    _reasons(reasons)


def may_lapse(*, has_begun: bool, last_day: date, reasons: str, today: date) -> None:
    """Refuse to let a voucher lapse while the window is open, or when somebody has begun."""
    if has_begun:
        raise Refusal(
            "has_begun_ends",
            "Insatsen har börjat hos någon. Avsluta den i stället för att låta den förfalla.",
        )
    if today <= last_day:
        raise Refusal(
            "window_still_open",
            "Personen kan välja till och med {day}. Insatsen kan förfalla när den dagen har gått.",
            day=last_day.isoformat(),
        )
    _reasons(reasons)


def may_close(*, reports: int, checks: int, unpaid: int, open_on: date | None, today: date) -> None:
    """Refuse to close while anything is due: reports to judge, checks that nobody has judged, money that is
    earned and not booked. `open_on` is the last day that a report or a result can still come, or None."""
    if reports or checks:
        raise Refusal(
            "still_to_judge",
            "{count} rapporter eller resultat väntar på bedömning. Bedöm dem först.",
            count=reports + checks,
        )
    if open_on is not None and today <= open_on:
        raise Refusal(
            "still_open",
            "Anordnaren kan rapportera och anmäla resultat till och med {day}. Stäng efter den dagen.",
            day=open_on.isoformat(),
        )
    if unpaid:
        raise Refusal("still_to_pay", "Det finns ersättning som inte är bokförd än. Vänta på nästa körning.")


def _reasons(reasons: str) -> None:
    if not reasons.strip():
        raise Refusal("reasons_missing", "Skriv skälen för beslutet.", status=422)
