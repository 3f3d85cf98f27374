"""The case that opens later on: its days, what may be answered and refused, and what is drawn."""

from __future__ import annotations

import tomllib
from contextlib import nullcontext
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dates import add_months
from tests.support.refusing import refused
from tests.vouchers.test_rules import Case, cases
from vouchers.rules import following
from vouchers.rules.following import Asked
from vouchers.rules.outcomes import Ended, last_month_start, lasts_a_month, pays
from vouchers.rules.proving import ORDINARY

FILE = Path(__file__).parent / "cases" / "answers.toml"
TOLD: dict[str, list[dict[str, Any]]] = tomllib.loads(FILE.read_text())
OPENS, TODAY = date(2026, 11, 30), date(2026, 12, 1)


def named(part: str) -> Any:
    return pytest.mark.parametrize("case", TOLD[part], ids=lambda case: case["name"])


@cases("follow_ups")
def test_when_it_opens_is_reminded_of_and_must_be_answered(case: Case):
    opens_on = add_months(case["ended_on"], 6)
    assert opens_on == case.get("opens_on", opens_on)
    assert following.remind_on(opens_on, ORDINARY) == case.get(
        "remind_on", opens_on + timedelta(days=ORDINARY.reminder_days)
    )
    last = case.get("given") or following.answer_by(opens_on, ORDINARY)
    assert last == case.get("answer_by", last)
    if "today" in case:
        one = Asked(opens_on, last, case.get("reminded_on"), case.get("answered_on"))
        assert following.stage(one, case["today"]) == case["stage"]
        assert following.is_to_be_reminded(one, ORDINARY, case["today"]) is case.get("reminds", False)


@named("answer")
def test_what_a_provider_may_answer(case: Case):
    with refused(case["refused"]) if "refused" in case else nullcontext():
        following.may_answer(
            state=case.get("state", "due"),
            stands=case.get("stands", True),
            due_on=OPENS,
            starts_on=date(2026, 6, 1),
            answer=case.get("answer", "still"),
            last_on=case.get("last_on"),
            today=case.get("today", TODAY),
        )


@named("no")
def test_a_no_for_want_of_an_answer_waits_for_the_last_day(case: Case):
    one = Asked(OPENS, date(2027, 1, 11), answered_on=case.get("answered_on"))
    with refused(case["refused"]) if "refused" in case else nullcontext():
        following.may_refuse(case["code"], one, case.get("today", TODAY))


@pytest.mark.parametrize(
    ("purpose", "due_on", "asks"),
    [
        ("bonus", date(2026, 6, 1), True),
        ("result", date(2026, 6, 1), False),
        ("result", date(2026, 6, 10), False),
        ("result", date(2026, 6, 11), True),
    ],
)
def test_a_part_is_followed_when_its_day_came_after_the_claim(purpose: str, due_on: date, asks: bool):
    found = following.is_followed(purpose=purpose, due_on=due_on, claimed_on=date(2026, 6, 10))
    assert found is asks


@cases("definitions")
def test_two_definitions_of_a_result(case: Case):
    one = Ended(
        kind=case.get("kind", "work"),
        state=case.get("state", "verified"),
        municipal=case.get("municipal", False),
        too_short=case.get("too_short", False),
        is_month_ago=case.get("is_month_ago", True),
        stay=tuple(case["stay"]) if "stay" in case else None,
        seen_on=case.get("seen_on"),
    )
    assert (pays(one), lasts_a_month(one)) == (case["paid"], case["lasting"])


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_a_month_has_passed_since_the_last_start_and_not_since_the_next_day(today: date):
    first = last_month_start(today)
    assert add_months(first, 1) <= today < add_months(first + timedelta(days=1), 1)


# ── the draw ──────────────────────────────────────────────────────────────────────────────────────


def test_a_draw_is_made_again_by_its_seed():
    drawn = [number for number in range(1, 201) if following.is_drawn("seed", number, 10)]
    assert drawn[:6] == [7, 23, 27, 73, 82, 88]
    assert drawn != [number for number in range(1, 201) if following.is_drawn("other", number, 10)]


@given(st.text(max_size=20), st.integers(1, 2**40))
def test_nothing_is_drawn_at_nought_and_all_at_a_hundred(seed: str, check_id: int):
    assert not following.is_drawn(seed, check_id, 0)
    assert following.is_drawn(seed, check_id, 100)


@given(st.text(max_size=20), st.integers(1, 2**40), st.integers(0, 99))
def test_a_larger_share_holds_the_smaller_one(seed: str, check_id: int, percent: int):
    assert following.is_drawn(seed, check_id, percent + 1) or not following.is_drawn(seed, check_id, percent)


@pytest.mark.parametrize("percent", [1, 10, 50])
def test_about_so_many_are_drawn(percent: int):
    drawn = sum(following.is_drawn("a seed that stays", number, percent) for number in range(20_000))
    assert abs(drawn - 200 * percent) < 200, f"{drawn} of 20 000"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reviewer_id": 7}, "review_own"),
        ({"state": "due"}, "review_not_judged"),
        ({"state": "withdrawn"}, "review_not_judged"),
        ({"is_done": True}, "review_done"),
        ({"verdict": "maybe"}, "review_missing"),
        ({"verdict": "differs"}, "review_note_missing"),
        ({"verdict": "differs", "note": " \n"}, "review_note_missing"),
        ({"note": "a" * 2_001}, "text_long"),
    ],
)
def test_a_second_look_that_is_none(changes: dict[str, Any], code: str):
    fine: dict[str, Any] = {
        "state": "passed", "judged_by": 7, "reviewer_id": 8, "verdict": "agrees", "note": ""
    }  # fmt: skip
    following.may_review(**fine)
    with refused(code):
        following.may_review(**{**fine, **changes})
