"""The rules of proof, read from their tables of cases; no database."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.refusal import Refusal
from tests.vouchers.test_rules import TERMS, Case, as_told, cases
from vouchers.rules import proving, results
from vouchers.rules.proving import Look
from vouchers.rules.results import Organisation
from vouchers.rules.told import SEEN

OWN = Organisation("4199010010", "Stigfinnarna AB")
GROUP = (Organisation("4199020028", "Stigfinnarna Bemanning AB"),)
ELSEWHERE = "4199070014"
TODAY = date(2026, 9, 10)


def employer(case: Case) -> Organisation:
    name = case.get("employer", "x" * case.get("letters", 0))
    return Organisation(case.get("number", ELSEWHERE) or None, name)


@cases("whole_claims")
def test_a_claim_says_what_fits_together(case: Case):
    with as_told(case):
        results.whole_claim(
            kind=case.get("kind", "work"),
            employer=employer(case),
            extent_percent=case.get("extent", 100),
            starts_on=date(2026, 9, 1),
            ends_on=case.get("ends"),
            municipal=case.get("municipal", False),
        )


@cases("employers")
def test_an_employer_that_is_the_provider_or_of_its_group_is_known(case: Case):
    assert results.relation(employer(case), OWN, GROUP) == case.get("related")


@cases("next_services")
def test_a_new_decision_is_the_result_of_the_service_before(case: Case):
    assert case["is_step"] == results.is_next_step(
        before=TERMS.services[case.get("before", "preparatory")],
        after=TERMS.services[case.get("after", "matching")],
        last_day=case.get("last_day", date(2026, 8, 31)) or None,
        decided_on=case.get("decided", TODAY),
        terms=TERMS,
    )


@cases("looks")
def test_a_yes_rests_on_what_was_seen_last(case: Case):
    with as_told(case):
        proving.may_pass(case["source"], [Look(*look) for look in case["looks"]])


@given(st.lists(st.tuples(st.sampled_from(TERMS.sources), st.sampled_from(SEEN)), max_size=12))
def test_nothing_passes_that_was_contradicted_last_or_never_supported(seen: list[tuple[str, str]]):
    looks = [Look(*one) for one in seen]
    for source in TERMS.sources:
        answers = [look.found for look in looks if look.source == source and look.found != "no_answer"]
        try:
            proving.may_pass(source, looks)
        except Refusal as refusal:
            assert refusal.code in ("source_contradicts", "source_not_seen")
        else:
            assert answers[-1] == "supports"


@cases("overrides")
def test_an_override_has_reasons_and_an_end_that_is_near(case: Case):
    today = case.get("today", TODAY)
    with as_told(case):
        proving.may_override(
            due_on=case.get("due", date(2026, 9, 1)),
            reasons=case.get("reasons", "Arbetsgivaren har gått i konkurs."),
            until_on=case["until"],
            terms=proving.ORDINARY,
            today=today,
        )
        assert not proving.is_over(case["until"], today)
        assert not proving.is_over(case["until"], case["until"])


def test_an_override_is_over_the_day_after_its_last():
    assert proving.is_over(date(2028, 2, 28), date(2028, 2, 29))
    assert not proving.is_over(date(2028, 2, 29), date(2028, 2, 29))


@cases("asking_employers")
def test_an_employer_is_asked_where_its_word_counts(case: Case):
    with as_told(case):
        proving.may_ask(
            state=case.get("state", "due"),
            due_on=date(2026, 9, 1),
            kind=case.get("kind", "work"),
            related=case.get("related"),
            is_protected=case.get("is_protected", False),
            sources=case.get("sources", TERMS.sources),
            today=case.get("today", TODAY),
        )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, None),
        ({"source": "a good feeling"}, "source_missing"),
        ({"found": "perhaps"}, "found_missing"),
        ({"state": "failed"}, "check_judged"),
        ({"today": date(2026, 8, 31)}, "check_not_due"),
    ],
)
def test_a_look_is_at_a_named_source_from_the_day_of_the_case(changes: dict[str, Any], code: str | None):
    asked: dict[str, Any] = {"state": "due", "due_on": date(2026, 9, 1), "source": "payslip",
                             "found": "supports", "sources": TERMS.sources, "today": TODAY}  # fmt: skip
    with as_told({"refused": code} if code else {}):
        proving.may_look(**{**asked, **changes})


def test_a_link_lasts_as_long_as_the_rulebook_says():
    assert proving.link_ends(date(2028, 1, 31), proving.ORDINARY) == date(2028, 3, 1)


def test_only_two_answers_are_answers():
    assert [proving.found_by(answer) for answer in ("confirmed", "denied")] == ["supports", "contradicts"]
    with as_told({"refused": "answer_missing"}):
        proving.found_by("maybe")
