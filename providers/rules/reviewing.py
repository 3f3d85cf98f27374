"""When an application has been reviewed enough, and what the reviewers' findings allow. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from core.refusal import Refusal
from providers.rules.conditions import Condition
from providers.rules.deciding import need_ahead

Verdicts = Mapping[str, Mapping[int, str]]
"""Condition → reviewer → verdict (met, not_met, unclear). A reviewer has one verdict of a condition."""
FARTHEST_DAYS = 366


def unjudged(verdicts: Verdicts, conditions: Iterable[Condition], reviewers: int) -> list[str]:
    """Conditions that too few independent reviewers have judged."""
    return [one.code for one in conditions if len(verdicts.get(one.code, {})) < reviewers]


def not_met(verdicts: Verdicts, conditions: Iterable[Condition]) -> list[str]:
    """Conditions that some reviewer has not found to be met."""
    return [
        one.code
        for one in conditions
        if any(verdict != "met" for verdict in verdicts.get(one.code, {}).values())
    ]


def may_propose(kind: str, verdicts: Verdicts, conditions: Collection[Condition], reviewers: int) -> None:
    """Refuse a proposal before enough reviewers have judged, or one that the findings speak against.

    Dismissal (avvisning) is about the application, not the conditions, and needs no findings.
    """
    if kind == "dismiss":
        return
    left = unjudged(verdicts, conditions, reviewers)
    if left:
        raise Refusal(
            "review_unfinished",
            "{count} villkor är inte granskade av {reviewers} personer än.",
            count=len(left),
            reviewers=reviewers,
        )
    failing = not_met(verdicts, conditions)
    if kind == "accredit" and failing:
        raise Refusal(
            "conditions_not_met",
            "{count} villkor är inte uppfyllda. Begär komplettering eller föreslå avslag.",
            count=len(failing),
        )
    if kind == "refuse" and not failing:
        raise Refusal(
            "all_conditions_met",
            "Alla villkor är uppfyllda. Den som uppfyller villkoren ska auktoriseras.",
        )


def awaits_answer(state: str, due_on: date | None, today: date) -> bool:
    """Whether the applicant still has time to answer; until then nobody goes on without the answer."""
    return state == "supplement_requested" and due_on is not None and due_on >= today


def may_ask_until(due_on: date, today: date) -> None:
    """Refuse a deadline for a supplement that is not after today, or too far ahead to mean anything."""
    need_ahead(due_on, today)
    if (due_on - today).days > FARTHEST_DAYS:
        raise Refusal("deadline_too_far", "Sista dagen får vara högst ett år fram.", status=422)


def may_begin_on(from_on: date, today: date) -> None:
    """Refuse an accreditation that would have begun before it was decided, or begin too far ahead."""
    if from_on < today:
        raise Refusal("begins_before_decision", "Auktorisationen kan börja tidigast i dag.", status=422)
    if (from_on - today).days > FARTHEST_DAYS:
        raise Refusal("begins_too_late", "Auktorisationen ska börja inom ett år.", status=422)
