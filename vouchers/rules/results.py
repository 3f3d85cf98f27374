"""What counts as a result, when each part of it is due to be checked, and on what evidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from core.dates import add_months
from core.refusal import Refusal
from vouchers.rules.terms import Service, Terms

LONGEST_NAME = 200
COMPANY_WORDS = ("ab", "aktiebolag", "hb", "handelsbolag", "kb", "kommanditbolag", "publ", "(publ)")
"""What a company's name is written with or without."""
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


@dataclass(frozen=True)
class Organisation:
    """An organisation by its number, ten digits or none, and its name."""

    number: str | None
    name: str = ""


def whole_claim(
    *,
    kind: str,
    employer: Organisation,
    extent_percent: int,
    starts_on: date,
    ends_on: date | None,
    municipal: bool = False,
) -> None:
    """Refuse a claim whose parts do not fit together: extent, employer, days.

    A sole trader has a personal number for organisation number, and that is never kept: the name does.
    """
    if not 1 <= extent_percent <= 100:
        raise Refusal("extent_wrong", "Omfattningen ska vara 1 till 100 procent.", status=422)
    if employer.number is not None and is_personal(employer.number):
        raise Refusal(
            "employer_is_a_person",
            "Det är ett personnummer. Lämna numret tomt, och skriv firmans namn i stället.",
            status=422,
        )
    if kind == "work" and employer.number is None and not employer.name:
        raise Refusal("employer_missing", "Skriv arbetsgivarens organisationsnummer.", status=422)
    if len(employer.name) > LONGEST_NAME:
        raise Refusal(
            "employer_name_long", "Arbetsgivarens namn får vara högst {most} tecken.", most=LONGEST_NAME,
            status=422,
        )  # fmt: skip
    if ends_on is not None and ends_on < starts_on:
        raise Refusal("outcome_ends_before", "Sista dagen kan inte ligga före den första.", status=422)
    if municipal and kind != "work":
        raise Refusal("municipal_is_work", "Bara ett arbete kan vara en anställning i kommunen.", status=422)


def is_personal(number: str) -> bool:
    """Whether ten digits are a personal number: an organisation's third digit is two or more."""
    return number[2] < "2"


def relation(employer: Organisation, provider: Organisation, group: Iterable[Organisation]) -> str | None:
    """Whether the employer is the provider (own) or of its declared group (group); None when neither.

    By number; an employer without one by name, letter case and spaces apart.
    """
    if _same(employer, provider):
        return "own"
    return "group" if any(_same(employer, one) for one in group) else None


def _same(one: Organisation, other: Organisation) -> bool:
    if one.number is not None:
        return one.number == other.number
    return bool(one.name.strip()) and _plain(one.name) == _plain(other.name)


def _plain(name: str) -> str:
    words = name.casefold().replace(",", " ").replace(".", " ").split()
    return " ".join(word for word in words if word not in COMPANY_WORDS)


def is_next_step(
    *, before: Service, after: Service, last_day: date | None, decided_on: date, terms: Terms
) -> bool:
    """Whether a decision on a new service is the step that the rules of the service before name: from one
    that prepares to one that matches, not later than a result may begin. `terms` are those of the one before;
    `last_day` the person's last day there."""
    return (
        "next_step" in before.outcomes
        and before.kind != "matching"
        and after.kind == "matching"
        and last_day is not None
        and last_day <= decided_on <= last_day + timedelta(days=terms.claim_within_days)
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
