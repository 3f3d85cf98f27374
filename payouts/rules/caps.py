"""Caps: what is over them is not earned."""

from __future__ import annotations

from payouts.rules.columns import Dues, Facts


def capped(facts: Facts, dues: Dues) -> Dues:
    """Dues with their amounts cut to the tariff's caps, the earliest period first."""
    if not any(deal.tariff.caps for deal in facts.deals):
        return dues
    raise NotImplementedError
