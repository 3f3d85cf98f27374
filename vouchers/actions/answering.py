"""A person answers a few questions about a provider; and answers that were given elsewhere are taken in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor
from core.refusal import Forbidden, Missing
from vouchers.models import Leg, SurveyAnswer, Voucher
from vouchers.queries.terms import terms_of
from vouchers.queries.voice import answered_today
from vouchers.rules import voice, writing

CHUNK = 1_000


@dataclass(frozen=True)
class AnswerForm:
    """`answers` is {question: 1 to 5}, without those that were skipped; `words` may be empty."""

    answers: dict[str, int]
    words: str = ""


def answer_survey(session: Session, leg_id: int, form: AnswerForm, *, by: Actor, today: date) -> SurveyAnswer:
    """Keep what the person says of the time with that provider. Only the person may, and only when asked."""
    leg = _legs(session, by.municipality_id, [leg_id]).get(leg_id)
    if leg is None or by.participant_id != leg.participant_id:
        raise Missing()
    given = answered_today(session, by.municipality_id, leg_id, today)
    answer = _checked(session, leg, form, given, today)
    session.add(answer)
    audit.record(session, "survey.answered", answer, by=by, moment=answer.moment)
    return answer


@dataclass(frozen=True)
class Told:
    """What was said of a leg on a day."""

    leg_id: int
    form: AnswerForm
    answered_on: date


def import_answers(session: Session, told: Iterable[Told], *, by: Actor, today: date) -> int:
    """Take in answers from an older system, under the same rules; gives their number.

    Only whoever sets the house up may. Raises Refusal for the first that nobody was asked for that day.
    """
    if by.kind != "operator":
        raise Forbidden()
    rows = sorted(told, key=lambda one: (one.answered_on, one.leg_id))
    legs = _legs(session, by.municipality_id, sorted({one.leg_id for one in rows}))
    kept = []
    for one in rows:
        if one.leg_id not in legs or one.answered_on > today:
            raise Missing()
        kept.append(_checked(session, legs[one.leg_id], one.form, 0, one.answered_on))
    session.add_all(kept)
    audit.record(
        session,
        "answers.imported",
        audit.Subject(SurveyAnswer.__tablename__, 0),
        by=by,
        count=len(kept),
        digest=audit.digest((row.leg_id, row.moment, sorted(row.answers.items())) for row in kept),
    )
    return len(kept)


def _legs(session: Session, municipality_id: int, ids: Sequence[int]) -> dict[int, Any]:
    """By id: the leg's provider, person, days and rulebook."""
    rows = (
        select(
            Leg.id,
            Leg.municipality_id,
            Leg.provider_id,
            Leg.started_on,
            Leg.ended_on,
            Voucher.participant_id,
            Voucher.rulebook_id,
        )
        .join(Voucher, (Voucher.municipality_id == Leg.municipality_id) & (Voucher.id == Leg.voucher_id))
        .where(Leg.municipality_id == municipality_id)
    )
    found = {}
    for start in range(0, len(ids), CHUNK):
        for row in session.execute(rows.where(Leg.id.in_(ids[start : start + CHUNK]))):
            found[row.id] = row
    return found


def _checked(session: Session, leg: Any, form: AnswerForm, given_today: int, day: date) -> SurveyAnswer:
    """The answer as it is kept, when the rules allow it that day."""
    survey = terms_of(session, leg.municipality_id, leg.rulebook_id).survey
    asking = voice.is_asked(survey, started_on=leg.started_on, ended_on=leg.ended_on, today=day)
    moment = voice.may_answer(asking, given_today).moment
    if survey is None:
        raise AssertionError("nobody is asked without a survey")
    words = writing.readable(form.words, voice.LONGEST_WORDS)
    voice.check_answers(survey, form.answers, words)
    return SurveyAnswer(
        municipality_id=leg.municipality_id,
        participant_id=leg.participant_id,
        leg_id=leg.id,
        provider_id=leg.provider_id,
        moment=moment,
        answers=form.answers,
        overall=form.answers.get(survey.overall),
        words=words,
        answered_on=day,
    )
