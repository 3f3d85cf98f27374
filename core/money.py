"""Money is whole öre. Rounding happens here and nowhere else."""

from __future__ import annotations

from typing import overload

import numpy as np
from numpy.typing import NDArray

Ore = NDArray[np.int64]


@overload
def share(amount_ore: int, part: int, whole: int) -> int: ...
@overload
def share(amount_ore: Ore, part: Ore, whole: Ore) -> Ore: ...
def share(amount_ore: int | Ore, part: int | Ore, whole: int | Ore) -> int | Ore:
    """`amount_ore` × `part` ÷ `whole`, rounded half up to a whole öre.

    Takes whole numbers, or columns of them; amounts and parts are zero or more, `whole` at least one.
    Exact below 4.6e18: an amount of 40 billion kronor times a part of 1 000 000.
    """
    doubled = 2 * amount_ore * part + whole
    return doubled // (2 * whole)


def split(amount_ore: int, percents: tuple[int, ...]) -> tuple[int, ...]:
    """Divide an amount by whole percents that sum to 100; the last part takes the rest."""
    if sum(percents) != 100:
        raise ValueError("the parts of an amount must sum to 100 percent")
    parts = [share(amount_ore, percent, 100) for percent in percents[:-1]]
    return (*parts, amount_ore - sum(parts))


def decimal_text(amount_ore: int) -> str:
    """Exact text with two decimals, as files want it: 368600 → "3686.00"."""
    sign = "-" if amount_ore < 0 else ""
    kronor, ore = divmod(abs(amount_ore), 100)
    return f"{sign}{kronor}.{ore:02d}"


def kronor(amount_ore: int) -> str:
    """For people: "3 686 kr", "3 686,50 kr", "−800 kr". Spaces do not break."""
    sign = "−" if amount_ore < 0 else ""
    whole, ore = divmod(abs(amount_ore), 100)
    grouped = f"{whole:,}".replace(",", "\u00a0")
    return f"{sign}{grouped}{f',{ore:02d}' if ore else ''}\u00a0kr"
