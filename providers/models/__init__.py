"""What the registry stores."""

from providers.models.published import PublishedContract, PublishedPeriod, PublishedResult
from providers.models.registry import Accreditation, BankDetails, Provider, ProviderMember, Site

__all__ = [
    "Accreditation",
    "BankDetails",
    "Provider",
    "ProviderMember",
    "PublishedContract",
    "PublishedPeriod",
    "PublishedResult",
    "Site",
]
