"""How a service ends: a claim of what it led to, its checks on their days, and what the database refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.database import fetch
from core.refusal import Forbidden
from tests.support.refusing import refused, refused_by_the_database
from tests.support.town import Town
from vouchers import actions
from vouchers.models import Check, Leg, Outcome

END = date(2026, 8, 31)
WORK = actions.OutcomeForm("work", date(2026, 9, 1), END, 100, employer_number="419907-0014")
CLAIMED_ON = date(2026, 9, 10)


def checks(session: Session, outcome: Outcome) -> list[Check]:
    rows = select(Check).where(Check.outcome_id == outcome.id).order_by(Check.due_on)
    return list(session.scalars(rows))


def claimed(session: Session, town: Town) -> Outcome:
    leg_id = town.started(session)
    return actions.claim_outcome(session, leg_id, WORK, by=town.coach, today=CLAIMED_ON)


@pytest.mark.parametrize(
    ("ended_on", "reason", "code"),
    [
        (date(2026, 3, 1), "moved", "last_day_wrong"),
        (date(2026, 9, 1), "moved", "last_day_wrong"),
        (END, "tired", "end_reason_unknown"),
        (END, "", "end_reason_unknown"),
    ],
)
def test_a_service_ends_on_a_day_of_its_own_for_a_known_reason(
    town: Town, session: Session, ended_on: date, reason: str, code: str
):
    leg_id = town.started(session)
    with refused(code):
        actions.end_service(session, leg_id, ended_on, reason, by=town.coach, today=END)
    actions.end_service(session, leg_id, END, "moved", by=town.guide, today=END)
    with refused("leg_ended"):
        actions.end_service(session, leg_id, END, "moved", by=town.coach, today=END)


def test_a_claim_after_the_end_keeps_the_end_that_was_told(town: Town, session: Session):
    leg_id = town.started(session)
    actions.end_service(session, leg_id, date(2026, 8, 15), "time_out", by=town.coach, today=END)
    outcome = actions.claim_outcome(session, leg_id, WORK, by=town.coach, today=CLAIMED_ON)
    leg = fetch(session, Leg, 1, leg_id)
    assert (leg.ended_on, leg.end_reason) == (date(2026, 8, 15), "time_out")
    actions.judge_check(
        session,
        checks(session, outcome)[0].id,
        passed=True,
        source="payslip",
        by=town.guide,
        today=CLAIMED_ON,
    )
    assert checks(session, outcome)[-1].due_on == date(2027, 2, 15)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "next_step"}, "outcome_not_for_service"),
        ({"starts_on": date(2026, 10, 1)}, "outcome_in_future"),
        ({"extent_percent": 0}, "extent_wrong"),
        ({"extent_percent": 101}, "extent_wrong"),
        ({"employer_number": None}, "employer_missing"),
        ({"employer_number": "419901-0011"}, "organisation_number_wrong"),
    ],
)
def test_a_wrong_claim_is_refused_and_the_service_still_runs(
    town: Town, session: Session, changes: dict[str, Any], code: str
):
    leg_id = town.started(session)
    with refused(code):
        actions.claim_outcome(
            session,
            leg_id,
            replace(WORK, **changes),
            by=town.coach,
            today=CLAIMED_ON,
        )
    assert fetch(session, Leg, 1, leg_id).ended_on is None
    assert session.query(Outcome).count() == 0


def test_a_result_is_claimed_once_but_again_after_it_was_taken_back_or_turned_down(
    town: Town, session: Session
):
    first = claimed(session, town)
    with refused("outcome_exists"):
        actions.claim_outcome(session, first.leg_id, WORK, by=town.coach, today=CLAIMED_ON)
    actions.withdraw_outcome(session, first.id, by=town.coach, today=CLAIMED_ON)
    assert [check.state for check in checks(session, first)] == ["withdrawn"]
    second = actions.claim_outcome(session, first.leg_id, WORK, by=town.coach, today=CLAIMED_ON)
    (check,) = checks(session, second)
    actions.judge_check(
        session, check.id, passed=False, refusal_code="no_evidence", by=town.guide, today=CLAIMED_ON
    )
    assert (second.state, check.source) == ("rejected", None)
    actions.claim_outcome(session, first.leg_id, WORK, by=town.coach, today=CLAIMED_ON)


def test_a_check_is_judged_by_staff_on_its_day_and_once(town: Town, session: Session):
    outcome = claimed(session, town)
    (check,) = checks(session, outcome)
    early = check.due_on - timedelta(days=1)
    for by in (town.coach, town.manager, town.seeker, town.maker):
        with pytest.raises(Forbidden):
            actions.judge_check(session, check.id, passed=True, source="payslip", by=by, today=CLAIMED_ON)
    with refused("check_not_due"):
        actions.judge_check(session, check.id, passed=True, source="payslip", by=town.guide, today=early)
    with refused("source_missing"):
        actions.judge_check(session, check.id, passed=True, by=town.guide, today=CLAIMED_ON)
    actions.judge_check(session, check.id, passed=True, source="payslip", by=town.guide, today=CLAIMED_ON)
    with refused("check_step_not_possible"):
        actions.judge_check(session, check.id, passed=True, source="payslip", by=town.guide, today=CLAIMED_ON)


def test_the_database_refuses_a_judgement_before_its_day_or_without_a_person_and_a_source(
    town: Town, session: Session
):
    (check,) = checks(session, claimed(session, town))
    this = update(Check).where(Check.id == check.id)
    seen = {"state": "passed", "judged_by": town.guide.account_id, "source": "payslip"}
    early = {**seen, "judged_on": check.due_on - timedelta(days=1)}
    refused_by_the_database(session, "not_before_its_day", this.values(early))
    for left_out in ("judged_by", "source"):
        values = {key: value for key, value in seen.items() if key != left_out}
        refused_by_the_database(
            session, "a_person_saw_a_source", this.values(**values, judged_on=check.due_on)
        )
    session.execute(this.values(**seen, judged_on=check.due_on))


def test_a_bonus_falls_with_its_result(town: Town, session: Session):
    outcome = claimed(session, town)
    actions.judge_check(
        session,
        checks(session, outcome)[0].id,
        passed=True,
        source="payslip",
        by=town.guide,
        today=CLAIMED_ON,
    )
    bonus = checks(session, outcome)[-1]
    with refused("check_not_due"):
        actions.judge_check(
            session, bonus.id, passed=True, source="payslip", by=town.guide, today=date(2027, 2, 27)
        )
    actions.withdraw_outcome(session, outcome.id, by=town.inspector, today=date(2026, 12, 1))
    assert [check.state for check in checks(session, outcome)] == ["withdrawn", "withdrawn"]
    with refused("outcome_not_standing"):
        actions.judge_check(
            session, bonus.id, passed=True, source="payslip", by=town.guide, today=date(2027, 2, 28)
        )


def test_a_bonus_that_did_not_hold_leaves_the_result_standing(town: Town, session: Session):
    outcome = claimed(session, town)
    for passed, code, today in ((True, None, CLAIMED_ON), (False, "ended_too_early", date(2027, 2, 28))):
        actions.judge_check(
            session,
            checks(session, outcome)[-1].id,
            passed=passed,
            source="payslip" if passed else None,
            refusal_code=code,
            by=town.guide,
            today=today,
        )
    assert outcome.state == "verified"
    assert [check.state for check in checks(session, outcome)] == ["passed", "failed"]
