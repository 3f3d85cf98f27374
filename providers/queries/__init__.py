"""What is asked of the registry. Lists come as rows of columns, not as entities."""

from providers.queries.registry import (
    Chosen,
    Listed,
    Place,
    accreditations,
    intake_is_open,
    names,
    open_accreditation,
    payees,
    provider_page,
    register,
    workplace,
)

__all__ = [
    "Chosen",
    "Listed",
    "Place",
    "accreditations",
    "intake_is_open",
    "names",
    "open_accreditation",
    "payees",
    "provider_page",
    "register",
    "workplace",
]
