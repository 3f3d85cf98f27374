"""What is allowed in the registry: the life of an accreditation as one table of steps. Pure."""

from __future__ import annotations

from datetime import date, timedelta

from stdnum.se import orgnr

from core.refusal import Refusal
from core.states import Machine, Transitions

LEGAL_FORMS = ("private", "idea_based", "municipal")
ACCOUNT_KINDS = ("bankgiro", "plusgiro")

APPLYING_STATES = ("draft", "submitted", "supplement_requested", "under_review", "proposed")
TURNED_DOWN_STATES = ("refused", "dismissed")
OPEN_STATES = (
    "active",
    "intake_stopped",
    "warned",
    "dormant",
    "revocation_proposed",
    "provisionally_revoked",
    "reaccreditation_due",
)
"""The provider is accredited. In all but two of them it may be chosen; see `CHOOSABLE_STATES`."""
CHOOSABLE_STATES = tuple(
    state for state in OPEN_STATES if state not in ("intake_stopped", "provisionally_revoked")
)
ENDED_STATES = ("revoked", "expired", "withdrawn", "winding_down", "closed")
STATES = (*APPLYING_STATES, *TURNED_DOWN_STATES, *OPEN_STATES, *ENDED_STATES)

_UNDISTURBED = ("active", "intake_stopped", "dormant", "reaccreditation_due")
_WATCHED = (*_UNDISTURBED, "warned", "revocation_proposed")

TRANSITIONS: Transitions = {
    # the application
    ("draft", "submit"): "submitted",
    ("submitted", "request_supplement"): "supplement_requested",
    ("under_review", "request_supplement"): "supplement_requested",
    ("supplement_requested", "supplement"): "submitted",
    ("submitted", "take_up"): "under_review",
    ("supplement_requested", "take_up"): "under_review",
    ("under_review", "propose"): "proposed",
    ("proposed", "reopen"): "under_review",
    ("proposed", "accredit"): "active",
    ("proposed", "refuse"): "refused",
    ("proposed", "dismiss"): "dismissed",
    # intake
    ("active", "stop_intake"): "intake_stopped",
    ("intake_stopped", "open_intake"): "active",
    # no customers
    ("active", "fall_dormant"): "dormant",
    ("intake_stopped", "fall_dormant"): "dormant",
    ("dormant", "customer_came"): "active",
    ("revocation_proposed", "customer_came"): "active",
    # sanctions
    **{(state, "warn"): "warned" for state in _UNDISTURBED},
    ("warned", "lift_warning"): "active",
    **{(state, "propose_revocation"): "revocation_proposed" for state in (*_UNDISTURBED, "warned")},
    ("revocation_proposed", "keep"): "active",
    ("revocation_proposed", "revoke"): "revoked",
    **{(state, "revoke_provisionally"): "provisionally_revoked" for state in _WATCHED},
    ("provisionally_revoked", "lift"): "active",
    ("provisionally_revoked", "revoke"): "revoked",
    # new conditions
    **{(state, "require_reaccreditation"): "reaccreditation_due" for state in _UNDISTURBED[:3]},
    ("reaccreditation_due", "call_off"): "active",
    ("reaccreditation_due", "renew"): "winding_down",
    ("reaccreditation_due", "expire"): "expired",
    # the end
    **{(state, "withdraw"): "withdrawn" for state in (*_WATCHED, "provisionally_revoked")},
    **{(state, "wind_down"): "winding_down" for state in ("revoked", "expired", "withdrawn")},
    ("winding_down", "close"): "closed",
}


accreditation = Machine("accreditation", STATES, TRANSITIONS)


def organisation_number(text: str) -> str:
    """Ten digits. Raises Refusal when the number is not a Swedish organisation number."""
    digits = text.strip().replace("-", "").replace(" ", "")
    if not digits.isascii() or not orgnr.is_valid(digits):
        raise Refusal(
            "organisation_number_wrong",
            "Organisationsnumret stämmer inte. Skriv tio siffror, till exempel 419901-0010.",
            status=422,
        )
    return digits


def account_is_usable(approved_on: date | None, cooling_off_days: int, today: date) -> bool:
    """Whether money may be sent to bank details approved on that day: never before a second person has."""
    return approved_on is not None and approved_on + timedelta(days=cooling_off_days) <= today
