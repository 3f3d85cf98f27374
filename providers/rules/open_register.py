"""What the public may know of an accreditation, in a few words. Pure."""

from __future__ import annotations

from datetime import date

from providers.rules.accreditation import CHOOSABLE_STATES, ENDED_STATES, OPEN_STATES

DECIDED_STATES = (*OPEN_STATES, *ENDED_STATES)
"""Accredited, now or once. What is applied for, refused or dismissed is not in the register."""
PUBLIC_STATES = ("accredited", "not_yet", "provisionally_revoked", "ending", "ended")
CURRENT_STATES = PUBLIC_STATES[:4]
INTAKES = ("open", "stopped", "full", "closed")
EVENTS = (
    "accreditation.accredited",
    "accreditation.renewed",
    "accreditation.intake_stopped",
    "accreditation.intake_opened",
    "accreditation.provisionally_revoked",
    "accreditation.lifted",
    "accreditation.reaccreditation_due",
    "accreditation.reaccreditation_called_off",
    "accreditation.withdrawn",
    "accreditation.revoked",
    "accreditation.expired",
    "accreditation.closed",
)
"""What the feed tells. Warnings, proposals and reminders are between the municipality and the provider."""


def public_state(state: str, from_on: date, to_on: date | None, today: date) -> str:
    """One of `PUBLIC_STATES`. Who is warned, or about whom something is proposed, is accredited as before."""
    if to_on is not None and to_on < today:
        return "ended"
    if state in ENDED_STATES:
        return "ending"
    if state == "provisionally_revoked":
        return state
    return "not_yet" if from_on > today else "accredited"


def intake(state: str, public: str, *, is_stopped: bool, is_full: bool) -> str:
    """One of `INTAKES`: closed when nobody may choose it at all, stopped by somebody, full, or open."""
    if public != "accredited":
        return "closed"
    if is_stopped or state not in CHOOSABLE_STATES:
        return "stopped"
    return "full" if is_full else "open"


def is_personal(organisation_number: str) -> bool:
    """Whether the number is a person's: a sole trader has no other, and persons are not in the register.

    An organisation's third digit is at least 2; a person's is the first of a month, 0 or 1.
    """
    return organisation_number[2:3] in ("0", "1")
