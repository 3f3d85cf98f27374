"""What participants say of a provider, counted by the one rule; and which questions wait for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.database import Rows
from core.identity import Protection
from core.rulebooks import Rulebook
from providers.models import Provider
from vouchers.models import Leg, Participant, SurveyAnswer, Voucher
from vouchers.queries.terms import terms_of
from vouchers.rules import voice
from vouchers.rules.voice import Rating, Survey
from vouchers.rules.words import Titled


def surveys(session: Session, municipality_id: int) -> list[Survey]:
    """The surveys of every decided rulebook, the newest last. One query, and one a rulebook."""
    rows = (
        select(Rulebook.id)
        .where(Rulebook.municipality_id == municipality_id, Rulebook.state == "decided")
        .order_by(Rulebook.valid_from, Rulebook.id)
    )
    found = [terms_of(session, municipality_id, key).survey for key in session.scalars(rows).all()]
    return [survey for survey in found if survey]


def ratings(session: Session, municipality_id: int, minimum: int | None = None) -> dict[int, Rating]:
    """By provider id: the overall question's rating of everybody who has an answer, in one query.

    `minimum` is `voice.strictest` of the surveys in force; without it the rulebooks are read as well.
    """
    if minimum is None:
        minimum = voice.strictest(surveys(session, municipality_id))
    rows = (
        select(SurveyAnswer.provider_id, SurveyAnswer.participant_id, SurveyAnswer.overall)
        .where(SurveyAnswer.municipality_id == municipality_id, SurveyAnswer.overall.is_not(None))
        .order_by(SurveyAnswer.answered_on, SurveyAnswer.id)
    )
    said: dict[int, list[tuple[int, int]]] = {}
    for provider_id, participant_id, overall in session.execute(rows):
        said.setdefault(provider_id, []).append((participant_id, overall or 0))
    return {
        provider_id: voice.rating(voice.counted(answers), minimum) for provider_id, answers in said.items()
    }


@dataclass(frozen=True)
class Asked:
    """A question, and what people at the provider answer to it."""

    question: Titled
    rating: Rating


@dataclass(frozen=True)
class Voice:
    """What is said of one provider: question by question, and `words` in people's own words.

    `words` are without names and days, in no order that tells who wrote; none below the minimum.
    """

    asked: tuple[Asked, ...]
    words: tuple[str, ...]
    minimum: int

    @property
    def is_heard(self) -> bool:
        """Whether enough people have answered any question to show it."""
        return any(one.rating.mean_tenths is not None for one in self.asked)


def voice_of(session: Session, municipality_id: int, provider_id: int) -> Voice:
    """All that is said of that provider. Two queries, and one a rulebook."""
    known = surveys(session, municipality_id)
    minimum = voice.strictest(known)
    questions = {question.code: question for survey in known for question in survey.questions}
    rows = _answers(session, municipality_id, provider_id)
    asked = tuple(Asked(question, _rating(rows, question.code, minimum)) for question in questions.values())
    return Voice(asked, _words(rows, minimum), minimum)


def questions_of(session: Session, municipality_id: int, provider_id: int) -> tuple[Asked, ...]:
    """Each question's rating of that provider, for everybody to see."""
    return voice_of(session, municipality_id, provider_id).asked


def _answers(session: Session, municipality_id: int, provider_id: int) -> Rows:
    rows = (
        select(
            SurveyAnswer.participant_id,
            SurveyAnswer.moment,
            SurveyAnswer.answers,
            SurveyAnswer.words,
            Participant.protection,
        )
        .join(
            Participant,
            (Participant.municipality_id == SurveyAnswer.municipality_id)
            & (Participant.id == SurveyAnswer.participant_id),
        )
        .where(SurveyAnswer.municipality_id == municipality_id, SurveyAnswer.provider_id == provider_id)
        .order_by(SurveyAnswer.answered_on, SurveyAnswer.id)
    )
    return session.execute(rows).all()


def _rating(rows: Rows, code: str, minimum: int) -> Rating:
    answers = [(row.participant_id, row.answers[code]) for row in rows if code in row.answers]
    return voice.rating(voice.counted(answers), minimum)


