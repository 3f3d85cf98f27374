"""Which batches a person must look into before anybody signs. § tolerance.

A batch, and each provider in it, is laid beside the last ones. What is far from the middle of them, or pays a
part of a voucher that somebody else is paid for too, is parked: nothing is wrong until a person has looked,
and nothing is signed before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

GATES = ("batch", "provider", "again", "held")
OUTCOMES = ("passed", "too_few", "parked", "left_out")
MOST_DAYS = 31


@dataclass(frozen=True)
class Tolerance:
    """What is far. Source of every number: inställning (nobody has published any; a municipality sets its
    own).

    Compared with the median of the last `last` batches that were sent (follow-ups not counted), when there
    are at least `least`. Far is more than `percent` of the median away from it, and more than the floor in
    öre: without a floor a town with three participants would be parked every month.
    """

    last: int = 6
    least: int = 3
    percent: int = 50
    batch_floor_ore: int = 10_000_000
    provider_floor_ore: int = 2_500_000

    def floor_ore(self, gate: str) -> int:
        """The floor of that gate."""
        return self.batch_floor_ore if gate == "batch" else self.provider_floor_ore


TOLERANCE = Tolerance()


@dataclass(frozen=True)
class Judged:
    """A gate's outcome. `usual_ore` is the median, None when too few came before; `compared` how many did."""

    outcome: str
    usual_ore: int | None
    compared: int

    @property
    def is_parked(self) -> bool:
        """Whether a person must look."""
        return self.outcome == "parked"


def judge(
    gate: str,
    now_ore: int,
    earlier_ore: Sequence[int],
    set_to: Tolerance = TOLERANCE,
    *,
    follows: bool = False,
) -> Judged:
    """Lay a sum (gate: batch or provider) beside the earlier ones, the newest first; more than `last` are
    not looked at. A follow-up (`follows`) is small by nature, so only too much is far."""
    earlier = list(earlier_ore[: set_to.last])
    if len(earlier) < set_to.least:
        return Judged("too_few", None, len(earlier))
    usual = median(earlier)
    away = now_ore - usual
    if follows:
        away = max(away, 0)
    is_far = abs(away) * 100 > usual * set_to.percent and abs(away) > set_to.floor_ore(gate)
    return Judged("parked" if is_far else "passed", usual, len(earlier))


def median(values: Sequence[int]) -> int:
    """The middle one; of an even number the mean of the two in the middle, rounded down to whole öre."""
    ordered = sorted(values)
    half = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[half]
    return (ordered[half - 1] + ordered[half]) // 2


@dataclass(frozen=True)
class Item:
    """A booked amount for one part (a month, a result) of one voucher.

    `quantity` of `of` as on its line: 12 of 31 days; 1 of 1; days one by one when `of` is 1. `stands` is
    False for what was paid and has been taken back since.
    """

    provider: int
    leg: int
    quantity: int
    of: int
    stands: bool = True


def is_again(items: Sequence[Item]) -> bool:
    """Whether items for the same part of the same voucher and fee pay for more than there is, or for what
    another provider was paid for before.

    The days of a month may be shared by two legs, as in a switch, as long as they are no more than the
    month's.
    """
    standing = [item for item in items if item.stands]
    if not standing:
        return False
    if any(item.provider != one.provider for item in items if not item.stands for one in standing):
        return True
    if len(standing) < 2:
        return False
    if all(item.of == 1 and item.quantity > 1 for item in standing):
        return sum(item.quantity for item in standing) > MOST_DAYS
    return sum((Fraction(item.quantity, item.of) for item in standing), Fraction(0)) > 1
