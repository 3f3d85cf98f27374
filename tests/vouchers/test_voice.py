"""Who is asked about a provider, what is kept of the answers, and how they count."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core.actor import Actor
from core.audit import AuditEntry
from core.dates import add_months
from core.refusal import Forbidden, Missing, Refusal
from tests.support.answers import crowd, said
from tests.support.town import Town
from tests.vouchers.test_rules import TERMS, Case, cases
from vouchers import actions
from vouchers.actions.answering import AnswerForm, Told, answer_survey, import_answers
from vouchers.models import Leg, SurveyAnswer
from vouchers.queries import voice as heard
from vouchers.rules import voice

STEPS = st.integers(1, 5)
SAID = st.lists(st.tuples(st.integers(1, 30), STEPS), max_size=120)


# ── the rules ────────────────────────────────────────────────────────────────────────────────────


@cases("surveys")
def test_who_is_asked(case: Case):
    survey = None if case.get("asks_nothing") else TERMS.survey
    for leg in case["legs"]:
        asking = voice.is_asked(
            survey, started_on=leg.get("started"), ended_on=leg.get("ended"), today=case["today"]
        )
        assert (asking.moment if asking else None) == leg.get("asked")
        assert (asking.last_on if asking else None) == leg.get("last_on")


@cases("ratings")
def test_how_answers_count(case: Case):
    minimum = case.get("minimum", 5)
    found = voice.rating(voice.counted([(person, step) for person, step in case["said"]]), minimum)
    assert found == voice.Rating(case.get("mean_tenths"), case.get("people", 0), minimum)


@given(SAID)
def test_between_two_that_are_shown_five_people_have_answered(said):
    shown: list[object] = []
    since: set[object] = set()
    for upto, (person, _) in enumerate(said, 1):
        since.add(person)
        now = voice.counted(said[:upto])
        if now != shown:
            assert len(since) >= voice.BLOCK
            shown, since = now, set()


@given(SAID)
def test_nobody_counts_twice_and_no_mean_is_off_the_scale(said):
    answers = voice.counted(said)
    assert len(answers) <= len({person for person, _ in said})
    found = voice.rating(answers, 5)
    assert found.mean_tenths is None or 10 <= found.mean_tenths <= 50
    assert (found.mean_tenths is None) == (found.people == 0)


def test_the_strictest_minimum_holds_and_without_a_rulebook_next_to_nothing_is_shown():
    survey = TERMS.survey
    assert survey is not None
    assert voice.strictest([survey, None]) == survey.minimum
    assert voice.strictest([]) == voice.HIGHEST_MINIMUM


@pytest.mark.parametrize("step", [0, 6, -1])
def test_an_answer_off_the_scale_is_refused(step: int):
    survey = TERMS.survey
    assert survey is not None
    with pytest.raises(Refusal, match="svaren som finns"):
        voice.check_answers(survey, {"met": step}, "")


def test_an_answer_to_no_question_and_no_answer_at_all_are_refused():
    survey = TERMS.survey
    assert survey is not None
    with pytest.raises(Refusal, match="svaren som finns"):
        voice.check_answers(survey, {"weather": 3}, "")
    with pytest.raises(Refusal, match="minst en fråga"):
        voice.check_answers(survey, {}, "")
    voice.check_answers(survey, {}, "Bara ord.")


# ── to answer ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def leg(session: Session, town: Town) -> Leg:
    """The seeker has started at the first provider."""
    found = session.get(Leg, (town.municipality_id, town.started(session)))
    assert found is not None
    return found


def asked_on(leg: Leg) -> date:
    assert leg.started_on
    return add_months(leg.started_on, 2)


def test_an_answer_is_kept_and_the_trail_says_when_but_not_what(session: Session, town: Town, leg: Leg):
    form = AnswerForm({"listened": 4, "recommend": 5}, "De lyssnar.\r\nAlltid.")
    answer = answer_survey(session, leg.id, form, by=town.seeker, today=asked_on(leg))
    assert (answer.moment, answer.overall, answer.answers) == ("during", 5, {"listened": 4, "recommend": 5})
    assert answer.words == "De lyssnar.\nAlltid."
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)).one()
    assert (entry.what, json.loads(entry.details)) == ("survey.answered", {"moment": "during"})


def test_the_question_that_orders_may_be_skipped(session: Session, town: Town, leg: Leg):
    answer = answer_survey(session, leg.id, AnswerForm({"met": 1}), by=town.seeker, today=asked_on(leg))
    assert answer.overall is None
    assert heard.ratings(session, town.municipality_id) == {}


@pytest.mark.parametrize("who", ["other_seeker", "coach", "manager", "guide", "inspector", "administrator"])
def test_nobody_answers_for_somebody_else(session: Session, town: Town, leg: Leg, who: str):
    with pytest.raises(Missing):
        answer_survey(session, leg.id, AnswerForm({"met": 1}), by=getattr(town, who), today=asked_on(leg))


def test_one_answers_when_asked_only(session: Session, town: Town, leg: Leg):
    with pytest.raises(Refusal, match="just nu"):
        answer_survey(
            session, leg.id, AnswerForm({"met": 1}), by=town.seeker, today=asked_on(leg) - timedelta(days=1)
        )


def test_one_may_change_ones_mind_some_times_a_day(session: Session, town: Town, leg: Leg):
    day = asked_on(leg)
    for step in (1, 2, 3, 4, 5):
        answer_survey(session, leg.id, AnswerForm({"recommend": step}), by=town.seeker, today=day)
    with pytest.raises(Refusal, match="i morgon"):
        answer_survey(session, leg.id, AnswerForm({"recommend": 1}), by=town.seeker, today=day)
    answer_survey(
        session, leg.id, AnswerForm({"recommend": 1}), by=town.seeker, today=day + timedelta(days=1)
    )
    (asked,) = heard.surveys_asked(session, town.municipality_id, town.participant_id, day)
    assert asked.answers == {"recommend": 1}


def test_what_waits_is_gone_when_answered_and_comes_again_after(session: Session, town: Town, leg: Leg):
    day = asked_on(leg)
    (waiting,) = heard.surveys_waiting(session, town.municipality_id, town.participant_id, day)
    assert (waiting.leg_id, waiting.moment, waiting.last_on) == (leg.id, "during", None)
    answer_survey(session, leg.id, AnswerForm({"recommend": 4}), by=town.seeker, today=day)
    assert not heard.surveys_waiting(session, town.municipality_id, town.participant_id, day)
    actions.end_service(session, leg.id, day, "interrupted", by=town.coach, today=day)
    (waiting,) = heard.surveys_waiting(session, town.municipality_id, town.participant_id, day)
    assert (waiting.moment, waiting.answers) == ("after", {})
    assert not heard.surveys_waiting(session, town.municipality_id, town.other_participant_id, day)


def test_an_answer_is_never_rewritten(session: Session, town: Town, leg: Leg):
    answer_survey(session, leg.id, AnswerForm({"recommend": 4}), by=town.seeker, today=asked_on(leg))
    with pytest.raises(DBAPIError):
        session.execute(update(SurveyAnswer).values(overall=1))


# ── to be counted ────────────────────────────────────────────────────────────────────────────────


def test_a_provider_is_rated_from_the_minimum_on(session: Session, town: Town, leg: Leg):
    crowd(session, town, leg.id, [4] * 9, on=asked_on(leg))
    few = heard.ratings(session, town.municipality_id)[town.provider_id]
    assert (few.mean_tenths, few.people) == (None, 0)
    crowd(session, town, leg.id, [5], on=asked_on(leg))
    crowd(session, town, leg.id, [1] * 3, on=asked_on(leg), provider_id=town.other_provider_id)
    found = heard.ratings(session, town.municipality_id)
    assert (found[town.provider_id].mean_tenths, found[town.provider_id].people) == (41, 10)
    assert found[town.other_provider_id].mean_tenths is None


def test_each_question_has_a_rating_and_words_have_no_names(session: Session, town: Town, leg: Leg):
    crowd(session, town, leg.id, [2] * 9, on=asked_on(leg), words="Ord")
    assert heard.voice_of(session, town.municipality_id, town.provider_id).words == ()
    crowd(session, town, leg.id, [2], on=asked_on(leg), words="Ord")
    voiced = heard.voice_of(session, town.municipality_id, town.provider_id)
    means = {one.question.code: one.rating.mean_tenths for one in voiced.asked}
    assert means == {"met": 40, "listened": None, "closer": None, "recommend": 20}
    assert len(voiced.words) == 5  # every other one is protected: their words could tell who it is
    assert list(voiced.words) == sorted(voiced.words)
    other = heard.voice_of(session, town.municipality_id, town.other_provider_id)
    assert (other.is_heard, other.words) == (False, ())


def test_a_person_at_two_providers_counts_at_each(session: Session, town: Town, leg: Leg):
    day = asked_on(leg)
    for person_id in crowd(session, town, leg.id, [3] * 10, on=day):
        said(session, town, person_id, leg.id, 5, on=day, provider_id=town.other_provider_id)
    found = heard.ratings(session, town.municipality_id)
    assert found[town.provider_id].mean_tenths == 30
    assert found[town.other_provider_id].mean_tenths == 50


# ── answers from an older system ─────────────────────────────────────────────────────────────────


def test_answers_given_elsewhere_are_held_against_the_same_rules(session: Session, town: Town, leg: Leg):
    operator, day = Actor.operator(town.municipality_id), asked_on(leg)
    later = day + timedelta(days=3)
    told = [
        Told(leg.id, AnswerForm({"recommend": 2}), later),
        Told(leg.id, AnswerForm({"recommend": 5}), day),
    ]
    assert import_answers(session, told, by=operator, today=later) == 2
    kept = session.scalars(select(SurveyAnswer).order_by(SurveyAnswer.answered_on)).all()
    assert [row.overall for row in kept] == [5, 2]
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)).one()
    assert (entry.what, json.loads(entry.details)["count"]) == ("answers.imported", 2)
    early = [Told(leg.id, AnswerForm({"recommend": 2}), day - timedelta(days=1))]
    with pytest.raises(Refusal, match="just nu"):
        import_answers(session, early, by=operator, today=later)
    for strange in (Told(17, AnswerForm({"met": 1}), day), Told(leg.id, AnswerForm({"met": 1}), later)):
        with pytest.raises(Missing):
            import_answers(session, [strange], by=operator, today=day)


@pytest.mark.parametrize("who", ["seeker", "coach", "manager", "guide", "inspector", "administrator"])
def test_only_whoever_sets_the_house_up_takes_answers_in(session: Session, town: Town, leg: Leg, who: str):
    with pytest.raises(Forbidden):
        import_answers(session, [], by=getattr(town, who), today=asked_on(leg))
