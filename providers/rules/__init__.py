"""What is allowed in the registry, and what its figures say. Pure."""

from providers.rules.accreditation import (
    ACCOUNT_KINDS,
    LEGAL_FORMS,
    OPEN_STATES,
    STATES,
    TRANSITIONS,
    AccreditationTerms,
    account_is_usable,
    accreditation,
    organisation_number,
    read_accreditation,
)

__all__ = [
    "ACCOUNT_KINDS",
    "LEGAL_FORMS",
    "OPEN_STATES",
    "STATES",
    "TRANSITIONS",
    "AccreditationTerms",
    "account_is_usable",
    "accreditation",
    "organisation_number",
    "read_accreditation",
]
