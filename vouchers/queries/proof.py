"""What proves a result: its files, each look at a source, overrides and when they end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from core.actor import Account
from core.database import Rows, fetch
from providers.models import Provider, ProviderMember
from providers.queries.group import group_since
from vouchers.models import (
    Check,
    Leg,
    Outcome,
    OutcomeEvidence,
    Override,
    Participant,
    Verification,
    Voucher,
)
from vouchers.rules.results import Organisation, relation
from vouchers.rules.secrecy import may_know
from vouchers.rules.waiting import Wait


def outcome(session: Session, municipality_id: int, outcome_id: int) -> Outcome:
    """A claimed result. Raises Missing."""
    return fetch(session, Outcome, municipality_id, outcome_id)


def related_to(session: Session, leg: Leg, employer: Organisation) -> str | None:
    """Whether the employer is the leg's provider, or of what it has declared since the person began there."""
    if employer.number is None and not employer.name:
        return None
    provider = fetch(session, Provider, leg.municipality_id, leg.provider_id)
    group = group_since(session, leg.municipality_id, provider.id, leg.started_on or leg.chosen_on)
    return relation(
        employer,
        Organisation(provider.organisation_number, provider.name),
        [Organisation(row.organisation_number, row.name) for row in group],
    )


def related_now(session: Session, found: Outcome) -> str | None:
    """The flag of a result: as it was claimed, or as what has been declared since makes it."""
    leg = fetch(session, Leg, found.municipality_id, found.leg_id)
    employer = Organisation(found.employer_number, found.employer_name or "")
    return found.related or related_to(session, leg, employer)


def evidence(session: Session, municipality_id: int, outcome_id: int) -> Rows:
    """(id, source, file_name, size, added_at, by, is_ours) of a result's files, the newest first.

    `is_ours` is None for a file that staff added, else the provider's id.
    """
    by = aliased(Account)
    rows = (
        select(
            OutcomeEvidence.id,
            OutcomeEvidence.source,
            OutcomeEvidence.file_name,
            OutcomeEvidence.size,
            OutcomeEvidence.added_at,
            by.name.label("by"),
            ProviderMember.provider_id.label("is_ours"),
        )
        .outerjoin(
            by, (by.municipality_id == OutcomeEvidence.municipality_id) & (by.id == OutcomeEvidence.added_by)
        )
        .outerjoin(
            ProviderMember,
            (ProviderMember.municipality_id == OutcomeEvidence.municipality_id)
            & (ProviderMember.account_id == OutcomeEvidence.added_by),
        )
        .where(OutcomeEvidence.municipality_id == municipality_id, OutcomeEvidence.outcome_id == outcome_id)
        .order_by(OutcomeEvidence.id.desc())
    )
    return session.execute(rows).all()


def evidence_file(
    session: Session, municipality_id: int, evidence_id: int
) -> tuple[OutcomeEvidence, Outcome]:
    """A file and the result it is about. Raises Missing."""
    found = fetch(session, OutcomeEvidence, municipality_id, evidence_id)
    return found, fetch(session, Outcome, municipality_id, found.outcome_id)


def looks(session: Session, municipality_id: int, check_id: int) -> Rows:
    """(id, source, found, note, evidence_id, file_name, seen_on, by) of each look, the newest first.

    `by` is None where an employer answered a link.
    """
    by = aliased(Account)
    rows = (
        select(
            Verification.id,
            Verification.source,
            Verification.found,
            Verification.note,
            Verification.evidence_id,
            OutcomeEvidence.file_name,
            Verification.seen_on,
            by.name.label("by"),
        )
        .outerjoin(by, (by.municipality_id == Verification.municipality_id) & (by.id == Verification.seen_by))
        .outerjoin(
            OutcomeEvidence,
            (OutcomeEvidence.municipality_id == Verification.municipality_id)
            & (OutcomeEvidence.id == Verification.evidence_id),
        )
        .where(Verification.municipality_id == municipality_id, Verification.check_id == check_id)
        .order_by(Verification.id.desc())
    )
    return session.execute(rows).all()


