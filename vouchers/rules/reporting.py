"""What a monthly report may be about, and when it is late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from core.dates import add_months, add_working_days, first_of_month, last_of_month
from core.refusal import Refusal
from vouchers.rules import states
from vouchers.rules.pauses import Span, whole_month_paused
from vouchers.rules.reports import is_late
from vouchers.rules.terms import Terms


def due_on(month: date, terms: Terms) -> date:
    """The last day to report a month: a working day, counted from the month's end."""
    return _due_on(month, terms.report_by_working_day)


@lru_cache(maxsize=4_096)
def _due_on(month: date, working_day: int) -> date:
    return add_working_days(last_of_month(month), working_day)


def check_month(
    values: Mapping[str, Any],
    *,
    started_on: date | None,
    ended_on: date | None,
    living: str | None,
    terms: Terms,
    today: date,
) -> bool:
    """Whether the month's report is late; Refusal where it may not be handed in today.

    `values` are what `fields.read_all("monthly", …)` found without a fault. `living` is the state of the
    report of that month that has not been taken back, None when there is none.
    """
    month = first_of_month(values["month"])
    may_report(month=month, started_on=started_on, ended_on=ended_on, terms=terms, today=today)
    if living is not None and not states.report.can(living, "submit"):
        raise already()
    return is_late(due_on(month, terms), living=living, terms=terms.reports, today=today)


def already() -> Refusal:
    """What to say of a month that has been reported."""
    return Refusal(
        "report_exists",
        "Månaden är redan rapporterad. Ta tillbaka den rapporten först om något är fel i den.",
    )


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