def _words(rows: Rows, minimum: int) -> tuple[str, ...]:
    """What each person last wrote at each moment, of those who are counted in; nothing of somebody with
    protected identity, whose words could tell who it is."""
    latest: dict[int, dict[str, str]] = {}
    said: list[tuple[int, dict[str, str]]] = []
    for row in rows:
        words = row.words if row.protection == Protection.NONE.value else ""
        latest[row.participant_id] = {**latest.get(row.participant_id, {}), row.moment: words}
        said.append((row.participant_id, latest[row.participant_id]))
    people = voice.counted(said)
    if len(people) < minimum:
        return ()
    return tuple(sorted(text for person in people for text in person.values() if text))


# ── the person's side ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Waiting:
    """Questions about one provider that a person is asked today. `last_on` is the last day, if there is one;
    `answered_on` the day they were answered last, at this moment."""

    leg_id: int
    provider_id: int
    provider_name: str
    moment: str
    last_on: date | None
    answered_on: date | None
    survey: Survey
    answers: dict[str, int]
    words: str


def surveys_asked(session: Session, municipality_id: int, participant_id: int, today: date) -> list[Waiting]:
    """What the person is asked today, the newest provider first, answered or not."""
    legs = session.execute(
        select(Leg.id, Leg.provider_id, Provider.name, Leg.started_on, Leg.ended_on, Voucher.rulebook_id)
        .join(Voucher, (Voucher.municipality_id == Leg.municipality_id) & (Voucher.id == Leg.voucher_id))
        .join(Provider, (Provider.municipality_id == Leg.municipality_id) & (Provider.id == Leg.provider_id))
        .where(
            Leg.municipality_id == municipality_id,
            Voucher.participant_id == participant_id,
            Leg.started_on.is_not(None),
        )
        .order_by(Leg.started_on.desc(), Leg.id.desc())
    ).all()
    given = _given(session, municipality_id, [row.id for row in legs])
    found = []
    for row in legs:
        survey = terms_of(session, municipality_id, row.rulebook_id).survey
        asking = voice.is_asked(survey, started_on=row.started_on, ended_on=row.ended_on, today=today)
        if survey is None or asking is None:
            continue
        answer = given.get((row.id, asking.moment))
        found.append(
            Waiting(
                leg_id=row.id,
                provider_id=row.provider_id,
                provider_name=row.name,
                moment=asking.moment,
                last_on=asking.last_on,
                answered_on=answer.answered_on if answer else None,
                survey=survey,
                answers=dict(answer.answers) if answer else {},
                words=answer.words if answer else "",
            )
        )
    return found


def surveys_waiting(
    session: Session, municipality_id: int, participant_id: int, today: date
) -> list[Waiting]:
    """What the person is asked today and has not answered."""
    asked = surveys_asked(session, municipality_id, participant_id, today)
    return [one for one in asked if one.answered_on is None]


def is_own(session: Session, municipality_id: int, participant_id: int, leg_id: int) -> bool:
    """Whether that time with a provider is the person's own."""
    rows = (
        select(Leg.id)
        .join(Voucher, (Voucher.municipality_id == Leg.municipality_id) & (Voucher.id == Leg.voucher_id))
        .where(
            Leg.municipality_id == municipality_id,
            Leg.id == leg_id,
            Voucher.participant_id == participant_id,
        )
    )
    return session.scalars(rows).first() is not None


def _given(
    session: Session, municipality_id: int, leg_ids: Sequence[int]
) -> dict[tuple[int, str], SurveyAnswer]:
    """By leg and moment: the latest answer."""
    rows = (
        select(SurveyAnswer)
        .where(SurveyAnswer.municipality_id == municipality_id, SurveyAnswer.leg_id.in_(leg_ids))
        .order_by(SurveyAnswer.answered_on, SurveyAnswer.id)
    )
    return {(answer.leg_id, answer.moment): answer for answer in session.scalars(rows)}


def answered_today(session: Session, municipality_id: int, leg_id: int, today: date) -> int:
    """How many times the questions about that leg have been answered today."""
    count = select(func.count()).where(
        SurveyAnswer.municipality_id == municipality_id,
        SurveyAnswer.leg_id == leg_id,
        SurveyAnswer.answered_on == today,
    )
    return session.scalars(count).one()
