"""When an ended accreditation may be wound down, and closed for good. Pure."""

from __future__ import annotations

from datetime import date

from core.dates import add_months
from core.refusal import Refusal


def tail_ends_on(to_on: date, tail_months: int) -> date:
    """The last day a result of the ended accreditation can still come and be paid."""
    return add_months(to_on, tail_months)


def may_wind_down(unplanned: int) -> None:
    """Refuse while any running customer lacks a plan."""
    if unplanned:
        raise Refusal(
            "customers_without_plan",
            "{count} deltagare saknar en plan. Ge alla en plan först.",
            count=unplanned,
        )


def may_close(
    *, to_on: date, tail_months: int, running: int, unchecked: int, unpaid: int, today: date
) -> None:
    """Refuse while somebody is there, a result waits to be judged, money waits for its statement, or a result
    may still come."""
    if running:
        raise Refusal("customers_left", "{count} deltagare går kvar. Stäng när ingen är kvar.", count=running)
    if unchecked:
        raise Refusal(
            "checks_left",
            "{count} resultat väntar på prövning. Stäng när de är prövade.",
            count=unchecked,
        )
    if unpaid:
        raise Refusal(
            "statement_left",
            "{count} rader väntar på det sista beskedet. Stäng när utbetalningen är gjord.",
            count=unpaid,
        )
    last = tail_ends_on(to_on, tail_months)
    if today <= last:
        raise Refusal(
            "tail_runs",
            "Resultat kan komma och betalas till och med {day}. Stäng efter den dagen.",
            day=last.isoformat(),
        )
