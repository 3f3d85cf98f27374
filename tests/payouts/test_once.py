"""What is earned once: starts, milestones, results, speed, bonuses; and the prices that all fees have."""

from __future__ import annotations

import pytest

from payouts.rules.settlement import earn
from tests.payouts.once import expected, facts_of, shuffled, table, told

TABLES = (
    "start",
    "milestones",
    "parts",
    "windows",
    "partial",
    "speed",
    "sustainment",
    "factors",
    "index",
    "rates",
)
CASES = [pytest.param(case, id=f"{name}: {case['name']}") for name in TABLES for case in table(name)]


@pytest.mark.parametrize("case", CASES)
def test_the_tables_of_cases(case):
    known = facts_of(case)
    assert told(known, earn(known)) == expected(case)


@pytest.mark.parametrize("case", CASES)
def test_the_order_of_the_rows_does_not_matter(case):
    for seed in range(3):
        known = shuffled(facts_of(case), seed)
        assert told(known, earn(known)) == expected(case)
