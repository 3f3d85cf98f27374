"""What is asked of an application: what has been told, shown and asked, and what each reviewer found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from providers.models import Accreditation, Contact, Evidence, Judgement, Provider, Reviewer, Site, Supplement
from providers.rules.applying import Shown, Told


def contacts(session: Session, municipality_id: int, provider_id: int) -> Sequence[Contact]:
    """The people to call at a provider today, the oldest first."""
    return session.scalars(
        select(Contact)
        .where(
            Contact.municipality_id == municipality_id,
            Contact.provider_id == provider_id,
            Contact.removed_on.is_(None),
        )
        .order_by(Contact.id)
    ).all()


def evidence(session: Session, accreditation: Accreditation) -> dict[str, list[Evidence]]:
    """All that was shown for each condition, the newest first."""
    rows = (
        select(Evidence)
        .where(
            Evidence.municipality_id == accreditation.municipality_id,
            Evidence.accreditation_id == accreditation.id,
        )
        .order_by(Evidence.added_at.desc(), Evidence.id.desc())
    )
    found: dict[str, list[Evidence]] = {}
    for row in session.scalars(rows):
        found.setdefault(row.condition, []).append(row)
    return found


def told(session: Session, accreditation: Accreditation) -> Told:
    """What the applicant has told so far, for the rule that says what is lacking."""
    provider = session.get_one(Provider, (accreditation.municipality_id, accreditation.provider_id))
    sites = select(func.count()).where(
        Site.municipality_id == provider.municipality_id, Site.provider_id == provider.id
    )
    return Told(
        about=bool(provider.about_sv.strip()),
        contacts=len(contacts(session, provider.municipality_id, provider.id)),
        sites=session.scalars(sites).one(),
        languages=len(provider.languages.split()),
        capacity=accreditation.capacity,
        shown={
            code: Shown(rows[0].digest is not None, bool(rows[0].statement), rows[0].valid_to)
            for code, rows in evidence(session, accreditation).items()
        },
    )


def open_supplement(session: Session, accreditation: Accreditation) -> Supplement | None:
    """The question that awaits an answer."""
    return session.scalars(
        select(Supplement)
        .where(
            Supplement.municipality_id == accreditation.municipality_id,
            Supplement.accreditation_id == accreditation.id,
            Supplement.answered_on.is_(None),
        )
        .order_by(Supplement.id.desc())
    ).first()


def supplements(session: Session, accreditation: Accreditation) -> Sequence[Supplement]:
    """Every question and answer, in order."""
    return session.scalars(
        select(Supplement)
        .where(
            Supplement.municipality_id == accreditation.municipality_id,
            Supplement.accreditation_id == accreditation.id,
        )
        .order_by(Supplement.id)
    ).all()


def reviewers(session: Session, accreditation: Accreditation) -> Sequence[Reviewer]:
    """Who has declared, with or without a conflict of interest."""
    return session.scalars(
        select(Reviewer)
        .where(
            Reviewer.municipality_id == accreditation.municipality_id,
            Reviewer.accreditation_id == accreditation.id,
        )
        .order_by(Reviewer.declared_on, Reviewer.account_id)
    ).all()


def declaration(session: Session, accreditation: Accreditation, account_id: int) -> Reviewer | None:
    """What the person has said about conflict of interest; None when nothing has been said."""
    return session.get(Reviewer, (accreditation.municipality_id, accreditation.id, account_id))


def judgements(session: Session, accreditation: Accreditation) -> dict[str, dict[int, Judgement]]:
    """Each reviewer's newest judgement of each condition: condition → reviewer → judgement."""
    rows = (
        select(Judgement)
        .where(
            Judgement.municipality_id == accreditation.municipality_id,
            Judgement.accreditation_id == accreditation.id,
        )
        .order_by(Judgement.id)
    )
    found: dict[str, dict[int, Judgement]] = {}
    for row in session.scalars(rows):
        found.setdefault(row.condition, {})[row.reviewer_id] = row
    return found


def decide_by(applied_on: date | None, decision_days: int) -> date | None:
    """The last day to decide by the rulebook's own promise."""
    return date.fromordinal(applied_on.toordinal() + decision_days) if applied_on else None
