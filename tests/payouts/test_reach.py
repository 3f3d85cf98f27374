"""What late facts do to what was earned once, and how far back a clawback reaches."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from payouts.rules.columns import Facts
from payouts.rules.fees import COMPONENTS, FEE
from payouts.rules.settlement import Lines, settle
from tests.payouts.once import expected, facts_of, table, tariff_of
from tests.payouts.test_settlement import Ledger, no_lines


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in table("reach")])
def test_how_far_back_a_clawback_reaches(case):
    ledger, tariff = Ledger(), tariff_of(case["fees"])
    for step in case["steps"]:
        known = facts_of(step, tariff)
        lines = ledger.run(known)
        booked = expected({"pays": step["books"]})
        assert sorted(_told(known, lines)) == sorted(booked)
        assert len(ledger.run(known)) == 0


def _told(known: Facts, lines: Lines) -> list[tuple[str, date, int, str]]:
    """Lines in the form of the tables."""
    tariff = known.deals[0].tariff
    found = []
    for at in range(len(lines)):
        part = int(lines.part[at])
        fee = tariff.fee_of(COMPONENTS[int(lines.component[at])], part)
        assert fee is not None
        own = "" if part % FEE == 1 else f" {part % FEE}"
        day = lines.period[at].astype(date)
        found.append((fee.code + own, day, int(lines.amount[at]), "?AB"[int(lines.provider_id[at])]))
    return found


BOTH = {
    "start": {"kind": "start", "qualifying_days": 14, "amounts": [{"ore": 400_000}]},
    "stay": {
        "kind": "milestone",
        "parts": [{"share": 100, "after": 90, "unit": "days"}],
        "amounts": [{"ore": 1_000_000}],
    },
    "soon": {
        "kind": "speed",
        "steps": [{"within_days": 90, "percent": 100}],
        "amounts": [{"ore": 500_000}],
    },
}
NEW_YEAR = date(2026, 1, 1)


def after(*steps: list[dict[str, Any]]) -> list[list[tuple[str, int, str]]]:
    """What each run books when that is known of the legs."""
    ledger, tariff, found = Ledger(), tariff_of(BOTH), []
    for legs in steps:
        known = facts_of({"legs": legs, "as_of": date(2026, 12, 31)}, tariff)
        found.append([(row[0], row[2], row[3]) for row in _told(known, ledger.run(known))])
    return found


def test_an_end_told_late_takes_back_the_milestone_that_came_after_it():
    before = [{"started": NEW_YEAR}]
    assert after(before, [{"started": NEW_YEAR, "ended": date(2026, 3, 31)}]) == [
        [("start", 400_000, "A"), ("stay", 1_000_000, "A")],
        [("stay", -1_000_000, "A")],
    ]


def test_a_switch_told_late_takes_the_milestone_from_one_provider_before_the_other_is_paid():
    """Trap 11."""
    first = {"started": NEW_YEAR, "ended": date(2026, 2, 28)}
    assert after([{"started": NEW_YEAR}], [first, {"started": date(2026, 3, 1), "by": "B"}])[1] == [
        ("stay", -1_000_000, "A"),
        ("stay", 1_000_000, "B"),
    ]


def test_a_pause_told_late_moves_the_milestone_and_books_no_second_one():
    """The amount is the same, so nothing is booked: the part is the key, not its day."""
    paused = {"started": NEW_YEAR, "pauses": [[date(2026, 2, 1), date(2026, 2, 11)]]}
    assert after([{"started": NEW_YEAR}], [paused])[1] == []


def test_a_pause_that_lasts_told_late_takes_back_what_it_stands_before():
    paused = {"started": NEW_YEAR, "pauses": [[date(2026, 2, 1)]]}
    assert after([{"started": NEW_YEAR}], [paused])[1] == [("stay", -1_000_000, "A")]


def test_a_result_taken_back_takes_its_speed_bonus_with_it():
    result = [{"began": date(2026, 3, 1), "due": date(2026, 6, 1)}]
    leg = {"started": NEW_YEAR, "results": result}
    assert after([leg], [{"started": NEW_YEAR}], [leg])[1:] == [
        [("soon", -500_000, "A")],
        [("soon", 500_000, "A")],
    ]


def test_an_earlier_result_told_late_at_another_provider_moves_the_bonus_and_pays_it_once():
    """Trap 11."""
    first = {"started": NEW_YEAR, "ended": date(2026, 2, 10)}
    second = {
        "started": date(2026, 2, 11),
        "by": "B",
        "results": [{"began": date(2026, 3, 1), "due": date(2026, 6, 1)}],
    }
    with_result = {**first, "results": [{"began": date(2026, 2, 11), "due": date(2026, 5, 11)}]}
    assert after([first, second], [with_result, second])[1] == [
        ("soon", -500_000, "B"),
        ("soon", 500_000, "A"),
    ]


def test_a_contested_report_does_not_stop_a_start_fee_whose_leg_has_the_reports_number():
    """Where each provider has its own start fee it is a base fee, and others' evidence there is a report."""
    tariff = tariff_of({"policy": {"bars": "provider"}, **BOTH})
    known = facts_of({"legs": [{"started": NEW_YEAR}], "as_of": date(2026, 12, 31)}, tariff)
    known = replace(known, contested=known.legs.leg_id)
    assert sorted(settle(known, no_lines()).amount.tolist()) == [400_000, 1_000_000]
