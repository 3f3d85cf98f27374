"""When an application has been reviewed enough, and what the reviewers' findings allow. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from core.refusal import Refusal
from providers.rules.conditions import Condition

Verdicts = Mapping[str, Mapping[int, str]]
"""Condition → reviewer → verdict (met, not_met, unclear)."""


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
