"""Why an accreditation may end, and who may say so. Own fault, neutral, administrative stay apart. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from core.refusal import Refusal
from core.roles import Role

REASONS = {
    "conditions_not_met": "own_fault",
    "false_information": "own_fault",
    "result_review": "own_fault",
    "plan_not_followed": "own_fault",
    "no_customers": "neutral",
    "own_request": "neutral",
    "merger": "neutral",
    "renewed": "neutral",
    "not_renewed": "neutral",
    "bankruptcy": "administrative",
    "entered_in_error": "administrative",
    "kundval_ended": "administrative",
}
"""Reason → family of the end. The family is what statistics and a later application look at."""
REVOKING = tuple(code for code in REASONS if code not in ("renewed", "not_renewed", "own_request"))

BODIES = ("delegate", "chair", "board", "provider")
DECISIONS = (
    "accredited",
    "refused",
    "dismissed",
    "warned",
    "warning_lifted",
    "penalty",
    "provisionally_revoked",
    "lifted",
    "kept",
    "revoked",
    "reaccreditation_called_off",
    "expired",
    "withdrawn",
    "intake_stopped",
    "intake_opened",
    "closed",
)
PROPOSALS = ("accredit", "refuse", "dismiss", "revoke", "expire")
ANSWERS = (
    "accredited",
    "refused",
    "dismissed",
    "kept",
    "lifted",
    "revoked",
    "expired",
    "reaccreditation_called_off",
)
"""Decisions that answer an open proposal; the others leave it open."""
WINDING_PLANS = ("choose_again", "stay", "municipal_care")


@dataclass(frozen=True)
class Right:
    """Who decides: the body in whose name, and the roles that may put it into the system."""

    body: str
    roles: tuple[Role, ...]


RIGHTS = {
    "accredited": Right("delegate", (Role.INSPECTOR, Role.SECRETARY)),
    "refused": Right("delegate", (Role.INSPECTOR, Role.SECRETARY)),
    "dismissed": Right("delegate", (Role.INSPECTOR, Role.SECRETARY)),
    "warned": Right("delegate", (Role.INSPECTOR,)),
    "warning_lifted": Right("delegate", (Role.INSPECTOR,)),
    "penalty": Right("delegate", (Role.INSPECTOR,)),
    "intake_stopped": Right("delegate", (Role.INSPECTOR,)),
    "intake_opened": Right("delegate", (Role.INSPECTOR,)),
    "provisionally_revoked": Right("chair", (Role.CHAIR,)),
    "lifted": Right("board", (Role.SECRETARY,)),
    "kept": Right("board", (Role.SECRETARY,)),
    "revoked": Right("board", (Role.SECRETARY,)),
    "expired": Right("board", (Role.SECRETARY,)),
    "reaccreditation_called_off": Right("board", (Role.SECRETARY,)),
    "withdrawn": Right("provider", (Role.MANAGER,)),
    "closed": Right("delegate", (Role.INSPECTOR,)),
}
"""KL 6:38: every decision has a person. The clock holds no role, so it can take none of these."""


def family(reason: str) -> str:
    """own_fault, neutral or administrative."""
    return REASONS[reason]


def may_revoke(reason: str) -> None:
    """Refuse a reason that no revocation can have."""
    if reason not in REVOKING:
        raise Refusal("reason_missing", "Välj ett skäl i listan.", status=422)
