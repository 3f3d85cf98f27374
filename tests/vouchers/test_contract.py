"""The contract's clock, read from its table of cases, and held against a clock that is counted day by day."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vouchers.rules.contract import (
    COUNTDOWNS,
    STATES,
    Contract,
    Countdown,
    Hours,
    Share,
    Time,
    Told,
    ceiling,
    countdowns,
    last_day,
    load_state,
    month_of_service,
    to_do,
    worst,
)
from vouchers.rules.pauses import Span

TABLE = tomllib.loads((Path(__file__).parent / "cases" / "contract.toml").read_text("utf-8"))
CONTRACT = Contract(
    individual_days=14,
    individual_minutes=30,
    physical_days=28,
    physical_percent=50,
    hours=(Hours(1, 60), Hours(7, 120)),
    per_coach=50,
    warn_days=5,
)
START = date(2026, 9, 1)
ONE_DAY = timedelta(days=1)
Case = dict[str, Any]


def cases(name: str) -> pytest.MarkDecorator:
    rows = TABLE[name]
    assert len({row["name"] for row in rows}) == len(rows)
    return pytest.mark.parametrize("case", rows, ids=[row["name"] for row in rows])


def stands(case: Case) -> tuple[Countdown, ...]:
    started: date = case.get("started", START)
    pauses = tuple(Span(one[0], one[1] if len(one) > 1 else None) for one in case.get("pauses", []))
    met, seen = case.get("met"), case.get("seen")
    told = Told(
        met_on=met,
        seen_on=seen,
        occasion_on=case.get("occasion", met),
        report_met=case.get("report_met"),
        report_seen=case.get("report_seen"),
        week=case.get("week", 0),
        week_before=case.get("week_before", 0),
        month=Share(*case.get("month", ())),
        month_before=Share(*case.get("month_before", ())),
    )
    time = Time(case.get("first", started), started, case.get("ended"), pauses)
    return countdowns(CONTRACT, time, told, case["today"])


@cases("case")
def test_how_a_requirement_stands(case: Case):
    found = {one.kind: one for one in stands(case)}
    if "none" in case:
        assert case["none"] not in found
        return
    wanted = case["is"]
    one = found[wanted["kind"]]
    told = {
        "kind": one.kind,
        "state": one.state,
        "last_on": one.last_on,
        "done": one.done,
        "asked": one.asked,
    }
    assert {name: told[name] for name in wanted} == wanted
    assert one.last_on == wanted.get("last_on")


@cases("month")
def test_a_month_of_service_begins_on_the_day_of_the_first(case: Case):
    assert month_of_service(case["first"], case["day"]) == case["is"]


@cases("load")
def test_a_coach_has_a_ceiling_for_the_time_that_is_worked(case: Case):
    most = ceiling(case["per_coach"], case["percent"])
    assert (most, load_state(case["count"], most)) == (case["most"], case["state"])


def test_what_to_do_leaves_out_what_has_passed_and_comes_in_order():
    found = (
        Countdown("individual", "well", date(2026, 9, 20)),
        Countdown("physical", "soon", date(2026, 9, 15)),
        Countdown("hours", "soon", date(2026, 9, 13)),
        Countdown("hours_before", "broken", date(2026, 9, 6)),
    )
    assert [one.kind for one in to_do(found)] == ["hours", "physical"]
    assert worst(found) == "broken"
    assert worst(()) == "well"


def by_hand(since: date, days: int, pauses: list[Span]) -> date | None:
    """The last day, found by walking day by day."""
    day = since
    while days:
        day += ONE_DAY
        if (day - since).days > 3_000:
            return None
        days -= not any(span.days(day, day) for span in pauses)
    return day


@given(
    st.integers(1, 40),
    st.lists(st.tuples(st.integers(-20, 60), st.integers(0, 30)), max_size=4),
    st.booleans(),
)
def test_the_last_day_is_the_one_found_by_walking(days: int, drawn: list[tuple[int, int]], lasts: bool):
    pauses, free_from = [], -30
    for start, length in sorted(drawn):
        first = max(start, free_from)
        pauses.append(Span(START + timedelta(days=first), START + timedelta(days=first + length)))
        free_from = first + length
    if pauses and lasts:
        pauses[-1] = Span(pauses[-1].from_on, None)
    assert last_day(START, days, pauses) == by_hand(START, days, pauses)


@given(
    st.integers(-5, 60),
    st.one_of(st.none(), st.integers(0, 60)),
    st.one_of(st.none(), st.integers(0, 60)),
    st.integers(0, 200),
)
def test_every_requirement_is_told_once_in_order_and_is_in_a_known_state(
    after: int, met: int | None, ended: int | None, week: int
):
    today = START + timedelta(days=after)
    met_on = START + timedelta(days=met) if met is not None and met <= after else None
    ended_on = START + timedelta(days=ended) if ended is not None else None
    found = countdowns(
        CONTRACT, Time(START, START, ended_on), Told(met_on=met_on, occasion_on=met_on, week=week), today
    )
    kinds = [one.kind for one in found]
    assert kinds == [kind for kind in COUNTDOWNS if kind in kinds]
    assert bool(found) == (today >= START and (ended_on is None or today <= ended_on))
    for one in found:
        assert one.state in STATES
        assert (one.state == "broken") == (one.last_on is not None and one.last_on < today)
        if one.state == "soon":
            assert one.last_on is not None
            assert 0 <= (one.last_on - today).days <= CONTRACT.warn_days
