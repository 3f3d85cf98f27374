"""Rows that belong together: owners with a day on one line of numbers, every pair of equal keys, rows
repeated."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from payouts.rules.columns import Whole

SPAN = 1 << 23
"""More days, or months, than there are: keeps two owners apart on one line of numbers."""


def line(owner: Whole, when: NDArray[np.datetime64] | Whole) -> Whole:
    """Whose it is and when (days, or months) as one number that sorts by both."""
    return owner * SPAN + when.astype(np.int64)


def pairs(left: Whole, right: Whole) -> tuple[Whole, Whole]:
    """The positions of every pair of equal keys."""
    order = np.argsort(right, kind="stable")
    ordered = right[order]
    start = np.searchsorted(ordered, left, "left")
    many = np.searchsorted(ordered, left, "right") - start
    rows = np.repeat(np.arange(len(left), dtype=np.int64), many)
    return rows, order[np.repeat(start, many) + counted(many)]


def counted(lengths: Whole) -> Whole:
    """0, 1, 2 … anew for each length."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total, dtype=np.int64) - np.repeat(ends - lengths, lengths)


def fresh(*columns: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Of sorted rows those that differ from the one before in any column."""
    new = np.ones(len(columns[0]), dtype=bool)
    if len(new):
        new[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    return new


def last_known(known: NDArray[np.bool_]) -> Whole:
    """For each row the position of the last row up to it that is known; 0 where none is."""
    at = np.where(known, np.arange(len(known), dtype=np.int64), 0)
    return np.maximum.accumulate(at) if len(at) else at
