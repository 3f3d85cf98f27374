"""What each kind of fee is called in rulebooks, files and pages."""

from __future__ import annotations

from payouts.rules.fees import (
    Completion,
    Fee,
    Instalments,
    Milestone,
    Monthly,
    OutcomeFee,
    Speed,
    Start,
    Sustained,
    Weekdays,
)

KINDS = {
    Start: "start",
    Monthly: "monthly",
    Weekdays: "weekdays",
    Instalments: "instalments",
    Milestone: "milestone",
    Completion: "completion",
    OutcomeFee: "outcome",
    Speed: "speed",
    Sustained: "sustained",
}


def kind_of(fee: Fee) -> str:
    """The kind of fee as rulebooks call it."""
    if isinstance(fee.terms, Weekdays) and fee.terms.calendar:
        return "daily"
    return KINDS[type(fee.terms)]
