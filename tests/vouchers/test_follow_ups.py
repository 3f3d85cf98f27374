"""Six months later: a provider answers for its own people, the clock reminds once, a share is seen again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.demo.people import organisation_number
from core.actor import Actor, Role
from core.audit import AuditEntry
from core.database import fetch
from core.identity import Protection
from core.refusal import Forbidden, Missing
from tests.support.refusing import refused, refused_by_the_database
from tests.support.town import Town
from vouchers import actions
from vouchers.actions.following import answer_follow_up, draw_reviews, remind_follow_ups, review_check
from vouchers.models import Check, Outcome, Participant, QualityReview
from vouchers.queries.following import counts, dated, due_follow_ups, follow_ups, own_follow_up
from vouchers.queries.reviews import review_counts, reviews

END, WORK_ON = date(2026, 8, 31), date(2026, 9, 1)
OPENS = date(2027, 2, 28)
LAST = OPENS + timedelta(days=42)
CLOCK = Actor.clock(1)


def bonus(session: Session, town: Town) -> Check:
    """The seeker worked from 1 September, which was seen; the case six months later."""
    leg_id = town.started(session)
    form = actions.OutcomeForm("work", WORK_ON, END, 100, employer_number=organisation_number(7001))
    outcome = actions.claim_outcome(session, leg_id, form, by=town.coach, today=WORK_ON)
    first = session.scalars(select(Check).where(Check.outcome_id == outcome.id)).one()
    actions.judge_check(session, first.id, passed=True, source="payslip", by=town.guide, today=WORK_ON)
    return session.scalars(select(Check).where(Check.purpose == "bonus")).one()


def told(session: Session, what: str) -> list[Any]:
    rows = select(AuditEntry).where(AuditEntry.what == what).order_by(AuditEntry.sequence)
    return list(session.scalars(rows))


def test_the_bonus_is_a_case_of_its_own_with_its_days(town: Town, session: Session):
    case = bonus(session, town)
    assert (case.due_on, case.answer_by, case.state, case.reminded_on) == (OPENS, LAST, "due", None)
    first = session.scalars(select(Check).where(Check.purpose == "result")).one()
    assert first.answer_by is None, "what was there at the claim is shown with the claim"
    early = due_follow_ups(session, 1, town.provider_id, OPENS - timedelta(days=1), viewer=town.coach)
    assert early == []
    (one,) = due_follow_ups(session, 1, town.provider_id, OPENS, viewer=town.coach)
    assert (one.check_id, one.stage, one.answer_by, one.waits) == (case.id, "open", LAST, True)
    assert due_follow_ups(session, 1, town.other_provider_id, OPENS, viewer=town.other_coach) == []


def test_a_case_that_no_last_day_was_given_has_the_rulebooks(town: Town, session: Session):
    case = bonus(session, town)
    case.answer_by = None
    session.flush()
    (one,) = due_follow_ups(session, 1, town.provider_id, OPENS, viewer=town.coach)
    assert one.answer_by == LAST


def test_the_provider_answers_and_may_change_it_until_it_is_judged(town: Town, session: Session):
    case = bonus(session, town)
    answer_follow_up(session, case.id, "still", by=town.coach, today=OPENS)
    assert (case.answer, case.answered_on, case.answered_by) == ("still", OPENS, town.coach.account_id)
    assert due_follow_ups(session, 1, town.provider_id, OPENS, viewer=town.coach) == []
    answer_follow_up(session, case.id, "still", by=town.manager, today=LAST + timedelta(days=9))
    assert case.answered_on == OPENS, "the same answer again says nothing new, and is not late"
    ended = date(2027, 1, 15)
    answer_follow_up(session, case.id, "ended", ended, by=town.manager, today=LAST + timedelta(days=1))
    assert (case.answer, case.last_on, case.state) == ("ended", ended, "due")
    assert [entry.details for entry in told(session, "check.answered")] == [
        '{"answer": "still", "late": false, "part": 1, "purpose": "bonus"}',
        '{"answer": "ended", "late": true, "part": 1, "purpose": "bonus"}',
    ]
    actions.judge_check(
        session, case.id, passed=False, refusal_code="ended_too_early", by=town.guide, today=LAST
    )
    with refused("check_judged"):
        answer_follow_up(session, case.id, "still", by=town.coach, today=LAST)


def test_nobody_else_answers(town: Town, session: Session):
    case = bonus(session, town)
    with pytest.raises(Missing):
        answer_follow_up(session, case.id, "still", by=town.other_coach, today=OPENS)
    with pytest.raises(Missing):
        own_follow_up(session, 1, town.other_provider_id, case.id, OPENS, viewer=town.other_coach)
    for who in (town.guide, town.seeker, town.maker):
        with pytest.raises(Forbidden):
            answer_follow_up(session, case.id, "still", by=who, today=OPENS)
    first = session.scalars(select(Check.id).where(Check.purpose == "result")).one()
    with pytest.raises(Missing):
        answer_follow_up(session, first, "still", by=town.coach, today=OPENS)
    assert case.answer is None


def test_a_protected_persons_case_is_for_the_manager_and_the_named_coach(town: Town, session: Session):
    case = bonus(session, town)
    person = session.get_one(Participant, (1, town.participant_id))
    person.protection = Protection.CONFIDENTIAL.value
    session.flush()
    with pytest.raises(Missing):
        answer_follow_up(session, case.id, "still", by=town.coach, today=OPENS)
    with pytest.raises(Missing):
        own_follow_up(session, 1, town.provider_id, case.id, OPENS, viewer=town.coach)
    (hidden,) = follow_ups(session, 1, town.provider_id, OPENS, viewer=town.coach)
    assert hidden.name is None
    (known,) = follow_ups(session, 1, town.provider_id, OPENS, viewer=town.manager)
    assert known.name
    answer_follow_up(session, case.id, "still", by=town.manager, today=OPENS)


def test_a_no_for_want_of_an_answer_waits_and_another_does_not(town: Town, session: Session):
    case = bonus(session, town)
    told_no: dict[str, Any] = {"passed": False, "by": town.guide}
    for code in ("no_evidence", "too_late"):
        with refused("answer_awaited"):
            actions.judge_check(session, case.id, refusal_code=code, today=LAST, **told_no)
    assert case.state == "due"
    actions.judge_check(
        session, case.id, refusal_code="no_evidence", today=LAST + timedelta(days=1), **told_no
    )
    assert (case.state, case.refusal_code) == ("failed", "no_evidence")


def test_a_late_answer_is_for_a_person_to_judge(town: Town, session: Session):
    case = bonus(session, town)
    late = LAST + timedelta(days=20)
    answer_follow_up(session, case.id, "still", by=town.coach, today=late)
    (row,) = dated(
        session, 1, late, viewer_id=town.guide.account_id, guide_id=None, which="open", since=END, until=late
    )
    assert (row.stage, row.answer, row.state) == ("late", "still", "due")
    actions.judge_check(session, case.id, passed=True, source="payslip", by=town.guide, today=late)
    assert case.state == "passed"


def test_a_part_on_its_own_day_is_followed_too(town: Town, session: Session, monkeypatch):
    from vouchers.rules import results  # noqa: PLC0415  # the town's rulebook has one part; this test has two

    parts = (date(2026, 12, 1), date(2027, 3, 1))
    monkeypatch.setattr(results, "result_dates", lambda _starts_on, _terms: parts)
    leg_id = town.started(session)
    form = actions.OutcomeForm("work", WORK_ON, END, 100, employer_number=organisation_number(7001))
    actions.claim_outcome(session, leg_id, form, by=town.coach, today=WORK_ON)
    found = follow_ups(session, 1, town.provider_id, WORK_ON, viewer=town.coach)
    assert [(one.part, one.opens_on, one.stage) for one in found] == [
        (1, parts[0], "coming"),
        (2, parts[1], "coming"),
    ]
    seen: dict[str, Any] = {"viewer_id": town.guide.account_id, "guide_id": None, "since": END}
    coming = dated(session, 1, WORK_ON, which="coming", until=date(2026, 12, 31), **seen)
    assert [row.part for row in coming] == [1], "the second lies further ahead"
    told_of = counts(session, 1, WORK_ON, guide_id=None, since=END, until=date(2027, 12, 31))
    assert told_of == {"open": 0, "coming": 2, "judged": 0}


# ── the reminder ──────────────────────────────────────────────────────────────────────────────────


def test_it_is_reminded_of_once_and_nothing_is_closed(town: Town, session: Session):
    case = bonus(session, town)
    days = [OPENS + timedelta(days=number) for number in range(60)]
    given = [day for day in days if remind_follow_ups(session, by=CLOCK, today=day)]
    assert given == [OPENS + timedelta(days=14)]
    assert (case.reminded_on, case.state) == (given[0], "due")
    assert len(told(session, "check.reminded")) == 1
    (one,) = due_follow_ups(session, 1, town.provider_id, days[-1], viewer=town.coach)
    assert one.stage == "overdue"


def test_who_has_answered_and_what_no_longer_stands_is_not_reminded_of(town: Town, session: Session):
    case = bonus(session, town)
    day = OPENS + timedelta(days=14)
    answer_follow_up(session, case.id, "still", by=town.coach, today=OPENS)
    assert remind_follow_ups(session, by=CLOCK, today=day) == 0
    case.answer = case.answered_on = case.answered_by = None
    fetch(session, Outcome, 1, case.outcome_id).state = "rejected"
    session.flush()
    assert remind_follow_ups(session, by=CLOCK, today=day) == 0
    assert due_follow_ups(session, 1, town.provider_id, day, viewer=town.coach) == []


# ── a second look ─────────────────────────────────────────────────────────────────────────────────


def drawn(session: Session, town: Town, monkeypatch: pytest.MonkeyPatch, percent: int = 100) -> Check:
    """The result was judged on 1 September, and so large a share is drawn the day after."""
    from vouchers.rules import terms  # noqa: PLC0415  # the share is changed for this test alone

    case = bonus(session, town)
    first = session.scalars(select(Check).where(Check.purpose == "result")).one()
    assert case.id != first.id
    whole = terms.Terms
    monkeypatch.setattr(
        "vouchers.actions.following.terms_of",
        lambda *where: replace(
            found := _terms_of(*where), proof=replace(found.proof, review_percent=percent)
        ),
    )
    assert isinstance(_terms_of(session, 1, town.rulebook_id), whole)
    draw_reviews(session, by=CLOCK, today=WORK_ON + timedelta(days=1))
    return first


def _terms_of(*where: Any) -> Any:
    from vouchers.queries.terms import terms_of  # noqa: PLC0415  # the true one, under another name

    return terms_of(*where)


def test_what_is_judged_is_drawn_once_with_the_seed_that_draws_it_again(
    town: Town, session: Session, monkeypatch
):
    first = drawn(session, town, monkeypatch)
    (one,) = session.scalars(select(QualityReview))
    assert (one.check_id, one.drawn_on, len(one.seed)) == (first.id, date(2026, 9, 2), 64)
    assert draw_reviews(session, by=CLOCK, today=WORK_ON + timedelta(days=2)) == 0
    assert draw_reviews(session, by=CLOCK, today=WORK_ON) == 0, "what is judged today is drawn tomorrow"
    session.execute(update(Check).values(judged_on=date(2026, 11, 1)).where(Check.id == first.id))
    again = told(session, "reviews.drawn")
    assert len({entry.details for entry in again}) == 3
    assert '"count": 1' in again[0].details


def test_none_are_drawn_at_nought(town: Town, session: Session, monkeypatch):
    drawn(session, town, monkeypatch, percent=0)
    assert session.scalars(select(QualityReview)).all() == []


def test_a_protected_persons_case_is_not_drawn(town: Town, session: Session, monkeypatch):
    session.get_one(Participant, (1, town.participant_id)).protection = Protection.CONFIDENTIAL.value
    actions_of = replace(town.coach, roles=frozenset({Role.MANAGER, Role.COACH}))
    monkeypatch.setitem(town.actors, "handledare", actions_of)
    drawn(session, town, monkeypatch)
    assert session.scalars(select(QualityReview)).all() == []


def test_a_second_person_looks_and_judges_nothing_anew(town: Town, session: Session, monkeypatch):
    first = drawn(session, town, monkeypatch)
    (waiting,) = reviews(session, 1, viewer_id=town.guide.account_id, done=False)
    assert waiting.is_own
    with refused("review_own"):
        review_check(session, waiting.review_id, "agrees", by=town.guide, today=OPENS)
    with refused("review_note_missing"):
        review_check(session, waiting.review_id, "differs", by=town.inspector, today=OPENS)
    for who in (town.coach, town.maker, town.seeker):
        with pytest.raises(Forbidden):
            review_check(session, waiting.review_id, "agrees", by=who, today=OPENS)
    review_check(
        session, waiting.review_id, "differs", "Lönen gäller en annan.", by=town.inspector, today=OPENS
    )
    assert first.state == "passed", "what is wrong is put right on the case, by people"
    assert review_counts(session, 1) == (1, 1, 1)
    (done,) = reviews(session, 1, viewer_id=town.guide.account_id, done=True)
    assert (done.verdict, done.reviewed_on) == ("differs", OPENS)
    with refused("review_done"):
        review_check(session, waiting.review_id, "agrees", by=town.other_inspector, today=OPENS)
    assert "Lönen" not in told(session, "check.reviewed")[0].details


def test_the_database_keeps_a_review_and_a_whole_answer(town: Town, session: Session, monkeypatch):
    first = drawn(session, town, monkeypatch)
    (one,) = session.scalars(select(QualityReview.id))
    review_check(session, one, "agrees", by=town.inspector, today=OPENS)
    session.flush()
    refused_by_the_database(
        session, "made once", update(QualityReview).values(verdict="differs").where(QualityReview.id == one)
    )
    refused_by_the_database(session, "are kept", delete(QualityReview).where(QualityReview.id == one))
    for values in (
        {"answer": "still"},
        {"answer": "ended", "answered_on": OPENS, "answered_by": 1},
        {"answer": "still", "answered_on": OPENS, "answered_by": 1, "last_on": OPENS},
        {"last_on": OPENS},
    ):
        refused_by_the_database(
            session, "answer_is_whole", update(Check).values(**values).where(Check.id == first.id)
        )
