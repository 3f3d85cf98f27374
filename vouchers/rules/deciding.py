"""What a decision on a voucher must hold, what may run beside it, and what it rests on. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core.refusal import Refusal
from vouchers.rules.instrument import counts_to
from vouchers.rules.terms import Terms

OVER = ("ended", "closed", "revoked", "lapsed")


@dataclass(frozen=True)
class Wanted:
    """What a guide wants to decide."""

    service: str
    level: str
    months: int
    reasons: str
    target_group: str | None
    studies: str


@dataclass(frozen=True)
class Running:
    """A voucher that runs already: its kundval, what that kundval allows beside it, and its title."""

    scheme: str
    also: tuple[str, ...]
    title: str


def may_decide(wanted: Wanted, terms: Terms) -> None:
    """Refuse what the rulebook does not know, or a decision without reasons."""
    service = terms.services.get(wanted.service)
    if service is None or wanted.level not in {level.code for level in service.levels}:
        raise Refusal("service_unknown", "Den insatsen eller nivån finns inte i regelverket.", status=422)
    if not 1 <= wanted.months <= service.months:
        raise Refusal(
            "length_wrong", "Insatsen kan vara 1 till {months} månader.", status=422, months=service.months
        )
    if not wanted.reasons.strip():
        raise Refusal("reasons_missing", "Skriv skälen för beslutet.", status=422)
    groups = {group.code for group in terms.target_groups}
    if groups and wanted.target_group is None:
        raise Refusal("target_group_missing", "Ange vilken målgrupp personen hör till.", status=422)
    if wanted.target_group is not None and wanted.target_group not in groups:
        raise Refusal("target_group_unknown", "Den målgruppen finns inte i regelverket.", status=422)
    if wanted.studies != "none" and wanted.studies not in terms.studies:
        raise Refusal(
            "studies_not_combined",
            "Insatsen kan inte förenas med de studierna enligt regelverket.",
            status=422,
        )


def may_run_beside(scheme: str, also: tuple[str, ...], running: Sequence[Running]) -> None:
    """Refuse a second voucher in a kundval, and one beside another unless both rulebooks allow it."""
    for one in running:
        if one.scheme == scheme:
            raise Refusal("voucher_running", "Personen har redan en pågående insats i det här kundvalet.")
        if scheme not in one.also or one.scheme not in also:
            raise Refusal(
                "kundval_not_combined",
                "Kundvalet kan inte förenas med {kundval}, där personen har en pågående insats.",
                kundval=one.title,
            )


def may_rest_on(met_on: date | None, terms: Terms, today: date) -> None:
    """Refuse a decision without an assessment, or on one too old. `met_on` is None without any.

    Without an instrument in the rulebook nothing is asked.
    """
    if terms.instrument is None:
        return
    if met_on is None:
        raise Refusal(
            "assessment_missing",
            "Gör en bedömning först. Där prövas också om statens egna insatser räcker.",
        )
    if today > counts_to(met_on, terms.instrument):
        raise Refusal(
            "assessment_too_old",
            "Bedömningen gällde till och med {day}. Gör en ny bedömning först.",
            day=counts_to(met_on, terms.instrument).isoformat(),
        )
