"""Two people who press at the same time: one is heard, the other is told."""

from __future__ import annotations

import pytest

from core import audit
from core.database import Database
from core.refusal import Refusal
from tests.support import town as towns
from tests.support.crowd import at_once
from tests.support.town import Town, noon, report_form
from vouchers import actions
from vouchers.models import ChoiceReceipt, Leg, Report


@pytest.fixture
def fresh(database: Database) -> Town:
    """A town of the test's own, where it may commit."""
    return towns.found(database)


def test_a_choice_made_twice_at_once_is_one_leg(fresh: Town, database: Database):
    places = [fresh.provider_id, fresh.other_provider_id]

    def press(number: int) -> int:
        with database.transaction(1) as session:
            return actions.choose(
                session, fresh.voucher_id, places[number % 2], {}, by=fresh.seeker, at=noon(fresh.decided_on)
            ).id

    answers = at_once(4, press)
    refusals = [answer.code for answer in answers if isinstance(answer, Refusal)]
    assert refusals == ["choice_made"] * 3, answers
    with database.reading() as session:
        assert session.query(Leg).count() == session.query(ChoiceReceipt).count() == 1
        assert session.query(Leg).one().id in answers
        assert audit.verify(session, 1).fault is None


def test_a_month_reported_twice_at_once_is_one_report(fresh: Town, database: Database):
    with database.transaction(1) as session:
        leg_id = fresh.started(session)
    month = fresh.decided_on.replace(day=1)

    def press(number: int) -> int:
        by = (fresh.coach, fresh.manager)[number]
        with database.transaction(1) as session:
            form = report_form(month, activity_minutes=60 + number)
            return actions.submit_report(session, leg_id, form, by=by, today=month.replace(day=31)).id

    answers = at_once(2, press)
    assert [answer.code for answer in answers if isinstance(answer, Refusal)] == ["report_exists"], answers
    with database.reading() as session:
        assert session.query(Report).one().id in answers


def test_a_report_approved_and_taken_back_at_once_ends_in_one_of_the_two(fresh: Town, database: Database):
    with database.transaction(1) as session:
        leg_id = fresh.started(session)
        report_id = fresh.reported(session, leg_id, fresh.decided_on.replace(day=1), approved=False)
    today = fresh.decided_on.replace(day=31)

    def press(number: int) -> str:
        with database.transaction(1) as session:
            if number:
                return actions.approve_report(session, report_id, by=fresh.guide, today=today).state
            return actions.withdraw_report(session, report_id, by=fresh.coach, today=today).state

    answers = at_once(2, press)
    with database.reading() as session:
        assert session.query(Report).one().state == "withdrawn"
    assert answers[0] == "withdrawn"
    assert answers[1] == "approved" or getattr(answers[1], "code", "") == "report_step_not_possible"
