"""What counts as a result, when each part of it is due to be checked, and on what evidence."""

from __future__ import annotations

from datetime import date, timedelta

from core.dates import add_months
from core.refusal import Refusal
from vouchers.rules.terms import Service, Terms

REFUSALS = ("no_evidence", "evidence_does_not_fit", "ended_too_early", "not_a_result", "too_late")


def may_claim(
    *,
    kind: str,
    service: Service,
    starts_on: date,
    last_day: date,
    started_on: date | None,
    terms: Terms,
    today: date,
) -> None:
    """Refuse a claim for what the service does not lead to, or outside the time that the rulebook gives."""
    if started_on is None:
        raise Refusal("leg_not_started", "Insatsen har inte startat. Registrera starten först.")
    if kind not in service.outcomes:
        raise Refusal(
            "outcome_not_for_service", "Den insatsen leder inte till ett sådant resultat.", status=422
        )
    if last_day < started_on or last_day > today:
        raise Refusal("last_day_wrong", "Sista dagen måste ligga mellan starten och i dag.", status=422)
    if starts_on > today:
        raise Refusal(
            "outcome_in_future", "Resultatet har inte börjat än. Anmäl det när det har börjat.", status=422
        )
    if starts_on < started_on:
        raise Refusal("outcome_before_start", "Resultatet började före insatsen.", status=422)
    if starts_on > last_day + timedelta(days=terms.claim_within_days):
        raise Refusal(
            "outcome_too_late",
            "Resultatet började mer än {days} dagar efter insatsen.",
            status=422,
            days=terms.claim_within_days,
        )


def result_dates(starts_on: date, terms: Terms) -> tuple[date, ...]:
    """The day each part of the result falls due, in calendar months from its first day."""
    return tuple(add_months(starts_on, months) for months in terms.result_after_months)


def bonus_date(ended_on: date, terms: Terms) -> date:
    """The day the bonus case opens: 31 August + 6 months is the last of February."""
    return add_months(ended_on, terms.bonus_after_months)


def may_judge(
    *, due_on: date, passed: bool, source: str | None, code: str | None, terms: Terms, today: date
) -> None:
    """Refuse a judgement before its day, a yes without a named source, a no without a reason."""
    if today < due_on:
        raise Refusal("check_not_due", "Det kan prövas tidigast {day}.", day=due_on.isoformat())
    if passed and source not in terms.sources:
        raise Refusal("source_missing", "Ange vilket underlag du har kontrollerat.", status=422)
    if not passed and code not in REFUSALS:
        raise Refusal("refusal_code_missing", "Ange varför resultatet inte godkänns.", status=422)
