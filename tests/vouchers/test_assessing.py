"""A guide assesses and decides; what a decision rests on, and what may run beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.demo.people import JOBBPENG, assessed
from app.rulebooks import bring_in
from core.actor import Actor
from core.audit import AuditEntry
from core.refusal import Forbidden, Missing
from core.rulebooks import Rulebook
from tests.support.refusing import refused, refused_by_the_database
from tests.support.town import Town, decided, voucher_form
from vouchers import actions
from vouchers.models import Assessment
from vouchers.queries import assessments
from vouchers.queries.terms import terms_of
from vouchers.rules.instrument import suggest

INTRODUCTION = JOBBPENG.parents[1] / "introduktion" / "2024-02-01.toml"
ANSWERS = {
    "experience": "near", "education": "near", "swedish": "near", "digital": "near",
    "health": "near", "home": "near", "goal": "near", "apply": "near",
}  # fmt: skip


def form(town: Town, **changes: Any) -> actions.AssessmentForm:
    """A meeting on the day of the decision, where all speaks for the basic level."""
    told = {
        "rulebook_id": town.rulebook_id,
        "met_on": town.decided_on,
        "answers": ANSWERS,
        "service": "matching",
        "level": "basic",
        "state_check": "none_fits",
        "state_check_note": "Arbetsförmedlingen har ingen plats.",
    }
    return actions.AssessmentForm(**{**told, **changes})


def assess(session: Session, town: Town, today: date | None = None, **changes: Any) -> Assessment:
    day = today or town.decided_on
    return actions.assess(session, town.other_participant_id, form(town, **changes), by=town.guide, today=day)


def introduction(session: Session, town: Town, path: Path = INTRODUCTION) -> Rulebook:
    operator = Actor.operator(town.municipality_id)
    return bring_in(session, path, by=operator, today=town.decided_on - timedelta(days=30))


# ── the assessment ───────────────────────────────────────────────────────────────────────────────


def test_an_assessment_keeps_the_answers_the_suggestion_and_why(town: Town, session: Session):
    made = assess(session, town)
    assert (made.suggested_service, made.suggested_level) == ("matching", "basic")
    assert (made.service, made.level, made.reasons) == ("matching", "basic", "")
    assert made.answers == ANSWERS
    assert made.why[0] == {
        "service": "matching", "level": "basic", "rule": "least", "area": "",
        "hundredths": 66, "bound": 65, "met": True,
    }  # fmt: skip
    entry = session.scalars(select(AuditEntry).where(AuditEntry.what == "assessment.made")).all()[-1]
    assert entry.subject_id == made.id
    assert "Arbetsförmedlingen" not in entry.details


def test_the_guide_may_differ_with_reasons(town: Town, session: Session):
    with refused("assessment_reasons_missing"):
        assess(session, town, level="enhanced", reasons="  ")
    made = assess(session, town, level="enhanced", reasons="Behöver tätare möten i början.")
    assert (made.level, made.suggested_level) == ("enhanced", "basic")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"met_on": date(2026, 3, 3)}, "met_ahead"),
        ({"met_on": date(2025, 12, 31)}, "met_too_long_ago"),
        ({"answers": {**ANSWERS, "goal": ""}}, "answer_missing"),
        ({"answers": {**ANSWERS, "shoes": "near"}}, "answer_unknown"),
        ({"service": "magic"}, "service_unknown"),
        ({"level": "single"}, "service_unknown"),
        ({"state_check": ""}, "state_check_missing"),
        ({"state_check": "whatever"}, "state_check_missing"),
    ],
)
def test_what_is_not_whole_is_refused(town: Town, session: Session, changes: dict[str, Any], code: str):
    before = session.query(Assessment).count()
    with refused(code):
        assess(session, town, **changes)
    assert session.query(Assessment).count() == before


@pytest.mark.parametrize("who", ["seeker", "coach", "manager", "inspector", "maker", "administrator"])
def test_only_a_guide_assesses(town: Town, session: Session, who: str):
    with pytest.raises(Forbidden):
        actions.assess(
            session, town.other_participant_id, form(town), by=getattr(town, who), today=town.decided_on
        )


def test_an_assessment_is_never_changed_nor_taken_away(town: Town, session: Session):
    made = assess(session, town)
    session.flush()
    change = update(Assessment).where(Assessment.id == made.id).values(level="enhanced", reasons="x")
    refused_by_the_database(session, "only ever added", change)


def test_the_database_refuses_a_finding_that_differs_without_reasons(town: Town, session: Session):
    made = assess(session, town)
    columns = {column.name: getattr(made, column.name) for column in Assessment.__table__.columns}
    wrong = insert(Assessment).values({**columns, "id": made.id + 1, "level": "enhanced"})
    refused_by_the_database(session, "differs_with_reasons", wrong)


def test_the_one_before_is_of_the_same_kundval(town: Town, session: Session):
    first = assess(session, town, met_on=town.decided_on - timedelta(days=20))
    book = introduction(session, town)
    other = assess(session, town, rulebook_id=book.id, service="introduction", level="single")
    second = assess(session, town)
    found = assessments.before(session, second)
    assert found is not None
    assert found.assessment.id == first.id
    assert assessments.before(session, first) is None
    assert assessments.before(session, other) is None
    rows = assessments.of_person(session, town.municipality_id, town.other_participant_id)
    assert {row.id for row in rows} == {first.id, other.id, second.id}


@pytest.mark.parametrize(
    ("service", "level"), [("matching", "basic"), ("matching", "enhanced"), ("preparatory", "single")]
)
def test_the_towns_meetings_speak_for_what_is_decided(town: Town, session: Session, service: str, level: str):
    made = assessed(
        session, town.other_participant_id, town.rulebook_id, service, level,
        by=town.guide, today=town.decided_on,
    )  # fmt: skip
    assert made is not None
    assert (made.suggested_service, made.suggested_level, made.reasons) == (service, level, "")
    instrument = terms_of(session, town.municipality_id, town.rulebook_id).instrument
    assert instrument is not None
    assert suggest(instrument, made.answers).level == level


# ── the decision that rests on it ────────────────────────────────────────────────────────────────


def decide(session: Session, town: Town, today: date | None = None, **changes: Any) -> Any:
    wanted = replace(voucher_form(town.rulebook_id), **changes)
    day = today or town.decided_on
    return actions.decide_voucher(session, town.other_participant_id, wanted, by=town.guide, today=day)


def test_without_an_assessment_nothing_is_decided(town: Town, session: Session):
    with refused("assessment_missing"):
        decide(session, town)
    made = assess(session, town)
    voucher = decide(session, town, target_group="young", studies="sfi")
    assert (voucher.assessment_id, voucher.target_group, voucher.studies) == (made.id, "young", "sfi")


def test_a_decision_rests_on_an_assessment_for_sixty_days(town: Town, session: Session):
    assess(session, town)
    last = town.decided_on + timedelta(days=60)
    with refused("assessment_too_old"):
        decide(session, town, today=last + timedelta(days=1))
    assert decide(session, town, today=last).state == "choice_open"


def test_an_assessment_of_somebody_else_or_of_another_kundval_is_none(town: Town, session: Session):
    own = actions.assess(session, town.participant_id, form(town), by=town.guide, today=town.decided_on)
    book = introduction(session, town)
    other = assess(session, town, rulebook_id=book.id, service="introduction", level="single")
    with refused("assessment_missing"):
        decide(session, town)
    for wrong in (own.id, other.id, 4711):
        with pytest.raises(Missing):
            decide(session, town, assessment_id=wrong)


def test_the_service_may_differ_from_what_the_assessment_found(town: Town, session: Session):
    assess(session, town)
    assert decide(session, town, level="enhanced").level == "enhanced"


def test_two_kundval_run_at_once_where_both_rulebooks_say_so(town: Town, session: Session):
    book = introduction(session, town)
    introduced = voucher_form(book.id, "introduction", "single", 6)
    second = decided(session, town.participant_id, introduced, by=town.guide, today=town.decided_on)
    assert (second.scheme, second.state) == ("introduktion", "choice_open")
    for again in (introduced, voucher_form(town.rulebook_id)):
        with refused("voucher_running"):
            actions.decide_voucher(session, town.participant_id, again, by=town.guide, today=town.decided_on)


def test_a_kundval_that_only_one_of_them_allows_waits(town: Town, session: Session, tmp_path: Path):
    path = tmp_path / "2024-02-01.toml"
    path.write_text(INTRODUCTION.read_text("utf-8").replace('kundval = ["jobbpeng"]\n', ""), "utf-8")
    book = introduction(session, town, path)
    introduced = voucher_form(book.id, "introduction", "single", 6)
    with refused("kundval_not_combined"):
        decided(session, town.participant_id, introduced, by=town.guide, today=town.decided_on)
