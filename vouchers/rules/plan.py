"""Words of the plan: who takes part, which meetings, what can be shared and how consent is given. Pure."""

from __future__ import annotations

PARTIES = (
    "participant",
    "municipality",
    "provider",
    "employment_service",
    "insurance_agency",
    "region",
    "school",
)
"""Who does something in a plan, or may see something of it."""
MEETINGS = ("assessment", "follow_up", "three_party")
SHARED = ("contact", "assessment", "plan", "reports", "results")
"""Kinds of information: how to reach the person; what was found; the plan; how it goes; what it led to."""
GIVEN = ("signed_in", "on_paper")
