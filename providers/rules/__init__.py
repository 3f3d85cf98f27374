"""What is allowed in the registry, and what its figures say. Pure."""

from providers.rules.accreditation import (
    ACCOUNT_KINDS,
    APPLYING_STATES,
    CHOOSABLE_STATES,
    ENDED_STATES,
    LEGAL_FORMS,
    OPEN_STATES,
    STATES,
    TRANSITIONS,
    TURNED_DOWN_STATES,
    account_is_usable,
    accreditation,
    organisation_number,
)
from providers.rules.conditions import AccreditationTerms, read_accreditation

__all__ = [
    "ACCOUNT_KINDS",
    "APPLYING_STATES",
    "CHOOSABLE_STATES",
    "ENDED_STATES",
    "LEGAL_FORMS",
    "OPEN_STATES",
    "STATES",
    "TRANSITIONS",
    "TURNED_DOWN_STATES",
    "AccreditationTerms",
    "account_is_usable",
    "accreditation",
    "organisation_number",
    "read_accreditation",
]
