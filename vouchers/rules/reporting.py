"""What a monthly report may be about, and when it is late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from core.dates import add_months, add_working_days, first_of_month, last_of_month
from core.refusal import Refusal
from vouchers.rules.pauses import Span, whole_month_paused
from vouchers.rules.terms import Terms

MOST_MINUTES = 31 * 24 * 60


def due_on(month: date, terms: Terms) -> date:
    """The last day to report a month: a working day, counted from the month's end."""
    return add_working_days(last_of_month(month), terms.report_by_working_day)


def may_report(
    *, month: date, started_on: date | None, ended_on: date | None, terms: Terms, today: date
) -> None:
    """Refuse a report for a month that has not begun, or that the person was not there, or long gone."""
    if started_on is None:
        raise Refusal("leg_not_started", "Insatsen har inte startat. Registrera starten först.")
    if month > first_of_month(today):
        raise Refusal(
            "report_in_future", "Månaden har inte varit än. Rapportera när den är slut.", status=422
        )
    if (
        month == first_of_month(today)
        and today < last_of_month(month)
        and (ended_on is None or ended_on > today)
    ):
        raise Refusal(
            "report_too_early",
            "Månaden är inte slut än. Rapportera från och med {day}.",
            status=422,
            day=last_of_month(month).isoformat(),
        )
    if month < first_of_month(started_on) or (ended_on is not None and month > ended_on):
        raise Refusal(
            "report_outside_service", "Personen var inte hos er den månaden. Välj en annan månad.", status=422
        )
    if today > last_of_month(add_months(month, terms.report_latest_months)):
        raise Refusal(
            "report_too_late",
            "Månaden är äldre än {months} månader och kan inte rapporteras längre. Kontakta kommunen.",
            months=terms.report_latest_months,
        )


def months_to_report(
    started_on: date, ended_on: date | None, today: date, paused: Sequence[Span] = ()
) -> list[date]:
    """The first days of all months that are over, or ended with the service, from start to now; but for
    months that were paused from the first to the last day the person could have been there."""
    months, month = [], first_of_month(started_on)
    last = min(ended_on, today) if ended_on else today
    while month <= last:
        is_over = last_of_month(month) <= today or (ended_on is not None and ended_on <= today)
        first, to = max(started_on, month), min(last_of_month(month), ended_on or date.max)
        if is_over and not whole_month_paused(paused, first, to):
            months.append(month)
        month = add_months(month, 1)
    return months
