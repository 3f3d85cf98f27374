"""What Exempelstad's people say of their providers, and what they and their guide write to each other."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo.people import person
from core import dates
from core.actor import Actor, Role
from vouchers.actions.answering import AnswerForm, Told, import_answers
from vouchers.actions.writing import read_messages, write_message
from vouchers.models import Leg, Participant, Voucher
from vouchers.queries.terms import terms_of
from vouchers.rules.voice import is_asked

if TYPE_CHECKING:
    from app.demo.town import Town

OF_A_HUNDRED = 45
"""So many answer."""
QUIET = 5
"""At every fifth provider far fewer do: too few to say."""
OF_A_HUNDRED_QUIET = 4
WORDS = (
    "De lyssnar och ringer alltid tillbaka.",
    "Jag fick prova på en riktig arbetsplats. Det hjälpte mest.",
    "Det var svårt att hitta dit första gången.",
    "För många möten på distans. Jag vill hellre ses.",
    "Bra stämning, men jag bytte handledare tre gånger.",
    "Det blev för lite tid till att söka jobb.",
)
TALK = (
    (46, True, "Hej Maja! Jag går hos Stigfinnarna nu. Kan jag läsa svenska samtidigt?"),
    (45, False, "Hej Oleh!\n\nJa, det går bra. Säg till din handledare vilka tider du har skola."),
    (9, True, "Tack, det fungerar. Min handledare är snäll."),
    (8, False, "Vad roligt att höra! Vi ses på mötet i december."),
    (4, True, "En fråga till: vad händer om jag får ett jobb på deltid?"),
)
"""Days ago, whether the person wrote it, and what. The last one waits for an answer."""


def put_in_voices(town: Town) -> None:
    """Put what is written into the town's calendar, and all answers on the last day."""
    for days, from_person, text in TALK:
        day = town.today - timedelta(days=days)
        town.on(day, partial(_write, town, from_person, text))
    town.on(town.today, partial(_answers, town))


def _write(town: Town, from_person: bool, text: str, session: Session, day: date) -> None:
    account = town.accounts["sokande2"]
    rows = select(Participant.id).where(
        Participant.municipality_id == town.municipality_id, Participant.account_id == account.id
    )
    participant_id = session.scalars(rows).one()
    seeker = person(account, Role.SEEKER, participant_id=participant_id)
    writer, reader = (seeker, town.cast.guide) if from_person else (town.cast.guide, seeker)
    at = dates.noon(day)
    write_message(session, participant_id, text, by=writer, at=at)
    if day < town.today - timedelta(days=5):
        read_messages(session, participant_id, by=reader, at=at + timedelta(hours=1))


def _answers(town: Town, session: Session, day: date) -> None:
    operator = Actor.operator(town.municipality_id)
    import_answers(session, list(_told(town, session, day)), by=operator, today=day)


def _told(town: Town, session: Session, today: date) -> Iterator[Told]:
    """What some of all who were asked have answered; a provider with more skill hears kinder words."""
    dice = random.Random(today.toordinal())  # noqa: S311  # a demo must be the same twice
    own = town.accounts["sokande2"].id
    rows = (
        select(Leg.id, Leg.provider_id, Leg.started_on, Leg.ended_on, Voucher.rulebook_id)
        .join(Voucher, (Voucher.municipality_id == Leg.municipality_id) & (Voucher.id == Leg.voucher_id))
        .where(
            Leg.municipality_id == town.municipality_id,
            Leg.started_on.is_not(None),
            Leg.chosen_by != own,
        )
        .order_by(Leg.started_on, Leg.id)
    )
    quiet = {key for number, key in enumerate(town.cast.houses) if number % QUIET == QUIET - 1}
    for leg in session.execute(rows).all():
        likely = OF_A_HUNDRED_QUIET if leg.provider_id in quiet else OF_A_HUNDRED
        if dice.randrange(100) >= likely:
            continue
        survey = terms_of(session, town.municipality_id, leg.rulebook_id).survey
        when = (leg.ended_on or today - timedelta(days=40)) + timedelta(days=dice.randrange(30))
        if survey is None or when > today:
            continue
        if is_asked(survey, started_on=leg.started_on, ended_on=leg.ended_on, today=when) is None:
            continue
        house = town.cast.houses.get(leg.provider_id)
        middle = 3.1 + ((house.skill if house else 50) - 47) / 12
        answers = {
            question.code: min(5, max(1, round(dice.gauss(middle, 0.9)))) for question in survey.questions
        }
        words = dice.choice(WORDS) if dice.randrange(8) == 0 else ""
        yield Told(leg.id, AnswerForm(answers, words), when)
