"""What a person may be. Pure, so that rules can say who decides."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person may do. A person can hold several; rules keep apart those that must be apart."""

    SEEKER = "seeker"
    COACH = "provider_coach"
    MANAGER = "provider_manager"
    GUIDE = "career_guide"
    INSPECTOR = "inspector"
    MAKER = "finance_maker"
    SIGNER = "finance_signer"
    SECRETARY = "board_secretary"
    CHAIR = "board_chair"
    ADMINISTRATOR = "administrator"


BOARD = frozenset({Role.SECRETARY, Role.CHAIR})
STAFF = frozenset({Role.GUIDE, Role.INSPECTOR, Role.MAKER, Role.SIGNER, Role.ADMINISTRATOR}) | BOARD
PROVIDER = frozenset({Role.COACH, Role.MANAGER})
FINANCE = frozenset({Role.MAKER, Role.SIGNER})
