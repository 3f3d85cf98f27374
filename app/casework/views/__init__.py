"""The casework portal: cases, people, judging, the register and the trail."""

from app.casework.views import (
    accreditation,
    applications,
    board,
    cases,
    judging,
    people,
    register,
    review,
    watch,
    winding,
)
from app.casework.views.portal import portal

__all__ = [
    "accreditation",
    "applications",
    "board",
    "cases",
    "judging",
    "people",
    "portal",
    "register",
    "review",
    "watch",
    "winding",
]
