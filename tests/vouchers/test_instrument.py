"""What answers speak for, which meeting counts, what a decision must hold: tables of cases; no database."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.refusal import Refusal
from tests.vouchers.test_rules import CASES, TERMS, Case, cases
from vouchers.rules import deciding
from vouchers.rules import instrument as rule
from vouchers.rules import letter as letters
from vouchers.rules.instrument import Instrument, suggest
from vouchers.rules.letter import LetterTerms


def the_instrument() -> Instrument:
    assert TERMS.instrument is not None
    return TERMS.instrument


INSTRUMENT = the_instrument()
STEPS = ("far", "some", "near", "there")


def asked(case: Case) -> dict[str, str]:
    said = {question.code: case["all"] for question in INSTRUMENT.questions} | case.get("answers", {})
    return {code: step for code, step in said.items() if code != case.get("leave_out")}


def told(ask: Any, expected: str | None, says: str = "") -> None:
    """It is refused with that code and says that, or it is allowed."""
    try:
        ask()
    except Refusal as refusal:
        assert refusal.code == expected, str(refusal)
        assert says in str(refusal)
    else:
        assert expected is None


@cases("instrument")
def test_what_answers_speak_for(case: Case):
    if "refused" in case:
        told(lambda: suggest(INSTRUMENT, asked(case)), case["refused"], case["says"])
        return
    found = suggest(INSTRUMENT, asked(case))
    assert (f"{found.service}:{found.level}", found.total) == (case["track"], case["total"])
    assert found.areas == case.get("areas", found.areas)


def test_why_says_which_area_stopped_which_track_and_what_was_enough():
    said = {question.code: "there" for question in INSTRUMENT.questions}
    found = suggest(INSTRUMENT, said | {"swedish": "some", "digital": "some"})
    assert [(one.level, one.rule, one.area, one.hundredths, one.bound, one.met) for one in found.why] == [
        ("basic", "least", "", 80, 65, True),
        ("basic", "floor", "language", 33, 40, False),
        ("enhanced", "least", "", 80, 40, True),
        ("enhanced", "floor", "language", 33, 20, True),
    ]


ANSWERS = st.fixed_dictionaries({one.code: st.sampled_from(STEPS) for one in INSTRUMENT.questions})


@given(ANSWERS, st.sampled_from([one.code for one in INSTRUMENT.questions]))
def test_a_step_nearer_never_suggests_a_longer_way(said: dict[str, str], better: str):
    order = [(track.service, track.level) for track in INSTRUMENT.tracks]
    nearer = STEPS[min(STEPS.index(said[better]) + 1, len(STEPS) - 1)]
    before, after = suggest(INSTRUMENT, said), suggest(INSTRUMENT, said | {better: nearer})
    assert order.index((after.service, after.level)) <= order.index((before.service, before.level))
    assert after.total >= before.total


@given(ANSWERS)
def test_the_last_reason_of_each_track_that_was_passed_over_is_a_no(said: dict[str, str]):
    found = suggest(INSTRUMENT, said)
    for track in {(one.service, one.level) for one in found.why}:
        met = [one.met for one in found.why if (one.service, one.level) == track]
        assert all(met) == (track == (found.service, found.level))


@cases("meetings")
def test_which_meeting_counts_and_how_long(case: Case):
    book = replace(INSTRUMENT, valid_days=case.get("days", 60))
    terms = replace(TERMS, instrument=None if case.get("without") else book)
    met_on, today, says = case.get("met_on"), case["today"], case.get("says", "")
    if met_on is not None:
        told(lambda: rule.may_assess(met_on, book, today), case.get("assess"))
    if case.get("decide") or "assess" not in case:
        told(lambda: deciding.may_rest_on(met_on, terms, today), case.get("decide"), says)


@cases("decisions")
def test_what_a_decision_must_hold(case: Case):
    groups = tuple(one for one in TERMS.target_groups if "groups" not in case)
    terms = replace(
        TERMS,
        target_groups=groups,
        also=tuple(case.get("also", TERMS.also)),
        studies=tuple(case.get("allowed_studies", TERMS.studies)),
    )
    wanted = deciding.Wanted(
        case.get("service", "matching"),
        case.get("level", "basic"),
        case.get("months", 12),
        case.get("reasons", "Bedömt vid möte."),
        case.get("target_group", "economic_assistance") or None,
        case.get("studies", "none"),
    )
    running = [
        deciding.Running(one["scheme"], tuple(one["also"]), one["scheme"]) for one in case.get("running", [])
    ]

    def ask() -> None:
        deciding.may_decide(wanted, terms)
        deciding.may_run_beside("jobbpeng", terms.also, running)

    told(ask, case.get("refused"), case.get("says", ""))


# ── the letter's code ────────────────────────────────────────────────────────────────────────────


def part(name: str) -> pytest.MarkDecorator:
    rows = tomllib.loads((CASES / "letters.toml").read_text("utf-8"))[name]
    return pytest.mark.parametrize("case", rows, ids=[row["name"] for row in rows])


@part("typed")
def test_a_code_may_be_typed_in_many_ways(case: Case):
    assert letters.read_code(case["typed"]) == case.get("code")


@part("spelled")
def test_a_number_is_spelled_in_sixteen_marks(case: Case):
    number = int(case["number_hex"], 16) if "number_hex" in case else case["number"]
    assert letters.spelled(number) == case["code"]


@given(st.integers(0, 2**80 - 1), st.integers(0, 2**80 - 1))
def test_eighty_bits_are_eighty_bits(one: int, other: int):
    assert letters.read_code(letters.spelled(one).lower().replace("-", " ")) == letters.spelled(one)
    assert (letters.spelled(one) == letters.spelled(other)) == (one == other)


@given(st.text())
def test_whatever_is_typed_is_read_or_is_no_code(typed: str):
    code = letters.read_code(typed)
    assert code is None or letters.read_code(code) == code


@part("good")
def test_a_code_is_good_for_calendar_days(case: Case):
    terms = LetterTerms(valid_days=case["days"])
    assert letters.expires_on(case["made_on"], terms) == case["expires_on"]


@part("locks")
def test_wrong_persons_lock_it(case: Case):
    assert letters.locks(case["failures"], LetterTerms(lock_after=case["after"])) == case["locks"]
