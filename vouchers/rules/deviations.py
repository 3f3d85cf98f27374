"""An absence from one occasion: what is told, until when, and what its times must say together. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from core.dates import add_months, add_working_days, last_of_month
from core.refusal import Refusal
from vouchers.rules.pauses import Span, paused_days
from vouchers.rules.reports import ReportTerms
from vouchers.rules.terms import Terms


def contradictions(values: Mapping[str, Any], terms: Terms | None) -> dict[str, Refusal]:
    """What the times of a deviation contradict each other in, by the field to change. Times are minutes after
    midnight. `terms` gives how long an absence must be to be told."""
    faults = {}
    if values["expected_from"] >= values["expected_to"]:
        faults["expected_to"] = Refusal(
            "time_backwards", "Sluttiden måste ligga efter starttiden.", status=422
        )
    if values["absent_from"] >= values["absent_to"]:
        faults["absent_to"] = Refusal("time_backwards", "Sluttiden måste ligga efter starttiden.", status=422)
    if faults:
        return faults
    outside = Refusal(
        "absent_outside", "Frånvaron måste ligga inom tiden som mötet skulle hålla på.", status=422
    )
    if not values["expected_from"] <= values["absent_from"] < values["expected_to"]:
        faults["absent_from"] = outside
    if values["absent_to"] > values["expected_to"]:
        faults["absent_to"] = outside
    least = terms.reports.deviation_minutes if terms is not None and terms.reports is not None else 0
    if not faults and values["absent_to"] - values["absent_from"] <= least:
        faults["absent_to"] = Refusal(
            "absence_short",
            "Bara frånvaro som är längre än {minutes} minuter anmäls.",
            status=422,
            minutes=least,
        )
    return faults


def due_on(happened_on: date, rules: ReportTerms) -> date:
    """The last day to tell it: a working day, counted from the day it happened."""
    return add_working_days(happened_on, rules.deviation_days)


def is_late(happened_on: date, terms: Terms, today: date) -> bool:
    """Whether it is told after its last day."""
    return terms.reports is not None and today > due_on(happened_on, terms.reports)


def is_open(started_on: date | None, terms: Terms) -> ReportTerms:
    """What the rulebook says of absences; Refusal where nothing can be told of that time with a provider."""
    if terms.reports is None:
        raise Refusal("deviations_not_told", "I den här insatsen anmäls inte frånvaro.")
    if started_on is None:
        raise Refusal("leg_not_started", "Insatsen har inte startat. Registrera starten först.")
    return terms.reports


def may_tell(
    *,
    happened_on: date,
    started_on: date | None,
    ended_on: date | None,
    paused: Sequence[Span],
    terms: Terms,
    today: date,
) -> None:
    """Refuse an absence from a day that the person was not to be there, that lies ahead, or is long gone.

    `paused` are the paused days of the time with that provider.
    """
    rules = is_open(started_on, terms)
    if happened_on > today:
        raise Refusal("deviation_in_future", "Dagen har inte varit än.", status=422)
    if (started_on and happened_on < started_on) or (ended_on is not None and happened_on > ended_on):
        raise Refusal(
            "deviation_outside_service", "Personen var inte hos er den dagen. Välj en annan dag.", status=422
        )
    if paused_days(paused, happened_on, happened_on):
        raise Refusal(
            "deviation_in_pause", "Insatsen hade paus den dagen. Då anmäls ingen frånvaro.", status=422
        )
    if today > last_of_month(add_months(happened_on, terms.report_latest_months)):
        raise Refusal(
            "deviation_too_old",
            "Dagen är äldre än {months} månader och kan inte anmälas längre. Kontakta kommunen.",
            months=terms.report_latest_months,
        )
    if rules.late == "refused" and is_late(happened_on, terms, today):
        raise Refusal(
            "deviation_late",
            "Sista dagen att anmäla var {day}. Kontakta kommunen.",
            day=due_on(happened_on, rules).isoformat(),
        )
