"""One of a provider's people: reports, results with their checks, and how to reach them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from core.actor import Account
from core.database import Rows
from vouchers.models import Check, Outcome, Participant, Report
from vouchers.queries.workload import Served


def reports(session: Session, municipality_id: int, leg_id: int) -> Rows:
    """A leg's reports, newest month first, with who judged them."""
    judge = aliased(Account)
    rows = (
        select(*REPORT_COLUMNS, judge.name.label("judge"))
        .outerjoin(judge, (judge.municipality_id == Report.municipality_id) & (judge.id == Report.judged_by))
        .where(Report.municipality_id == municipality_id, Report.leg_id == leg_id)
        .order_by(Report.month.desc(), Report.id.desc())
    )
    return session.execute(rows).all()


REPORT_COLUMNS: Sequence[Any] = (
    Report.id,
    Report.leg_id,
    Report.month,
    Report.state,
    Report.activity_minutes,
    Report.meetings,
    Report.physical_meetings,
    Report.progress,
    Report.next_step,
    Report.next_step_on,
    Report.submitted_on,
    Report.is_late,
    Report.judged_on,
    Report.comment,
    Report.withdrawn_on,
    Report.booked_minutes,
    Report.physical_minutes,
    Report.activities,
    Report.against_plan,
    Report.via,
)


def report_leg(session: Session, municipality_id: int, report_id: int) -> int | None:
    """The leg that a report is about."""
    return session.scalar(
        select(Report.leg_id).where(Report.municipality_id == municipality_id, Report.id == report_id)
    )


def outcomes(session: Session, municipality_id: int, leg_id: int) -> Rows:
    """A leg's claimed results, newest first."""
    rows = (
        select(
            Outcome.id,
            Outcome.kind,
            Outcome.state,
            Outcome.starts_on,
            Outcome.extent_percent,
            Outcome.subsidised,
            Outcome.claimed_on,
        )
        .where(Outcome.municipality_id == municipality_id, Outcome.leg_id == leg_id)
        .order_by(Outcome.id.desc())
    )
    return session.execute(rows).all()


def checks(session: Session, municipality_id: int, leg_id: int) -> Rows:
    """The dated cases of a leg's results, by day, with who judged them."""
    judge = aliased(Account)
    rows = (
        select(
            Check.id,
            Check.outcome_id,
            Check.purpose,
            Check.part,
            Check.due_on,
            Check.state,
            Check.source,
            Check.refusal_code,
            Check.judged_on,
            judge.name.label("judge"),
        )
        .outerjoin(judge, (judge.municipality_id == Check.municipality_id) & (judge.id == Check.judged_by))
        .where(Check.municipality_id == municipality_id, Check.leg_id == leg_id)
        .order_by(Check.due_on, Check.id)
    )
    return session.execute(rows).all()


@dataclass(frozen=True)
class Contact:
    """How to reach a person, and the guide. A protected person is reached through the guide alone."""

    phone: str | None
    email: str | None
    address: str | None
    language: str
    guide: str
    guide_email: str | None


def contact(session: Session, municipality_id: int, person: Served, *, may_reach: bool = True) -> Contact:
    """Contact details of one of the provider's own people. Without `may_reach` only the guide's are told:
    the provider may no longer see how to reach the person."""
    participant = session.get_one(
        Participant, (municipality_id, person.participant_id), populate_existing=True
    )
    guide = session.get_one(Account, (municipality_id, person.guide_id))
    place = " ".join(part for part in (participant.postal_code, participant.town) if part)
    address = ", ".join(part for part in (participant.street, place) if part)
    hidden = participant.is_protected or not may_reach
    return Contact(
        phone=None if hidden else participant.phone,
        email=None if hidden else participant.email,
        address=None if hidden else address or None,
        language=participant.language,
        guide=guide.name,
        guide_email=guide.email,
    )
