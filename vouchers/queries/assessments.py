"""Assessments: a person's own, in order, with what came between them; and the one a decision may rest on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core.actor import Account
from core.database import Rows, fetch
from core.rulebooks import Rulebook
from vouchers.models import Assessment, Voucher


def of_person(session: Session, municipality_id: int, participant_id: int) -> Rows:
    """The person's assessments with who made them and by which kundval, newest first."""
    rows = (
        select(
            Assessment.id,
            Assessment.rulebook_id,
            Assessment.met_on,
            Assessment.made_on,
            Assessment.service,
            Assessment.level,
            Assessment.suggested_service,
            Assessment.suggested_level,
            Assessment.state_check,
            Account.name.label("made_by"),
            Rulebook.scheme,
            Rulebook.title_sv,
            Rulebook.title_en,
        )
        .join(
            Account,
            (Account.municipality_id == Assessment.municipality_id) & (Account.id == Assessment.made_by),
        )
        .join(
            Rulebook,
            (Rulebook.municipality_id == Assessment.municipality_id)
            & (Rulebook.id == Assessment.rulebook_id),
        )
        .where(Assessment.municipality_id == municipality_id, Assessment.participant_id == participant_id)
        .order_by(Assessment.met_on.desc(), Assessment.id.desc())
    )
    return session.execute(rows).all()


@dataclass(frozen=True)
class Kept:
    """An assessment, the rulebook whose instrument it used, and the name of the guide who made it."""

    assessment: Assessment
    rulebook: Rulebook
    made_by: str


def one(session: Session, municipality_id: int, assessment_id: int) -> Kept:
    """The assessment with that id. Raises Missing."""
    return _kept(session, fetch(session, Assessment, municipality_id, assessment_id))


def before(session: Session, assessment: Assessment) -> Kept | None:
    """The same person's assessment before this one in the same kundval, under whichever version; or None."""
    scheme = fetch(session, Rulebook, assessment.municipality_id, assessment.rulebook_id).scheme
    earlier = (Assessment.met_on < assessment.met_on) | (
        (Assessment.met_on == assessment.met_on) & (Assessment.id < assessment.id)
    )
    of_person = _in_kundval(assessment.municipality_id, assessment.participant_id, scheme)
    found = session.scalars(of_person.where(earlier)).first()
    return _kept(session, found) if found else None


def newest(session: Session, municipality_id: int, participant_id: int, scheme: str) -> Assessment | None:
    """The person's newest assessment in that kundval, or None."""
    return session.scalars(_in_kundval(municipality_id, participant_id, scheme)).first()


def measures(session: Session, municipality_id: int, participant_id: int, since: date, until: date) -> Rows:
    """What the person was given from `since` to `until`, both counted, the oldest first."""
    rows = (
        select(
            Voucher.id,
            Voucher.rulebook_id,
            Voucher.service,
            Voucher.level,
            Voucher.state,
            Voucher.decided_on,
            Voucher.ended_on,
            Voucher.end_reason,
        )
        .where(
            Voucher.municipality_id == municipality_id,
            Voucher.participant_id == participant_id,
            Voucher.decided_on >= since,
            Voucher.decided_on <= until,
        )
        .order_by(Voucher.decided_on, Voucher.id)
    )
    return session.execute(rows).all()


def _in_kundval(municipality_id: int, participant_id: int, scheme: str) -> Select[Assessment]:
    return (
        select(Assessment)
        .join(
            Rulebook,
            (Rulebook.municipality_id == Assessment.municipality_id)
            & (Rulebook.id == Assessment.rulebook_id),
        )
        .where(
            Assessment.municipality_id == municipality_id,
            Assessment.participant_id == participant_id,
            Rulebook.scheme == scheme,
        )
        .order_by(Assessment.met_on.desc(), Assessment.id.desc())
        .limit(1)
    )


def _kept(session: Session, assessment: Assessment) -> Kept:
    return Kept(
        assessment,
        fetch(session, Rulebook, assessment.municipality_id, assessment.rulebook_id),
        fetch(session, Account, assessment.municipality_id, assessment.made_by).name,
    )