def override(session: Session, municipality_id: int, check_id: int) -> tuple[Override, str] | None:
    """The override that the case stands on, and the name of who decided it; None when it stands on none."""
    by = aliased(Account)
    rows = (
        select(Override, by.name)
        .join(by, (by.municipality_id == Override.municipality_id) & (by.id == Override.decided_by))
        .where(
            Override.municipality_id == municipality_id,
            Override.check_id == check_id,
            Override.ended_on.is_(None),
        )
    )
    row = session.execute(rows).one_or_none()
    return (row[0], row[1]) if row else None


def over(session: Session, municipality_id: int, mine: list[Any], today: date) -> dict[int, list[Wait]]:
    """By voucher: overrides whose last day has passed, to be looked at again; `mine` narrows whose people."""
    rows = (
        select(Check.voucher_id, Check.id, Check.purpose, Check.part, Override.until_on)
        .join(Check, (Check.municipality_id == Override.municipality_id) & (Check.id == Override.check_id))
        .join(Voucher, (Voucher.municipality_id == Check.municipality_id) & (Voucher.id == Check.voucher_id))
        .join(
            Participant,
            (Participant.municipality_id == Voucher.municipality_id)
            & (Participant.id == Voucher.participant_id),
        )
        .where(
            Override.municipality_id == municipality_id,
            Override.ended_on.is_(None),
            Override.until_on < today,
            *mine,
        )
    )
    found: dict[int, list[Wait]] = {}
    for row in session.execute(rows):
        wait = Wait("override_over", row.until_on, row.id, None, row.purpose, row.part)
        found.setdefault(row.voucher_id, []).append(wait)
    return found


@dataclass(frozen=True)
class Standing:
    """An override that stands. `name` is empty for a protected person whom the reader may not know, whose
    provider and words are left out too."""

    check_id: int
    purpose: str
    part: int
    name: str
    provider: str
    passes: bool
    reasons: str
    decided_on: date
    by: str
    until_on: date
    opens: bool


def overrides(session: Session, municipality_id: int, *, viewer_id: int) -> list[Standing]:
    """Every override that stands, those that end first at the top; one query."""
    by = aliased(Account)
    rows = (
        select(
            Override,
            Check.purpose,
            Check.part,
            Participant.given_name,
            Participant.family_name,
            Participant.protection,
            Participant.guide_id,
            Provider.name.label("provider"),
            by.name.label("by"),
        )
        .join(Check, (Check.municipality_id == Override.municipality_id) & (Check.id == Override.check_id))
        .join(Voucher, (Voucher.municipality_id == Check.municipality_id) & (Voucher.id == Check.voucher_id))
        .join(
            Participant,
            (Participant.municipality_id == Voucher.municipality_id)
            & (Participant.id == Voucher.participant_id),
        )
        .join(Leg, (Leg.municipality_id == Check.municipality_id) & (Leg.id == Check.leg_id))
        .join(Provider, (Provider.municipality_id == Leg.municipality_id) & (Provider.id == Leg.provider_id))
        .join(by, (by.municipality_id == Override.municipality_id) & (by.id == Override.decided_by))
        .where(Override.municipality_id == municipality_id, Override.ended_on.is_(None))
        .order_by(Override.until_on, Override.id)
    )
    found = []
    for row in session.execute(rows):
        opens = may_know(viewer_id, row.guide_id, row.protection)
        found.append(
            Standing(
                check_id=row.Override.check_id,
                purpose=row.purpose,
                part=row.part,
                name=f"{row.given_name} {row.family_name}" if opens else "",
                provider=row.provider if opens else "",
                passes=row.Override.passes,
                reasons=row.Override.reasons if opens else "",
                decided_on=row.Override.decided_on,
                by=row.by,
                until_on=row.Override.until_on,
                opens=opens,
            )
        )
    return found
