"""The rules of plans, next steps and disclosure, read from their tables of cases; no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.chapters import Book
from core.refusal import Refusal
from tests.vouchers.test_rules import TERMS, Case, cases
from vouchers.rules import disclosure, plan
from vouchers.rules.waiting import Standing, step_missing

TODAY = date(2026, 11, 24)
DAYS = st.dates(date(2025, 1, 1), date(2028, 12, 31))


@dataclass(frozen=True)
class Part:
    """A part of a plan, as the rules see it."""

    due_on: date
    done_on: date | None = None
    removed_on: date | None = None


def standing(case: Case) -> Standing:
    state = case.get("state", "active")
    began = (
        case.get("started", date(2026, 10, 5)) if state in ("active", "paused", "ended", "closed") else None
    )
    return Standing(
        state,
        case.get("choose_by", date(2026, 10, 9)),
        start_by=case.get("start_by"),
        started_on=began,
        ended_on=case.get("ended"),
        end_reason=case.get("reason"),
        next_step_on=case.get("told"),
        decided_on=case.get("decided", min(began or date(2026, 10, 2), date(2026, 10, 2))),
        check_on=case.get("check"),
        resumes_on=case.get("resumes"),
    )


@cases("next_step")
def test_who_lacks_a_next_step_and_since_when(case: Case):
    said = [standing(case), *([standing(case["beside"])] if "beside" in case else [])]
    found = step_missing([(one, TERMS) for one in said], case.get("planned"), case.get("today", TODAY))
    assert (found.on if found else None) == case.get("since")
    if found:
        assert found.kind == case.get("kind", "next_step_missing")
        assert found.group == "step"


@given(DAYS, DAYS, st.one_of(st.none(), DAYS))
def test_a_step_ahead_is_always_enough(today: date, started: date, planned: date | None):
    one = Standing("active", started, started_on=started, decided_on=started)
    found = step_missing([(one, TERMS)], planned, today)
    if planned is not None and planned >= today:
        assert found is None
    elif found is not None:
        assert found.on <= today


def test_the_next_step_is_the_first_ahead_and_else_the_oldest():
    late, older = Part(date(2026, 11, 20)), Part(date(2026, 11, 2))
    soon, then = Part(date(2026, 11, 24)), Part(date(2026, 12, 1))
    done, removed = Part(TODAY, done_on=TODAY), Part(TODAY, removed_on=TODAY)
    assert plan.next_step([then, late, soon, done], TODAY) is soon
    assert plan.next_step([late, older, removed], TODAY) is older
    assert plan.next_step([done, removed], TODAY) is None


@pytest.mark.parametrize(
    ("left", "follows", "is_over", "code"),
    [
        ([], False, False, "next_step_missing"),
        ([Part(TODAY - timedelta(days=1))], False, False, "next_step_missing"),
        ([Part(TODAY, done_on=TODAY)], False, False, "next_step_missing"),
        ([Part(TODAY)], False, False, None),
        ([], True, False, None),
        ([], False, True, None),
    ],
)
def test_the_last_step_ahead_does_not_end_without_the_next(
    left: Any, follows: bool, is_over: bool, code: Any
):
    assert refused(plan.may_end_part, left, TODAY, follows=follows, is_over=is_over) == code


@pytest.mark.parametrize(
    ("does", "due_on", "code"),
    [
        ("Ring.", TODAY, None),
        ("Ring.", TODAY - timedelta(days=1), "step_past"),
        (" \n", TODAY, "step_empty"),
        ("Ring.", date(2031, 11, 24), None),
        ("Ring.", date(2031, 11, 25), "step_far"),
        ("Ring.", date(9999, 12, 31), "step_far"),
    ],
)
def test_a_step_has_words_and_a_day_that_can_be_kept(does: str, due_on: date, code: str | None):
    assert refused(plan.check_step, does, due_on, TODAY) == code


@pytest.mark.parametrize(
    ("kind", "present", "held_on", "notes", "code"),
    [
        ("follow_up", ("participant", "municipality"), TODAY, "Det går bra.", None),
        ("follow_up", (), TODAY, "Det går bra.", "nobody_present"),
        ("follow_up", ("participant",), TODAY + timedelta(days=1), "Det går bra.", "meeting_ahead"),
        ("follow_up", ("participant",), date(1900, 1, 1), "Det går bra.", "meeting_old"),
        ("follow_up", ("participant",), TODAY, " ", "notes_missing"),
        ("three_party", ("participant", "municipality", "provider"), TODAY, "Bra.", None),
        ("three_party", ("participant", "municipality"), TODAY, "Bra.", "three_parties_missing"),
        ("three_party", ("participant", "region", "region"), TODAY, "Bra.", "three_parties_missing"),
        ("three_party", ("municipality", "provider", "region"), TODAY, "Bra.", "three_parties_missing"),
    ],
)
def test_a_meeting_was_held_and_three_parties_are_three(kind, present, held_on, notes, code):
    assert refused(plan.check_meeting, kind, present, held_on, notes, TODAY) == code


# ── what may be seen ─────────────────────────────────────────────────────────────────────────────


@cases("disclosure")
def test_what_a_provider_may_see(case: Case):
    found = disclosure.may_see(
        case["what"],
        TERMS.disclosure,
        consent_stands=case.get("consent", False),
        left_on=case.get("left"),
        today=case.get("today", TODAY),
        consent_to_on=case.get("consent_to"),
    )
    assert (found.kind if found else None) == case.get("ground")
    assert (found.until if found else None) == case.get("until")
    assert found is None or found.basis


@given(DAYS, DAYS, st.sampled_from(("plan", "assessment")))
def test_without_a_consent_that_stands_nothing_that_needs_one_is_seen(today: date, left: date, what: str):
    for left_on in (None, left):
        seen = disclosure.may_see(what, TERMS.disclosure, consent_stands=False, left_on=left_on, today=today)
        assert seen is None


@pytest.mark.parametrize(
    ("to_on", "withdrawn_on", "today", "holds"),
    [
        (None, None, TODAY, True),
        (None, None, TODAY - timedelta(days=1), False),
        (TODAY, None, TODAY, True),
        (TODAY, None, TODAY + timedelta(days=1), False),
        (None, TODAY, TODAY, False),
    ],
)
def test_a_consent_holds_from_its_day_to_its_last_and_ends_when_taken_back(to_on, withdrawn_on, today, holds):
    assert disclosure.stands(TODAY, to_on, withdrawn_on, today) is holds


@pytest.mark.parametrize(
    ("what", "party", "is_theirs", "to_on", "code"),
    [
        ("plan", "provider", True, None, None),
        ("plan", "provider", False, None, "consent_not_theirs"),
        ("contact", "provider", True, None, "consent_not_needed"),
        ("contact", "region", False, None, None),
        ("plan", "municipality", False, None, "consent_unknown"),
        ("plan", "participant", False, None, "consent_unknown"),
        ("plan", "church", False, None, "consent_unknown"),
        ("secrets", "region", False, None, "consent_unknown"),
        ("plan", "region", False, TODAY, None),
        ("plan", "region", False, TODAY - timedelta(days=1), "consent_past"),
        ("plan", "region", False, date(9999, 12, 31), "consent_far"),
    ],
)
def test_a_consent_says_something(what, party, is_theirs, to_on, code):
    found = refused(
        disclosure.may_consent,
        what,
        party,
        is_theirs=is_theirs,
        terms=TERMS.disclosure,
        to_on=to_on,
        today=TODAY,
    )
    assert found == code


def test_a_rulebook_without_the_chapters_shows_little_and_counts_no_days_more():
    book = Book("")
    known = {one.what: (one.ground, one.days_after) for one in disclosure.read_disclosure(book.root)}
    assert known["contact"] == ("agreement", 0)
    assert not {"plan", "assessment"} & set(known)
    assert plan.read_steps(book.root).grace_working_days == 0


def refused(rule: Any, *facts: Any, **named: Any) -> str | None:
    """The code of the refusal, or None."""
    try:
        rule(*facts, **named)
    except Refusal as refusal:
        return refusal.code
    return None
