"""A batch is made by one, signed by two others, and sent as it was signed."""

from payouts.actions.batches.making import (
    Declared,
    Outlook,
    Proposal,
    follow_up,
    make_batch,
    outlook,
    pending,
)
from payouts.actions.batches.sealing import content_hash
from payouts.actions.batches.sending import Debtor, hand_over, send
from payouts.actions.batches.signing import look_into, sign, void

__all__ = [
    "Debtor",
    "Declared",
    "Outlook",
    "Proposal",
    "content_hash",
    "follow_up",
    "hand_over",
    "look_into",
    "make_batch",
    "outlook",
    "pending",
    "send",
    "sign",
    "void",
]
