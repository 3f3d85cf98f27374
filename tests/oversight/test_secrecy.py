"""What is hidden cannot be worked out from what is shown."""

from __future__ import annotations

from app.oversight.secrecy import hidden, small
from vouchers.queries.figures import Cell, Grain, Key

MONTH = Grain("month", 1, (("service", "level"), ("service",), ()))
YEAR = Grain("year", 12, (("service",), ()))
JANUARY = 2026 * 12
GRAINS = (MONTH, YEAR)


def cell(
    people: int, service: str = "", level: str = "", *, month: int | None = None, measure: str = "m"
) -> Cell:
    grain, bucket = ("year", 2026) if month is None else ("month", JANUARY + month)
    return Cell(Key(measure, grain, bucket, service, level), people, people, people)


def hides(*cells: Cell, sums_of: dict[str, tuple[str, ...]] | None = None) -> set[Cell]:
    found = hidden(cells, GRAINS, sums_of or {})
    return {one for one in cells if one.key in found}


def test_four_are_hidden_and_five_are_not():
    four, five = cell(4, "a", "x", month=0), cell(5, "a", "y", month=1)
    assert hides(four, five) == {four}
    assert small([four, five, cell(0)]) == {four.key}


def test_one_hidden_level_takes_the_smallest_other_with_it():
    total = cell(28, "a", month=0)
    low, other, high = cell(3, "a", "x", month=0), cell(9, "a", "y", month=0), cell(16, "a", "z", month=0)
    assert hides(total, low, other, high) == {low, other}


def test_two_hidden_that_are_together_too_few_take_a_third():
    total = cell(12, "a", month=0)
    one, two = cell(1, "a", "x", month=0), cell(2, "a", "y", month=0)
    rest = cell(9, "a", "z", month=0)
    assert hides(total, one, two, rest) == {one, two, rest}


def test_a_hidden_month_is_not_the_year_less_the_rest():
    year = cell(21)
    months = [cell(3, month=0), cell(8, month=1), cell(10, month=2)]
    assert hides(year, *months) == set(months[:2])


def test_a_hidden_service_is_not_everybody_less_the_others():
    everybody, first, second = cell(23), cell(20, "a"), cell(3, "b")
    assert hides(everybody, first, second) == {first, second}


def test_a_hidden_sum_is_not_given_away_by_its_parts():
    total = cell(4, "a", month=0)
    low, high = cell(5, "a", "x", month=0), cell(6, "a", "y", month=0)
    assert hides(total, low, high) == {total, low}


def test_a_hidden_kind_of_money_is_not_the_sum_less_the_other_kinds():
    total = cell(20, measure="money")
    base, bonus = cell(20, measure="base"), cell(2, measure="bonus")
    assert hides(total, base, bonus, sums_of={"money": ("base", "bonus")}) == {base, bonus}


def test_what_has_nothing_small_is_shown_whole():
    assert hides(cell(11), cell(5, "a"), cell(6, "b"), cell(5, "a", month=1), cell(6, "b", month=3)) == set()
