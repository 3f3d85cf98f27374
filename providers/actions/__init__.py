"""What can happen in the registry."""

from providers.actions.published import import_results
from providers.actions.registry import (
    ProviderForm,
    SiteForm,
    accredit,
    add_member,
    apply_for_accreditation,
    approve_bank_details,
    propose_bank_details,
    register_provider,
    review,
)

__all__ = [
    "ProviderForm",
    "SiteForm",
    "accredit",
    "add_member",
    "apply_for_accreditation",
    "approve_bank_details",
    "import_results",
    "propose_bank_details",
    "register_provider",
    "review",
]
