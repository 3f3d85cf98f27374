"""What the registry stores."""

from providers.models.application import Contact, Evidence, Judgement, Reviewer, Supplement
from providers.models.group import Affiliate
from providers.models.life import (
    ActionPlan,
    Decision,
    IntakeStop,
    Notice,
    Proposal,
    Reaccreditation,
    RegisterEvent,
    Reported,
)
from providers.models.places import Place
from providers.models.published import PublishedContract, PublishedPeriod, PublishedResult
from providers.models.registry import Accreditation, BankDetails, Provider, ProviderMember, Site

__all__ = [
    "Accreditation",
    "ActionPlan",
    "Affiliate",
    "BankDetails",
    "Contact",
    "Decision",
    "Evidence",
    "IntakeStop",
    "Judgement",
    "Notice",
    "Place",
    "Proposal",
    "Provider",
    "ProviderMember",
    "PublishedContract",
    "PublishedPeriod",
    "PublishedResult",
    "Reaccreditation",
    "RegisterEvent",
    "Reported",
    "Reviewer",
    "Site",
    "Supplement",
]
