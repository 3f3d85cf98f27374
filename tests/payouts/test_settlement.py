"""Owed = earned − booked, with nothing but columns: what peers' engines broke on, trap by trap."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from payouts.rules.columns import Facts, days, whole
from payouts.rules.settlement import CHANGED, EARNED, GONE, Lines, earn, settle
from tests.payouts.facts import Leg, facts, tariff
from tests.payouts.test_rules import a_leg

APRIL, MAY, JUNE = date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)
AS_OF = date(2026, 12, 31)
Key = tuple[int, int, int]


def no_lines() -> Lines:
    columns: dict[str, Any] = {name: whole([]) for name in Lines.__dataclass_fields__}
    return Lines(**{**columns, "period": days([])})


class Ledger:
    """A ledger in memory that refuses what the database refuses."""

    def __init__(self) -> None:
        self.rows: dict[tuple[int, int, int, int], dict[str, int]] = {}

    def book(self, lines: Lines) -> None:
        for at in range(len(lines)):
            row = {name: getattr(lines, name).tolist()[at] for name in Lines.__dataclass_fields__}
            key = (row["scope"], row["component"], row["part"], row["sequence"])
            assert key not in self.rows, "a second booking of the same thing"
            if row["sequence"] % 2:
                taken = self.rows[(*key[:3], row["sequence"] - 1)]
                assert (row["amount"], row["provider_id"]) == (-taken["amount"], taken["provider_id"])
            else:
                assert row["amount"] > 0
                assert row["sequence"] == 0 or (*key[:3], row["sequence"] - 1) in self.rows
            self.rows[key] = row

    def last(self) -> Lines:
        newest: dict[Key, dict[str, int]] = {}
        for key in sorted(self.rows):
            newest[key[:3]] = self.rows[key]
        if not newest:
            return no_lines()
        columns: dict[str, Any] = {
            name: (days if name == "period" else whole)([row[name] for row in newest.values()])
            for name in Lines.__dataclass_fields__
        }
        return Lines(**columns)

    def net(self) -> dict[Key, int]:
        sums: dict[Key, int] = {}
        for key, row in self.rows.items():
            sums[key[:3]] = sums.get(key[:3], 0) + row["amount"]
        return {key: ore for key, ore in sums.items() if ore}

    def run(self, known: Facts) -> Lines:
        lines = settle(known, self.last())
        self.book(lines)
        return lines


def earned(known: Facts) -> dict[Key, int]:
    found = earn(known)
    keys = zip(found.scope.tolist(), found.component.tolist(), found.part.tolist(), strict=True)
    return dict(zip(keys, found.amount.tolist(), strict=True))


def a_running_leg(*reported: date) -> Leg:
    return Leg(date(2026, 1, 1), reported=list(reported))


def test_a_second_run_books_nothing():
    ledger, known = Ledger(), facts(AS_OF, [a_running_leg(APRIL, MAY)])
    assert len(ledger.run(known)) == 2
    assert len(ledger.run(known)) == 0


def test_a_withdrawn_report_is_clawed_back_once_at_the_price_it_was_paid():
    """Traps 2 and 6: a reversal points at its line, repeats its price, and happens once."""
    ledger = Ledger()
    ledger.run(facts(AS_OF, [a_running_leg(APRIL, MAY)]))
    dearer = tariff(base=999_900)
    back = ledger.run(facts(AS_OF, [a_running_leg(MAY)], tariff()))
    assert (back.amount.tolist(), back.sequence.tolist(), back.reason.tolist()) == ([-368600], [1], [GONE])
    assert len(ledger.run(facts(AS_OF, [a_running_leg(MAY)]))) == 0
    again = ledger.run(facts(AS_OF, [a_running_leg(APRIL, MAY)], tariff()))
    assert (again.amount.tolist(), again.sequence.tolist()) == ([368600], [2])
    assert len(ledger.run(facts(AS_OF, [a_running_leg(APRIL, MAY)]))) == 0
    changed = ledger.run(facts(AS_OF, [a_running_leg(APRIL)], dearer))
    assert sorted(changed.amount.tolist()) == [-368600, -368600, 999_900]


def test_a_break_and_return_leaves_the_good_months_alone():
    """Trap 5."""
    ledger = Ledger()
    ledger.run(facts(AS_OF, [a_running_leg(APRIL)]))
    lines = ledger.run(facts(AS_OF, [a_running_leg(APRIL, JUNE)]))
    assert lines.part.tolist() == [202606]


def test_an_earlier_end_told_late_takes_back_what_came_after_and_mends_the_last_month():
    ledger = Ledger()
    ledger.run(facts(AS_OF, [a_running_leg(APRIL, MAY)]))
    shorter = replace(a_running_leg(APRIL, MAY), ended=date(2026, 4, 15))
    lines = ledger.run(facts(AS_OF, [shorter]))
    told = sorted(zip(lines.part.tolist(), lines.amount.tolist(), lines.reason.tolist(), strict=True))
    assert told == [(202604, -368600, CHANGED), (202604, 184300, EARNED), (202605, -368600, GONE)]


def test_a_milestone_that_moves_to_another_provider_is_taken_back_from_the_first_before_it_is_paid():
    """Trap 11: a milestone belongs to the voucher."""
    ledger = Ledger()
    first = Leg(date(2026, 1, 1), date(2026, 3, 1), voucher=77, provider=1, results=[(1, MAY)])
    second = Leg(date(2026, 3, 2), voucher=77, provider=2)
    ledger.run(facts(AS_OF, [first, second]))
    first, second = replace(first, results=[]), replace(second, results=[(1, MAY)])
    lines = ledger.run(facts(AS_OF, [first, second]))
    told = zip(lines.provider_id.tolist(), lines.amount.tolist(), lines.sequence.tolist(), strict=True)
    assert list(told) == [(1, -500001, 1), (2, 500001, 2)]


def test_nothing_booked_and_nothing_earned_is_nothing():
    assert len(settle(facts(AS_OF, [a_running_leg()]), no_lines())) == 0


@given(st.lists(a_leg(), min_size=1, max_size=4), st.lists(a_leg(), min_size=4, max_size=4), st.data())
def test_whatever_is_told_in_whatever_order_the_net_is_what_is_earned(first, later, data):
    """Late facts, withdrawals and changes in any order; each run once and again."""
    ledger = Ledger()
    for at in range(len(first)):
        known = facts(AS_OF, first)
        ledger.run(known)
        assert ledger.net() == earned(known)
        assert len(ledger.run(known)) == 0
        first[data.draw(st.integers(0, len(first) - 1))] = later[at]
    known = facts(AS_OF, first)
    ledger.run(known)
    assert ledger.net() == earned(known)
    sequences = np.array([key[3] for key in ledger.rows])
    amounts = np.array([row["amount"] for row in ledger.rows.values()])
    assert np.all((sequences % 2 == 0) == (amounts > 0))
