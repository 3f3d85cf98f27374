"""A batch's life, and what each provider is paid in it."""

from __future__ import annotations

from dataclasses import dataclass

from core.states import Machine, Transitions

BATCH_STATES = (
    "draft",
    "parked",
    "frozen",
    "reviewed",
    "approved",
    "sent",
    "accepted",
    "partly_rejected",
    "settled",
    "void",
)
BATCH: Transitions = {
    ("draft", "freeze"): "frozen",
    ("draft", "park"): "parked",
    ("draft", "void"): "void",
    ("parked", "look_into"): "frozen",
    ("parked", "void"): "void",
    ("frozen", "void"): "void",
    ("frozen", "review"): "reviewed",
    ("reviewed", "approve"): "approved",
    ("reviewed", "void"): "void",
    ("approved", "send"): "sent",
    ("approved", "void"): "void",
    ("sent", "accept"): "accepted",
    ("sent", "reject"): "partly_rejected",
    ("accepted", "settle"): "settled",
    ("partly_rejected", "settle"): "settled",
}
OPEN_STATES = ("draft", "parked", "frozen", "reviewed", "approved")
SENT_STATES = ("sent", "accepted", "partly_rejected", "settled")
batch = Machine("batch", BATCH_STATES, BATCH)


@dataclass(frozen=True)
class Net:
    """What a provider is paid, and what goes on to the next batch, in öre."""

    paid_ore: int
    carried_out_ore: int


def net(
    earned_ore: int,
    clawed_ore: int,
    carried_in_ore: int,
    *,
    payable: bool,
    released_ore: int = 0,
    returned_ore: int = 0,
    withheld_ore: int = 0,
) -> Net:
    """Earned (0 or more) plus clawed back (0 or less) plus carried in, plus what is released and what the
    bank has sent back, less what is held back. Below zero, or without usable bank details (`payable`
    False), everything is carried: a bank is never sent a negative sum. `withheld_ore` and `released_ore`
    are sums of lines, and may have either sign."""
    total = earned_ore + clawed_ore + carried_in_ore + released_ore + returned_ore - withheld_ore
    return Net(total, 0) if total > 0 and payable else Net(0, total)
