"""A person confirms or contests what was told, and a guide's verdict sends back what was wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.audit import AuditEntry
from core.identity import Protection
from core.refusal import Forbidden, Missing
from tests.support.refusing import refused, refused_by_the_database
from tests.support.town import Town, noon, report_form
from tests.vouchers.test_deviations import FORM, rules
from tests.vouchers.test_rules import Case, as_told, cases
from vouchers import actions
from vouchers.models import AttendanceAnswer, Report
from vouchers.queries import attendance as told
from vouchers.queries import contests
from vouchers.queries.closing import left_to_do
from vouchers.rules import attendance
from vouchers.rules.attendance import Answer

MARCH = date(2026, 3, 1)
TODAY = date(2026, 4, 2)
NOW = noon(TODAY)


@cases("contests")
def test_what_may_be_answered_and_where_it_stands(case: Case):
    now, was = {"activity_minutes": 1_200}, {"activity_minutes": 900}
    row = case.get("last")
    last = row and Answer(
        row["said"], row.get("verdict"), row.get("open", False), was if row.get("changed") else now
    )
    told_on, state = case.get("told", date(2026, 4, 1)), case["state"]
    shared = {"told_on": told_on, "shown": now, "last": last, "terms": rules(case), "today": case["today"]}
    assert attendance.standing(state=state, **shared) == case["stands"]
    assert case["stands"] in attendance.STANDINGS
    with as_told(case):
        stands = state in attendance.TOLD_MONTH + attendance.TOLD_ABSENCE
        attendance.may_answer(case["answer"], stands=stands, **shared)


@pytest.mark.parametrize(
    ("verdict", "state", "unchanged", "does"),
    [
        ("stands", "approved", True, None),
        ("wrong", "approved", True, "withdraw"),
        ("wrong", "submitted", True, "return"),
        ("wrong", "submitted", False, None),
        ("wrong", "approved", False, None),
        ("wrong", "returned", True, None),
        ("wrong", "withdrawn", True, None),
    ],
)
def test_what_a_verdict_does_to_the_report(verdict: str, state: str, unchanged: bool, does: str | None):
    assert attendance.consequence(verdict, state=state, unchanged=unchanged) == does


# ── the actions ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def leg_id(session: Session, town: Town) -> int:
    """The seeker has started at the first provider."""
    return town.started(session)


@pytest.fixture
def report_id(session: Session, town: Town, leg_id: int) -> int:
    """March, handed in and approved on 31 March."""
    return town.reported(session, leg_id, MARCH)


def no(session: Session, town: Town, report_id: int, words: str = "Jag var där.") -> AttendanceAnswer:
    return actions.answer_month(session, report_id, "contested", words, by=town.seeker, at=NOW)


def judge(session: Session, town: Town, answer: AttendanceAnswer, verdict: str) -> AttendanceAnswer:
    return actions.judge_contest(session, answer.id, verdict, "Listan.", by=town.guide, today=TODAY)


def test_a_contest_keeps_what_was_shown_and_the_trail_keeps_no_words(session, town, report_id):
    answer = no(session, town, report_id, "  Jag var sjuk.  ")
    assert answer.words == "Jag var sjuk."
    assert answer.shown == {
        "booked_minutes": 1_320, "activity_minutes": 1_200, "physical_minutes": 700,
        "meetings": 4, "physical_meetings": 2,
    }  # fmt: skip
    entry = session.scalars(select(AuditEntry).where(AuditEntry.what == "attendance.contested")).one()
    assert "sjuk" not in entry.details


def test_a_contest_says_what_is_wrong(session, town, report_id):
    with refused("words_missing"):
        no(session, town, report_id, " \n ")
    with refused("words_long"):
        no(session, town, report_id, "x" * 2_001)


def test_the_words_of_a_yes_are_not_kept(session, town, report_id):
    answer = actions.answer_month(session, report_id, "confirmed", "Tack!", by=town.seeker, at=NOW)
    assert answer.words == ""


def test_only_the_person_answers_and_only_of_their_own(session, town, report_id):
    for by in (town.other_seeker, replace(town.seeker, participant_id=None)):
        with pytest.raises(Missing):
            actions.answer_month(session, report_id, "confirmed", by=by, at=NOW)
    for by in (town.coach, town.guide, town.manager):
        with pytest.raises(Forbidden):
            actions.answer_month(session, report_id, "confirmed", by=by, at=NOW)
    with pytest.raises(Missing):
        actions.answer_month(session, report_id, "perhaps", by=town.seeker, at=NOW)


def test_only_a_guide_judges_with_reasons_and_once(session, town, report_id):
    answer = no(session, town, report_id)
    for by in (town.coach, town.seeker, town.manager):
        with pytest.raises(Forbidden):
            actions.judge_contest(session, answer.id, "stands", "Ja.", by=by, today=TODAY)
    with refused("reasons_missing"):
        actions.judge_contest(session, answer.id, "stands", " ", by=town.guide, today=TODAY)
    with pytest.raises(Missing):
        actions.judge_contest(session, answer.id, "maybe", "Ja.", by=town.guide, today=TODAY)
    judge(session, town, answer, "stands")
    with refused("contest_closed"):
        judge(session, town, answer, "wrong")


def test_what_was_approved_and_found_wrong_is_taken_back_and_can_be_told_anew(
    session, town, leg_id, report_id
):
    judge(session, town, no(session, town, report_id), "wrong")
    assert session.get_one(Report, (1, report_id)).state == "withdrawn"
    form = report_form(MARCH, activity_minutes=1_300)
    again = actions.submit_report(session, leg_id, form, by=town.coach, today=TODAY)
    assert again.id != report_id


def test_what_waits_and_is_found_wrong_goes_back_with_the_reasons(session, town, leg_id):
    report_id = town.reported(session, leg_id, MARCH, approved=False)
    judge(session, town, no(session, town, report_id), "wrong")
    report = session.get_one(Report, (1, report_id))
    assert (report.state, report.comment) == ("returned", "Listan.")


def test_what_the_provider_has_mended_while_it_waited_is_left_as_it_is(session, town, leg_id):
    report_id = town.reported(session, leg_id, MARCH, approved=False)
    answer = no(session, town, report_id)
    actions.return_report(session, report_id, "Skriv mer.", by=town.guide, today=TODAY)
    form = report_form(MARCH, activity_minutes=1_300)
    actions.submit_report(session, leg_id, form, by=town.coach, today=TODAY)
    judge(session, town, answer, "wrong")
    assert session.get_one(Report, (1, report_id)).state == "submitted"
    (mine,) = told.told_of(session, 1, town.participant_id, TODAY)
    assert mine.standing == "asked"


def test_an_absence_that_is_found_wrong_is_taken_away(session, town, leg_id):
    day = date(2026, 3, 19)
    found = actions.tell_deviation(session, leg_id, FORM, by=town.coach, today=day)
    actions.judge_deviation(session, found.id, valid=False, note="Nej.", by=town.guide, today=day)
    answer = actions.answer_deviation(
        session, found.id, "contested", "Jag var där.", by=town.seeker, at=noon(day)
    )
    assert answer.shown["happened_on"] == "2026-03-18"
    judge(session, town, answer, "wrong")
    assert found.state == "withdrawn"
    (mine,) = told.told_of(session, 1, town.participant_id, TODAY)
    assert mine.last
    assert (mine.is_month, mine.standing, mine.last.reasons) == (False, "wrong", "Listan.")


def test_whether_the_person_was_away_is_judged_before_the_reason(session, town, leg_id):
    day = date(2026, 3, 19)
    found = actions.tell_deviation(session, leg_id, FORM, by=town.coach, today=day)
    answer = actions.answer_deviation(session, found.id, "contested", "Nej.", by=town.seeker, at=noon(day))
    with refused("contest_first"):
        actions.judge_deviation(session, found.id, valid=True, by=town.guide, today=day)
    judge(session, town, answer, "stands")
    actions.judge_deviation(session, found.id, valid=True, by=town.guide, today=day)
    assert found.state == "valid"


def test_one_who_says_no_yes_and_no_again_has_one_contest_that_waits(session, town, report_id):
    first = no(session, town, report_id)
    actions.answer_month(session, report_id, "confirmed", by=town.seeker, at=NOW)
    assert first.taken_back_at == NOW
    with refused("contest_closed"):
        judge(session, town, first, "wrong")
    no(session, town, report_id)
    waiting = contests.contests(session, 1, viewer_id=town.guide.account_id)
    assert [row.id for row in waiting] == [
        session.scalars(select(AttendanceAnswer.id).where(told.is_open())).one()
    ]


def test_a_case_is_not_closed_while_a_month_is_contested(session, town, leg_id, report_id):
    def left() -> int:
        return left_to_do(session, 1, [town.voucher_id], TODAY)[town.voucher_id].reports

    assert left() == 0
    answer = no(session, town, report_id)
    assert left() == 1
    judge(session, town, answer, "stands")
    assert left() == 0


def test_lists_are_of_the_guides_own_people_and_of_nobody_protected(session, town, report_id, leg_id):
    answer = no(session, town, report_id)
    found = actions.tell_deviation(session, leg_id, FORM, by=town.coach, today=date(2026, 3, 19))
    mine = {"viewer_id": town.guide.account_id, "guide_id": town.guide.account_id}
    theirs = {"viewer_id": town.inspector.account_id}
    for who in (mine, theirs):
        assert [row.id for row in contests.contests(session, 1, **who)] == [answer.id]
        assert [row.id for row in contests.unjudged(session, 1, **who)] == [found.id]
    assert not contests.contests(session, 1, viewer_id=1, guide_id=1)
    waits = contests.to_judge(session, 1, [])[town.voucher_id]
    assert [(wait.kind, wait.on, wait.subject_id) for wait in waits] == [
        ("contest_to_judge", TODAY, answer.id),
        ("deviation_to_judge", date(2026, 3, 19), found.id),
    ]
    actions.set_protection(session, town.participant_id, Protection.CONFIDENTIAL, by=town.guide)
    assert not contests.contests(session, 1, **theirs)
    assert not contests.unjudged(session, 1, **theirs)
    assert len(contests.contests(session, 1, **mine)) == len(contests.unjudged(session, 1, **mine)) == 1


def test_the_database_keeps_what_a_person_said(session, town, report_id):
    answer = no(session, town, report_id)
    session.flush()
    here = update(AttendanceAnswer).where(AttendanceAnswer.id == answer.id)
    refused_by_the_database(session, "stays", here.values(words="Allt är bra."))
    refused_by_the_database(session, "stays", here.values(shown={"meetings": 9}))
    mine = {"verdict": "stands", "judged_by": town.seeker.account_id, "judged_on": TODAY}
    refused_by_the_database(session, "another_person_judged", here.values(**mine))
    judge(session, town, answer, "stands")
    session.flush()
    refused_by_the_database(session, "stays", here.values(verdict="wrong"))


def test_what_was_told_is_shown_to_the_person_alone(session, town, report_id):
    (mine,) = told.told_of(session, 1, town.participant_id, TODAY)
    assert (mine.of.id, mine.standing, mine.answer_by) == (
        report_id, "asked", date(2026, 3, 31) + timedelta(days=30),
    )  # fmt: skip
    assert not told.told_of(session, 1, town.other_participant_id, TODAY)
