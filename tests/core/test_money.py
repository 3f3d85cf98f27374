"""Money is whole öre: sharing, splitting and writing it."""

from __future__ import annotations

from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import decimal_text, kronor, share, split

AMOUNTS = st.integers(0, 4_000_000_000_000)
PARTS = st.integers(0, 1_000)
WHOLES = st.integers(1, 1_000)


@pytest.mark.parametrize(
    ("amount_ore", "part", "whole", "expected"),
    [
        (368_600, 1, 1, 368_600),
        (368_600, 0, 31, 0),
        (1, 1, 2, 1),  # half an öre goes up
        (3, 1, 2, 2),
        (1, 1, 3, 0),
        (2, 1, 3, 1),
        (368_600, 17, 31, 202_135),  # 202 135.48
        (100, 1, 8, 13),  # 12.5
        (300, 1, 8, 38),  # 37.5, also up, never to the even one
    ],
)
def test_a_share_is_rounded_half_up(amount_ore: int, part: int, whole: int, expected: int):
    assert share(amount_ore, part, whole) == expected


@given(AMOUNTS, PARTS, WHOLES)
def test_a_share_is_the_exact_fraction_rounded_half_up(amount_ore: int, part: int, whole: int):
    assert share(amount_ore, part, whole) == floor(Fraction(amount_ore * part, whole) + Fraction(1, 2))


@given(st.lists(st.tuples(AMOUNTS, PARTS, WHOLES), min_size=1, max_size=20))
def test_columns_are_shared_as_single_numbers_are(rows: list[tuple[int, int, int]]):
    amounts, parts, wholes = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    found = share(amounts, parts, wholes)
    assert found.dtype == np.int64
    assert found.tolist() == [share(*row) for row in rows]


def test_the_largest_amount_that_is_promised_is_exact_in_a_column():
    most = 4_000_000_000_000
    column = share(np.array([most - 1]), np.array([999_999]), np.array([1_000_000]))
    exact = floor(Fraction((most - 1) * 999_999, 1_000_000) + Fraction(1, 2))
    assert column.tolist() == [exact]


@given(AMOUNTS, st.lists(st.integers(1, 99), min_size=1, max_size=6).filter(lambda found: sum(found) < 100))
def test_a_split_sums_to_the_amount_and_no_part_is_off_by_an_ore_but_the_last(
    amount_ore: int, some: list[int]
):
    percents = (*some, 100 - sum(some))
    parts = split(amount_ore, percents)
    assert sum(parts) == amount_ore
    assert len(parts) == len(percents)
    assert list(parts[:-1]) == [share(amount_ore, percent, 100) for percent in percents[:-1]]


def test_the_last_part_takes_the_rest():
    assert split(100_01, (33, 33, 34)) == (33_00, 33_00, 34_01)
    assert split(1, (50, 50)) == (1, 0)


@pytest.mark.parametrize("percents", [(50, 49), (50, 51), (), (100, 100)])
def test_percents_that_do_not_sum_to_100_are_a_fault(percents: tuple[int, ...]):
    with pytest.raises(ValueError, match="sum to 100"):
        split(100, percents)


@pytest.mark.parametrize(
    ("amount_ore", "for_files", "for_people"),
    [
        (368_600, "3686.00", "3\u00a0686\u00a0kr"),
        (368_650, "3686.50", "3\u00a0686,50\u00a0kr"),
        (5, "0.05", "0,05\u00a0kr"),
        (0, "0.00", "0\u00a0kr"),
        (-80_000, "-800.00", "−800\u00a0kr"),
        (-5, "-0.05", "−0,05\u00a0kr"),
        (123_456_789_012, "1234567890.12", "1\u00a0234\u00a0567\u00a0890,12\u00a0kr"),
    ],
)
def test_an_amount_is_written_for_files_and_for_people(amount_ore: int, for_files: str, for_people: str):
    assert decimal_text(amount_ore) == for_files
    assert kronor(amount_ore) == for_people


@given(st.integers(-(10**15), 10**15))
def test_what_is_written_for_files_reads_back_to_the_same_ore(amount_ore: int):
    assert Fraction(decimal_text(amount_ore)) * 100 == amount_ore
