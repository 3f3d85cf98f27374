"""The provider's pages: the week, the person, the month's report, the money, the applications."""

from app.provider.views import (
    accreditations,
    application_parts,
    applying,
    bank,
    coach,
    declining,
    money,
    people,
    reports,
    results,
    voice,
)
from app.provider.views.door import portal

__all__ = [
    "accreditations",
    "application_parts",
    "applying",
    "bank",
    "coach",
    "declining",
    "money",
    "people",
    "portal",
    "reports",
    "results",
    "voice",
]
