"""Where a provider is paid: what a proposal waits for, whom to call, and when money may go there. Pure."""

from __future__ import annotations

from datetime import date, timedelta

STATES = ("waiting", "called", "approved", "refused", "withdrawn")
WAITING = ("waiting", "called")
"""Nobody has answered yet; in the second somebody has called the provider back."""


def state(*, called: bool, approved: bool, refused: bool, withdrawn: bool) -> str:
    """One of `STATES`."""
    if approved:
        return "approved"
    if refused or withdrawn:
        return "refused" if refused else "withdrawn"
    return "called" if called else "waiting"


def is_known_since(added_on: date, proposed_on: date) -> bool:
    """Whether a contact was known before the details came, so that a call back proves something."""
    return added_on < proposed_on


def first_use_on(approved_on: date, cooling_off_days: int) -> date:
    """The first day that money may go to details approved that day."""
    return approved_on + timedelta(days=cooling_off_days)


def hindrance(proposed_by: int, called_by: int | None, by: int) -> str | None:
    """Why this person may not approve: not_called, is_proposer or is_caller; None when nothing hinders."""
    if proposed_by == by:
        return "is_proposer"
    if called_by is None:
        return "not_called"
    return "is_caller" if called_by == by else None
