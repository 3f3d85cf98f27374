"""When nobody has come: the table of cases, and what holds of any life; no database."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dates import add_months
from providers.rules.conditions import Dormancy
from providers.rules.dormancy import NOBODY, Chain, Finding, Seen, Stop, how_long, of_chain, watch

CASES = tomllib.loads((Path(__file__).parent / "cases" / "dormancy.toml").read_text("utf-8"))["case"]
RULES = Dormancy(9, 12, "chosen", ("municipality",), "a test")
FIRST = date(2025, 3, 1)
WORDS = {"name", "today", "verdict", "counted_from", "remind_on", "propose_on", "uncounted_days", "no_days",
         "chain", "from_on", "chosen_on", "started_on", "present_on", "present", "stops", "kept_on",
         "customer", "reminder_months", "proposal_months", "uncounted_stops"}  # fmt: skip

Case = dict[str, Any]


def rules_of(case: Case) -> Dormancy:
    return Dormancy(
        case.get("reminder_months", 9),
        case.get("proposal_months", 12),
        case.get("customer", "chosen"),
        tuple(case.get("uncounted_stops", ["municipality"])),
        "a test",
    )


def link(told: Case) -> tuple[date, Seen, tuple[Stop, ...], date | None]:
    seen = Seen(told.get("chosen_on"), told.get("started_on"), told.get("present_on"), told.get("present", 0))
    stops = tuple(Stop(row["by"], row["from_on"], row.get("to_on")) for row in told.get("stops", []))
    return told.get("from_on", FIRST), seen, stops, told.get("kept_on")


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_dormancy(case: Case):
    assert case.keys() <= WORDS
    rules = rules_of(case)
    chain = of_chain([link(told) for told in case.get("chain", [case])], rules)
    found = watch(chain, rules, case["today"])
    for word in ("verdict", "counted_from", "remind_on", "propose_on", "uncounted_days"):
        if word in case:
            assert getattr(found, word) == case[word], word
    if case.get("no_days"):
        assert (found.remind_on, found.propose_on) == (None, None)


def test_every_case_is_told_once():
    assert len({case["name"] for case in CASES}) == len(CASES)


DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
STOPS = st.builds(
    lambda by, day, length: Stop(by, day, None if length is None else day + timedelta(days=length)),
    st.sampled_from(["provider", "municipality"]),
    DAYS,
    st.none() | st.integers(0, 400),
)
CHAINS = st.builds(
    Chain, DAYS, st.none() | DAYS, st.just(0), st.lists(STOPS, max_size=4).map(tuple), st.none() | DAYS
)


def by_hand(chain: Chain, rules: Dormancy, today: date) -> Finding:
    """The same, day by day: each day that does not count moves the end one on."""
    start = max(day for day in (chain.from_on, chain.last_customer_on, chain.kept_on) if day)

    def uncounted(day: date) -> bool:
        return day <= today and any(
            stop.stopped_by in rules.uncounted_stops and stop.from_on <= day <= (stop.to_on or today)
            for stop in chain.stops
        )

    def reached(months: int) -> date:
        end, day = add_months(start, months), start
        while day < end:
            end += timedelta(days=uncounted(day))
            day += timedelta(days=1)
        return end

    remind_on, propose_on = reached(rules.reminder_months), reached(rules.proposal_months)
    verdict = "propose" if propose_on <= today else "remind" if remind_on <= today else "fine"
    moved = (propose_on - add_months(start, rules.proposal_months)).days
    return Finding(verdict, start, chain.last_customer_on, 0, moved, remind_on, propose_on)


@given(CHAINS, DAYS)
def test_the_days_are_what_counting_day_by_day_gives(chain: Chain, today: date):
    assert watch(chain, RULES, today) == by_hand(chain, RULES, today)


@given(CHAINS, DAYS)
def test_the_reminder_always_comes_before_the_proposal(chain: Chain, today: date):
    found = watch(chain, RULES, today)
    assert found.remind_on is not None
    assert found.propose_on is not None
    assert found.counted_from < found.remind_on < found.propose_on


@given(CHAINS, DAYS, st.integers(0, 60))
def test_without_a_customer_no_verdict_is_ever_milder_than_before(chain: Chain, today: date, later: int):
    order = ("fine", "remind", "propose")
    now, then = watch(chain, RULES, today), watch(chain, RULES, today + timedelta(days=later))
    stopped_ahead = any(stop.to_on is None or stop.to_on > today for stop in chain.stops)
    assert stopped_ahead or order.index(then.verdict) >= order.index(now.verdict)


@given(CHAINS, DAYS, st.integers(1, 50))
def test_where_being_there_counts_whoever_has_somebody_is_never_dormant(
    chain: Chain, today: date, running: int
):
    full = replace(chain, running=running)
    assert watch(full, replace(RULES, customer="present"), today).verdict == "fine"
    assert watch(full, RULES, today) == replace(watch(chain, RULES, today), running=running)


def test_a_chain_without_customers_has_none():
    assert of_chain([(FIRST, NOBODY, (), None)], RULES) == Chain(FIRST)


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("2026-03-01", "2026-03-01", (0, 0)),
        ("2026-03-01", "2026-02-01", (0, 0)),
        ("2026-01-31", "2026-02-27", (0, 27)),
        ("2026-01-31", "2026-02-28", (1, 0)),
        ("2026-01-31", "2026-03-15", (1, 15)),
        ("2024-02-29", "2025-02-28", (12, 0)),
        ("2025-03-03", "2026-11-20", (20, 17)),
    ],
)
def test_how_long_is_said_in_calendar_months_and_days(since: str, until: str, expected: tuple[int, int]):
    assert how_long(date.fromisoformat(since), date.fromisoformat(until)) == expected
