"""A guide writes down what was found at a meeting, by the rulebook, and decides what it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch
from core.refusal import Refusal
from core.rulebooks import Rulebook
from vouchers.models import Assessment, Participant
from vouchers.queries.terms import terms_of
from vouchers.rules import instrument as rule
from vouchers.rules.words import STATE_CHECKS


@dataclass(frozen=True)
class AssessmentForm:
    """What was found. `answers` is {question: step}; `service` and `level` are the guide's own finding, with
    `reasons` where it differs from what the answers suggest. `state_check` is how the state's own measures
    were considered first."""

    rulebook_id: int
    met_on: date
    answers: Mapping[str, str]
    service: str
    level: str
    reasons: str = ""
    state_check: str = ""
    state_check_note: str = ""


def assess(
    session: Session, participant_id: int, form: AssessmentForm, *, by: Actor, today: date
) -> Assessment:
    """Keep an assessment for good; a new one follows it. The rules suggest, a guide decides."""
    by.require(Role.GUIDE)
    participant = fetch(session, Participant, by.municipality_id, participant_id)
    rulebook = fetch(session, Rulebook, by.municipality_id, form.rulebook_id)
    terms = terms_of(session, by.municipality_id, rulebook.id)
    if terms.instrument is None:
        raise Refusal(
            "instrument_missing", "Det här kundvalet har inga frågor för bedömning. Besluta direkt i stället."
        )
    rule.may_assess(form.met_on, terms.instrument, today)
    suggested = rule.suggest(terms.instrument, form.answers)
    service = terms.services.get(form.service)
    if service is None or form.level not in {level.code for level in service.levels}:
        raise Refusal("service_unknown", "Den insatsen eller nivån finns inte i regelverket.", status=422)
    differs = (form.service, form.level) != (suggested.service, suggested.level)
    if differs and not form.reasons.strip():
        raise Refusal(
            "assessment_reasons_missing",
            "Du har kommit fram till något annat än förslaget. Skriv varför.",
            status=422,
        )
    if form.state_check not in STATE_CHECKS:
        raise Refusal("state_check_missing", "Ange hur ni har prövat statens egna insatser.", status=422)
    assessment = Assessment(
        municipality_id=by.municipality_id,
        participant_id=participant.id,
        rulebook_id=rulebook.id,
        met_on=form.met_on,
        answers=dict(form.answers),
        why=[asdict(one) for one in suggested.why],
        suggested_service=suggested.service,
        suggested_level=suggested.level,
        service=form.service,
        level=form.level,
        reasons=form.reasons.strip(),
        state_check=form.state_check,
        state_check_note=form.state_check_note.strip(),
        made_by=by.account_id,
        made_on=today,
    )
    session.add(assessment)
    audit.record(
        session,
        "assessment.made",
        assessment,
        by=by,
        participant=participant.id,
        met_on=form.met_on,
        service=form.service,
        level=form.level,
        differs=differs,
        state_check=form.state_check,
    )
    return assessment
