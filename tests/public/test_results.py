"""What is counted about those who have left, who have begun and who are there; and when it may be shown."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from core.database import Database
from core.dates import add_months, today
from tests.public.history import History
from tests.support.town import Town
from vouchers import actions
from vouchers.models import Check, Leg, Outcome
from vouchers.queries.market import market
from vouchers.queries.results import counts
from vouchers.rules.outcomes import Tally, led_on, still_there


@pytest.fixture
def decided_on() -> date:
    """Long enough ago for somebody to have left six months back."""
    return add_months(today(), -7)


def test_of_those_who_left_only_a_verified_result_counts(database: Database, town: Town, history: History):
    with database.transaction(1) as session:
        for how in ("verified", "verified", "claimed", "rejected", "withdrawn", ""):
            history.left(session, how)
        history.left(session, "verified", own=False)
        history.left(session, "", service="preparatory")
        town.started(session)
    with database.reading() as session:
        found = counts(session, 1, today())
    assert {key[::2]: led_on(rows) for key, rows in found.left.items()} == {
        (town.provider_id, "matching"): Tally(2, 6),
        (town.other_provider_id, "matching"): Tally(1, 1),
        (town.provider_id, "preparatory"): Tally(0, 1),
    }, "the seeker, who has started and not left, counts nowhere"
    assert sum(found.taken.values()) == 1


def test_six_months_later_only_what_staff_have_seen_counts_as_there(
    database: Database, town: Town, history: History
):
    key = (town.provider_id, "jobbpeng", "matching")
    with database.transaction(1) as session:
        legs = [history.left(session, how) for how in ("verified", "verified", "verified", "")]
    with database.reading() as session:
        assert still_there(counts(session, 1, today()).left[key]) == Tally(0, 1), "nobody has judged three"
    with database.transaction(1) as session:
        for leg_id, passed in ((legs[0], True), (legs[1], False)):
            check = session.query(Check).filter_by(leg_id=leg_id, purpose="bonus").one()
            actions.judge_check(
                session, check.id, passed=passed, source="payslip" if passed else None,
                refusal_code=None if passed else "ended_too_early", by=town.guide, today=today(),
            )  # fmt: skip
    with database.reading() as session:
        found = counts(session, 1, today())
        early = counts(session, 1, add_months(today(), -4))
    assert still_there(found.left[key]) == Tally(1, 3), "one there, one not, one never had a result"
    assert found.asked == {("jobbpeng", "matching")}
    assert still_there(early.left[key]) == Tally(0, 0), "nobody had been gone for six months then"


def test_a_result_that_stands_no_more_is_not_there_either(database: Database, town: Town, history: History):
    with database.transaction(1) as session:
        leg_id = history.left(session, "verified")
        check = session.query(Check).filter_by(leg_id=leg_id, purpose="bonus").one()
        actions.judge_check(session, check.id, passed=True, source="payslip", by=town.guide, today=today())
        session.execute(update(Outcome).where(Outcome.leg_id == leg_id).values(state="rejected"))
    with database.reading() as session:
        rows = counts(session, 1, today()).left[town.provider_id, "jobbpeng", "matching"]
    assert (led_on(rows), still_there(rows)) == (Tally(0, 1), Tally(0, 1))


def test_the_wait_is_counted_in_working_days_of_those_who_began_the_last_six_months(
    database: Database, town: Town, history: History
):
    with database.transaction(1) as session:
        legs = [history.left(session) for _ in range(3)]
        recent = add_months(today(), -6) + timedelta(days=1)
        days = ((recent, recent), (recent, recent + timedelta(days=14)), (recent, recent - timedelta(days=1)))
        for leg_id, (chosen_on, started_on) in zip(legs, days, strict=True):
            began = {"chosen_on": min(chosen_on, started_on), "started_on": started_on, "ended_on": today()}
            session.execute(update(Leg).where(Leg.id == leg_id).values(**began))
    with database.reading() as session:
        (found,) = counts(session, 1, today()).started.values()
    assert sum(found.values()) == 2, "the third began a day too early to be counted"
    assert min(found) == 0
    assert max(found) in (9, 10, 8), "two weeks, with whatever holidays lie in them"


def test_nothing_has_happened_gives_nothing(database: Database, town: Town):
    with database.reading() as session:
        for municipality_id in (1, 2):
            found = counts(session, municipality_id, today())
            assert (found.left, found.asked, found.started, found.taken) == ({}, set(), {}, {})
        assert market(session, 2, today()).candidates == ()


def test_a_place_that_is_chosen_is_not_free(database: Database, town: Town):
    def free() -> list[int]:
        with database.reading() as session:
            found = market(session, 1, today()).by_id[town.provider_id]
            return [line.free for line in found.lines]

    before = free()
    with database.transaction(1) as session:
        town.chosen(session)
    assert free() == [before[0] - 1, before[1]]
