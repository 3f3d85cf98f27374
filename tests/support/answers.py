"""Many people who have answered the questions about a provider."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import count

from sqlalchemy.orm import Session

from core.identity import Protection
from tests.support.town import Town
from vouchers.models import Participant, SurveyAnswer

_SERIAL = count(1)


def crowd(
    session: Session,
    town: Town,
    leg_id: int,
    steps: Sequence[int],
    *,
    on: date,
    provider_id: int | None = None,
    words: str = "",
) -> list[int]:
    """One person for each step, every other one protected, who says that of a provider. Gives their ids.

    `recommend` is the step and `met` its opposite. `words` get a number each.
    """
    people = []
    for step in steps:
        serial = next(_SERIAL)
        person = Participant(
            municipality_id=town.municipality_id,
            guide_id=town.guide.account_id,
            identity_sealed=f"s{serial}",
            identity_fingerprint=f"f{serial}",
            given_name="Prov",
            family_name="Provsson",
            protection=(Protection.CONFIDENTIAL if serial % 2 else Protection.NONE).value,
        )
        session.add(person)
        session.flush()
        said(session, town, person.id, leg_id, step, on=on, provider_id=provider_id,
             words=f"{words} {serial}" if words else "")  # fmt: skip
        people.append(person.id)
    session.flush()
    return people


def said(
    session: Session,
    town: Town,
    participant_id: int,
    leg_id: int,
    step: int,
    *,
    on: date,
    provider_id: int | None = None,
    words: str = "",
) -> None:
    """One person says it."""
    session.add(
        SurveyAnswer(
            municipality_id=town.municipality_id,
            participant_id=participant_id,
            leg_id=leg_id,
            provider_id=provider_id or town.provider_id,
            moment="during",
            answers={"recommend": step, "met": 6 - step},
            overall=step,
            words=words,
            answered_on=on,
        )
    )
