"""Reminder, a provider's no, and who gets whom when nobody chose: the rules, from their tables of cases."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.chapters import Book
from core.dates import add_working_days
from providers.rules.places import E5, Spot
from tests.vouchers.test_rules import DAYS, TERMS, Case, as_told, cases, terms
from vouchers.rules import choice, declining, non_choice
from vouchers.rules.declining import Grounds
from vouchers.rules.non_choice import Candidate, Line
from vouchers.rules.terms import read_terms

OFFER = "jobbpeng.matching"
HOME = Spot(5_930_000, 1_800_000)


@cases("reminders")
def test_reminders(case: Case):
    rules = terms(case, window="choice_window_working_days", reminder="reminder_working_day")
    assert choice.is_to_be_reminded(case["last"], rules, case["today"]) is case["due"]


@given(DAYS, st.integers(-3, 12))
def test_the_reminder_is_due_from_its_day_to_the_last(decided: date, later: int):
    first, last = choice.remind_on(decided, TERMS), choice.choose_by(decided, TERMS)
    today = date.fromordinal(first.toordinal() + later)
    assert choice.is_to_be_reminded(last, TERMS, today) is (first <= today <= last)


@cases("declining")
def test_declining(case: Case):
    with as_told(case):
        declining.may_decline(
            case.get("reason"),
            Grounds(
                reasons=tuple(case.get("reasons", ("no_places", "few_days_left", "conflict_of_interest"))),
                has_place=case.get("has_place", True),
                days_left=case.get("days_left"),
                least_days_left=30,
            ),
        )


def test_what_a_form_closes_is_what_the_rule_refuses():
    open_ = Grounds(("no_places", "few_days_left", "conflict_of_interest"), True, 200, 30)
    assert set(declining.closed_reasons(open_)) == {"no_places", "few_days_left"}
    full = Grounds(("no_places", "few_days_left"), False, 3, 30)
    assert declining.closed_reasons(full) == {}


# ── no choice was made ───────────────────────────────────────────────────────────────────────────


def spot(degrees: list[float]) -> Spot:
    return Spot(round(degrees[0] * E5), round(degrees[1] * E5))


def person(told: Case, rule: str) -> non_choice.Case:
    return non_choice.Case(
        voucher_id=told["id"],
        offer=told.get("offer", OFFER),
        rule=rule,
        choose_by=told.get("choose_by", date(2026, 3, 9)),
        is_protected=told.get("is_protected", False),
        home=None if told.get("is_homeless") else HOME,
        not_again=frozenset(told.get("not_again", ())),
    )


def provider(told: Case) -> Candidate:
    return Candidate(
        provider_id=told["id"],
        offer=told.get("offer", OFFER),
        free=told.get("free", 1),
        given=told.get("given", 0),
        is_municipal=told.get("is_municipal", False),
        spots=tuple(spot(degrees) for degrees in told.get("at", ())),
    )


def as_written(line: Line) -> Case:
    to = {} if line.provider_id is None else {"to": line.provider_id}
    return {"who": line.voucher_id, **to, "rule": line.rule, **line.facts}


@cases("non_choice")
def test_who_gets_whom(case: Case):
    people = [person(told, case.get("rule", "nearest")) for told in case["people"]]
    providers = [provider(told) for told in case["providers"]]
    for order in (1, -1):
        found = non_choice.propose(people[::order], providers[::order], case.get("seed", "s"))
        assert [as_written(line) for line in found] == case["lines"]


PEOPLE = st.lists(
    st.builds(
        non_choice.Case,
        voucher_id=st.integers(1, 40),
        offer=st.sampled_from(["a", "b"]),
        rule=st.sampled_from(["nearest", "rotation", "own_run"]),
        choose_by=st.dates(date(2026, 3, 2), date(2026, 3, 9)),
        is_protected=st.booleans(),
        home=st.none() | st.builds(Spot, st.integers(5_920_000, 5_940_000), st.just(1_800_000)),
        not_again=st.frozensets(st.integers(1, 6), max_size=2),
    ),
    unique_by=lambda one: one.voucher_id,
    max_size=12,
)
PROVIDERS = st.lists(
    st.builds(
        Candidate,
        provider_id=st.integers(1, 6),
        offer=st.sampled_from(["a", "b"]),
        free=st.integers(0, 3),
        given=st.integers(0, 3),
        is_municipal=st.booleans(),
        spots=st.lists(
            st.builds(Spot, st.integers(5_920_000, 5_940_000), st.just(1_800_000)), max_size=2
        ).map(tuple),
    ),
    unique_by=lambda one: (one.provider_id, one.offer),
    max_size=8,
)


@given(PEOPLE, PROVIDERS, st.text(max_size=8))
def test_nobody_protected_goes_by_distance_no_place_is_given_twice_and_the_same_comes_again(
    people: list[non_choice.Case], providers: list[Candidate], seed: str
):
    found = non_choice.propose(people, providers, seed)
    assert found == non_choice.propose(people[::-1], providers[::-1], seed)
    assert sorted(line.voucher_id for line in found) == sorted(one.voucher_id for one in people)
    by_id = {one.voucher_id: one for one in people}
    offered = {(one.provider_id, one.offer): one.free for one in providers}
    for line in found:
        one = by_id[line.voucher_id]
        if one.is_protected:
            assert line.rule != "nearest"
            assert "kilometres" not in line.facts
        if line.provider_id is None:
            assert line.rule == "by_hand"
            continue
        offered[line.provider_id, one.offer] -= 1
        assert line.provider_id not in one.not_again
    assert all(free >= 0 for free in offered.values())


def test_a_rulebook_that_places_people_must_let_them_change():
    text = """
    [choice]
    non_choice = "rotation"
    """
    book = Book(text)
    read_terms(book.root)
    assert any("needs the chapter switching" in fault for fault in book.faults)


@pytest.mark.parametrize("days", [0, 1, 4, 5, 6])
def test_an_answer_is_late_the_working_day_after_its_last(days: int):
    chosen = date(2026, 3, 2)
    today = add_working_days(chosen, days)
    assert (choice.answer_by(chosen, TERMS) < today) is (days > TERMS.answer_within_working_days)
