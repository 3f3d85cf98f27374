"""An employer's own word by a signed link, and decisions past the sources that end on a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app.accounts.actions import stranger
from core import identity
from core.identity import Protection
from core.refusal import Forbidden
from tests.support.refusing import refused, refused_by_the_database
from tests.support.town import Town, noon
from tests.vouchers.test_proof import CLAIMED_ON, WORK, check_of, claimed, seen
from vouchers import actions
from vouchers.models import Check, EmployerQuestion, Outcome, Override, Verification
from vouchers.queries import employers, proof

ASKED = actions.Asked("Provbageriet", "chef@example.org")
YES = actions.EmployerAnswer("confirmed", "Anna Provsson, chef", "Hon började i måndags.")
NO = actions.EmployerAnswer("denied", "Anna Provsson, chef")
LATER = CLAIMED_ON + timedelta(days=40)
PAST = actions.OverrideForm(True, "Arbetsgivaren har gått i konkurs.", LATER)
AGAINST = actions.OverrideForm(False, "Vi har sett att ingen arbetar där.", LATER, "evidence_does_not_fit")


def asked(session: Session, town: Town, check: Check, day: date = CLAIMED_ON) -> tuple[EmployerQuestion, str]:
    question = actions.ask_employer(session, check.id, ASKED, by=town.guide, at=noon(day))
    return question, identity.vault(session).open(question.code_sealed)


def answered(session: Session, code: str, form: actions.EmployerAnswer, day: date = CLAIMED_ON) -> None:
    actions.answer_employer(session, code, form, by=stranger(1), at=noon(day))


# ── the employer's word ──────────────────────────────────────────────────────────────────────────


def test_an_employers_yes_is_a_look_and_staff_still_judge(town: Town, session: Session):
    check = check_of(session, claimed(session, town))
    _question, code = asked(session, town, check)
    answered(session, code, YES)
    assert (check.state, seen(session, check)) == ("due", [("employer_confirmation", "supports")])
    actions.judge_check(
        session, check.id, passed=True, source="employer_confirmation", by=town.guide, today=CLAIMED_ON
    )
    assert (check.state, check.source) == ("passed", "employer_confirmation")


def test_an_employers_no_stands_in_the_way_of_a_contract(town: Town, session: Session):
    check = check_of(session, claimed(session, town))
    answered(session, asked(session, town, check)[1], NO)
    with refused("source_contradicts"):
        actions.judge_check(
            session, check.id, passed=True, source="employment_contract", by=town.guide, today=CLAIMED_ON
        )


def test_a_link_is_answered_once(town: Town, session: Session):
    check = check_of(session, claimed(session, town))
    question, code = asked(session, town, check)
    answered(session, code, YES)
    with refused("link_over"):
        answered(session, code, NO)
    assert seen(session, check) == [("employer_confirmation", "supports")]
    refused_by_the_database(
        session, "answers once", update(EmployerQuestion).where(EmployerQuestion.id == question.id).values(
            answer="denied")
    )  # fmt: skip
    refused_by_the_database(session, "rows are kept", delete(EmployerQuestion))


@pytest.mark.parametrize(("days", "works"), [(30, True), (31, False)])
def test_a_link_ends_on_its_day(town: Town, session: Session, days: int, works: bool):
    check = check_of(session, claimed(session, town))
    _question, code = asked(session, town, check)
    day = CLAIMED_ON + timedelta(days=days)
    assert (employers.asked(session, 1, code, day) is not None) is works
    if works:
        answered(session, code, YES, day)
    else:
        with refused("link_over"):
            answered(session, code, YES, day)


def test_a_new_link_closes_the_one_before(town: Town, session: Session):
    check = check_of(session, claimed(session, town))
    (first, old), (_second, new) = asked(session, town, check), asked(session, town, check)
    assert first.closed_at is not None
    with refused("link_over"):
        answered(session, old, YES)
    answered(session, new, YES)


def test_the_database_keeps_one_open_question_a_case(town: Town, session: Session):
    check = check_of(session, claimed(session, town))
    first, _code = asked(session, town, check)
    asked(session, town, check)
    refused_by_the_database(
        session,
        "uq_employer_question_open|UNIQUE",
        update(EmployerQuestion).where(EmployerQuestion.id == first.id).values(closed_at=None),
    )


def test_a_link_is_over_when_somebody_has_judged_or_the_claim_is_taken_back(town: Town, session: Session):
    outcome = claimed(session, town)
    check = check_of(session, outcome)
    _question, code = asked(session, town, check)
    actions.judge_check(session, check.id, passed=True, source="payslip", by=town.guide, today=CLAIMED_ON)
    with refused("link_over"):
        answered(session, code, NO)
    actions.withdraw_outcome(session, outcome.id, by=town.coach, today=CLAIMED_ON)
    again = actions.claim_outcome(session, outcome.leg_id, WORK, by=town.coach, today=CLAIMED_ON)
    _question, code = asked(session, town, check_of(session, again))
    actions.withdraw_outcome(session, again.id, by=town.coach, today=CLAIMED_ON)
    with refused("link_over"):
        answered(session, code, NO)


def test_nobody_who_is_protected_is_told_of_by_a_link(town: Town, session: Session):
    check = check_of(session, claimed(session, town))
    _question, code = asked(session, town, check)
    actions.set_protection(session, town.participant_id, Protection.CONFIDENTIAL, by=town.guide)
    assert employers.asked(session, 1, code, CLAIMED_ON) is None
    with refused("link_over"):
        answered(session, code, YES)
    with refused("protected_not_asked"):
        asked(session, town, check)


def test_an_answer_says_what_and_who(town: Town, session: Session):
    check = check_of(session, claimed(session, town))
    _question, code = asked(session, town, check)
    for form, why in (
        (actions.EmployerAnswer("maybe", "Anna"), "answer_missing"),
        (actions.EmployerAnswer("confirmed", "  "), "answered_as_missing"),
    ):
        with refused(why):
            answered(session, code, form)
    with refused("link_over"):
        answered(session, "0000-0000-0000-0000", YES)
    for by in (town.coach, town.manager, town.seeker, town.maker):
        with pytest.raises(Forbidden):
            actions.ask_employer(session, check.id, ASKED, by=by, at=noon(CLAIMED_ON))
    assert seen(session, check) == []


def test_codes_are_long_and_never_alike(town: Town, session: Session):
    check = check_of(session, claimed(session, town))
    codes = {asked(session, town, check)[1] for _ in range(50)}
    assert len(codes) == 50
    assert {len(code.replace("-", "")) for code in codes} == {16}
    kept = session.scalars(select(EmployerQuestion.code_sealed)).all()
    assert not [code for code in codes for sealed in kept if code in sealed]


# ── overrides ────────────────────────────────────────────────────────────────────────────────────


def test_an_override_passes_a_case_that_nobody_has_seen_a_source_of(town: Town, session: Session):
    outcome = claimed(session, town)
    check = check_of(session, outcome)
    override = actions.override_check(session, check.id, PAST, by=town.inspector, today=CLAIMED_ON)
    assert (check.state, check.source, outcome.state) == ("passed", "override", "verified")
    assert (override.decided_by, override.until_on) == (town.inspector.account_id, LATER)
    assert seen(session, check) == []
    assert check_of(session, outcome, "bonus").state == "due"


def test_an_override_fails_a_case_that_a_source_supports(town: Town, session: Session):
    outcome = claimed(session, town)
    check = check_of(session, outcome)
    actions.look_at_source(session, check.id, "payslip", "supports", by=town.guide, today=CLAIMED_ON)
    with refused("refusal_code_missing"):
        actions.override_check(
            session, check.id, actions.OverrideForm(False, "Nej.", LATER), by=town.guide, today=CLAIMED_ON
        )
    actions.override_check(session, check.id, AGAINST, by=town.guide, today=CLAIMED_ON)
    assert (check.state, check.refusal_code, outcome.state) == ("failed", AGAINST.refusal_code, "rejected")


def test_an_override_ends_in_a_judgement_that_rests_on_a_source(town: Town, session: Session):
    outcome = claimed(session, town)
    check = check_of(session, outcome)
    actions.override_check(session, check.id, PAST, by=town.guide, today=CLAIMED_ON)
    actions.end_override(session, check.id, passed=True, source="payslip", by=town.inspector, today=LATER)
    override = session.scalars(select(Override)).one()
    assert (override.ended_on, override.ended_by) == (LATER, town.inspector.account_id)
    assert (check.state, check.source, check.judged_on, outcome.state) == (
        "passed", "payslip", LATER, "verified",
    )  # fmt: skip
    assert check_of(session, outcome, "bonus").state == "due"
    with refused("no_override"):
        actions.end_override(session, check.id, passed=True, source="payslip", by=town.guide, today=LATER)


def test_an_override_that_ends_in_a_no_takes_the_result_and_its_bonus_with_it(town: Town, session: Session):
    outcome = claimed(session, town)
    check = check_of(session, outcome)
    actions.override_check(session, check.id, PAST, by=town.guide, today=CLAIMED_ON)
    actions.end_override(
        session, check.id, passed=False, refusal_code="no_evidence", by=town.guide, today=LATER
    )
    assert (check.state, check.source, outcome.state) == ("failed", None, "rejected")
    assert check_of(session, outcome, "bonus").state == "withdrawn"


def test_an_override_against_a_source_ends_in_a_yes(town: Town, session: Session):
    outcome = claimed(session, town)
    check = check_of(session, outcome)
    actions.override_check(session, check.id, AGAINST, by=town.guide, today=CLAIMED_ON)
    actions.end_override(session, check.id, passed=True, source="payslip", by=town.guide, today=LATER)
    assert (check.state, outcome.state) == ("passed", "verified")
    assert check_of(session, outcome, "bonus").state == "due"


def test_no_second_result_comes_to_stand_when_an_override_ends(town: Town, session: Session):
    outcome = claimed(session, town)
    check = check_of(session, outcome)
    actions.override_check(session, check.id, AGAINST, by=town.guide, today=CLAIMED_ON)
    actions.claim_outcome(session, outcome.leg_id, WORK, by=town.coach, today=CLAIMED_ON)
    with refused("outcome_exists"):
        actions.end_override(session, check.id, passed=True, source="payslip", by=town.guide, today=LATER)


def test_a_new_override_takes_the_place_of_the_one_before(town: Town, session: Session):
    check = check_of(session, claimed(session, town))
    actions.override_check(session, check.id, PAST, by=town.guide, today=CLAIMED_ON)
    longer = actions.OverrideForm(True, "Konkursförvaltaren svarar i december.", LATER + timedelta(days=20))
    actions.override_check(session, check.id, longer, by=town.inspector, today=LATER)
    rows = session.execute(select(Override.until_on, Override.ended_on).order_by(Override.id)).all()
    assert [tuple(row) for row in rows] == [(LATER, LATER), (longer.until_on, None)]
    assert check.state == "passed"


def test_a_yes_a_no_and_a_yes_by_overrides_leave_one_bonus_that_can_be_judged(town: Town, session: Session):
    outcome = claimed(session, town)
    check = check_of(session, outcome)
    for form in (PAST, AGAINST):
        actions.override_check(session, check.id, form, by=town.guide, today=CLAIMED_ON)
    assert outcome.state == "rejected"
    actions.end_override(session, check.id, passed=True, source="payslip", by=town.guide, today=LATER)
    bonus = check_of(session, outcome, "bonus")
    actions.judge_check(session, bonus.id, passed=True, source="payslip", by=town.guide, today=bonus.due_on)
    assert (outcome.state, bonus.state) == ("verified", "passed")


def test_an_override_ends_with_the_claim_it_was_about(town: Town, session: Session):
    outcome = claimed(session, town)
    actions.override_check(session, check_of(session, outcome).id, PAST, by=town.guide, today=CLAIMED_ON)
    actions.withdraw_outcome(session, outcome.id, by=town.coach, today=LATER)
    assert session.scalars(select(Override.ended_on)).all() == [LATER]
    assert proof.overrides(session, 1, viewer_id=town.guide.account_id) == []


def test_an_override_is_for_staff_and_stays_as_it_was_decided(town: Town, session: Session):
    check = check_of(session, claimed(session, town))
    for by in (town.coach, town.manager, town.seeker, town.maker, town.chair):
        with pytest.raises(Forbidden):
            actions.override_check(session, check.id, PAST, by=by, today=CLAIMED_ON)
    actions.override_check(session, check.id, PAST, by=town.guide, today=CLAIMED_ON)
    longer = {"until_on": LATER + timedelta(days=100)}
    refused_by_the_database(session, "as it was decided", update(Override).values(longer))
    refused_by_the_database(session, "rows are kept", delete(Override))
    row = Override(
        municipality_id=1, check_id=check.id, passes=True, reasons="Igen.",
        decided_by=town.guide.account_id, decided_on=CLAIMED_ON, until_on=LATER,
    )  # fmt: skip
    values = {column.key: getattr(row, column.key) for column in Override.__table__.columns}
    refused_by_the_database(session, "uq_outcome_override_standing|UNIQUE", insert(Override).values(values))


def test_a_case_that_is_judged_is_not_overridden_but_judged(town: Town, session: Session):
    check = check_of(session, claimed(session, town))
    actions.judge_check(session, check.id, passed=True, source="payslip", by=town.guide, today=CLAIMED_ON)
    with refused("check_step_not_possible"):
        actions.override_check(session, check.id, PAST, by=town.guide, today=CLAIMED_ON)


def test_the_list_shows_what_stands_the_first_to_end_on_top(town: Town, session: Session):
    check = check_of(session, claimed(session, town))
    actions.override_check(session, check.id, PAST, by=town.guide, today=CLAIMED_ON)
    (row,) = proof.overrides(session, 1, viewer_id=town.inspector.account_id)
    assert (row.check_id, row.until_on, row.opens, row.reasons) == (check.id, LATER, True, PAST.reasons)
    actions.set_protection(session, town.participant_id, Protection.CONFIDENTIAL, by=town.guide)
    (row,) = proof.overrides(session, 1, viewer_id=town.inspector.account_id)
    assert (row.name, row.provider, row.reasons, row.opens) == ("", "", "", False)
    (row,) = proof.overrides(session, 1, viewer_id=town.guide.account_id)
    assert row.opens
    actions.end_override(session, check.id, passed=True, source="payslip", by=town.guide, today=LATER)
    assert proof.overrides(session, 1, viewer_id=town.guide.account_id) == []
    assert session.query(Verification).count() == 1
    assert session.scalars(select(Outcome.state)).one() == "verified"
