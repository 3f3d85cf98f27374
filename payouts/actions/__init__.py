"""What can happen to the money: a run books, a batch is made, signed and sent, the bank's answer is read."""

from payouts.actions.answers import Read, read_answer
from payouts.actions.batches import (
    follow_up,
    hand_over,
    look_into,
    make_batch,
    outlook,
    pending,
    send,
    sign,
    void,
)
from payouts.actions.holds import hold_leg, hold_line, hold_provider, release
from payouts.actions.runs import run
from payouts.actions.years import close_year

__all__ = [
    "Read",
    "close_year",
    "follow_up",
    "hand_over",
    "hold_leg",
    "hold_line",
    "hold_provider",
    "look_into",
    "make_batch",
    "outlook",
    "pending",
    "read_answer",
    "release",
    "run",
    "send",
    "sign",
    "void",
]
