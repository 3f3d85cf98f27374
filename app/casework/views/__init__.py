"""The casework portal: cases, people, judging, the register and the trail."""

from app.casework.views import cases, judging, people, register
from app.casework.views.portal import portal

__all__ = ["cases", "judging", "people", "portal", "register"]
