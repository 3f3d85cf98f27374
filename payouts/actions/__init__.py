"""What can happen to the money: a run books, a batch is made, signed and sent, the bank's answer is read."""

from payouts.actions.answers import Read, read_answer
from payouts.actions.batches import hand_over, make_batch, pending, send, sign, void
from payouts.actions.runs import run

__all__ = ["Read", "hand_over", "make_batch", "pending", "read_answer", "run", "send", "sign", "void"]
