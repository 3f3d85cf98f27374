"""What a result is proved with: files that are put with it, and each look at a named source."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch
from core.refusal import Missing, Refusal
from providers.actions import StoredFile
from vouchers.actions.choices import own_leg
from vouchers.models import Check, Outcome, OutcomeEvidence, Override, Verification, Voucher
from vouchers.queries.terms import terms_of
from vouchers.rules import proving
from vouchers.rules.terms import Terms


def add_outcome_evidence(
    session: Session, outcome_id: int, source: str, file: StoredFile, *, by: Actor, at: datetime
) -> OutcomeEvidence:
    """Put a file with a claimed result: by its own provider, or by staff. The same file twice is one.

    `source` is one of the rulebook's. Raises Refusal for a result that no longer stands, or too many files.
    """
    outcome = _known_outcome(session, outcome_id, by)
    if outcome.state in ("withdrawn", "rejected"):
        raise Refusal("outcome_not_standing", "Resultatet gäller inte längre. Anmäl det på nytt först.")
    voucher = fetch(session, Voucher, by.municipality_id, outcome.voucher_id)
    if source not in terms_of(session, by.municipality_id, voucher.rulebook_id).sources:
        raise Refusal("source_missing", "Ange vilket slags underlag filen är.", status=422)
    shown = session.scalars(
        select(OutcomeEvidence).where(
            OutcomeEvidence.municipality_id == by.municipality_id, OutcomeEvidence.outcome_id == outcome.id
        )
    ).all()
    same = next((one for one in shown if (one.source, one.digest) == (source, file.digest)), None)
    if same is not None:
        return same
    if len(shown) >= proving.MOST_EVIDENCE:
        raise Refusal(
            "evidence_too_much",
            "Det finns redan {most} filer. Säg till karriärvägledaren om någon av dem är fel.",
            most=proving.MOST_EVIDENCE,
        )
    evidence = OutcomeEvidence(
        municipality_id=by.municipality_id,
        outcome_id=outcome.id,
        source=source,
        digest=file.digest,
        file_name=file.name,
        media_type=file.media_type,
        size=file.size,
        added_by=by.account_id,
        added_at=at,
    )
    session.add(evidence)
    audit.record(session, "outcome.evidence_added", outcome, by=by, source=source, digest=file.digest)
    return evidence


def _known_outcome(session: Session, outcome_id: int, by: Actor) -> Outcome:
    """The outcome, for staff and for those at its provider who may know the person; Missing to others."""
    by.require(Role.COACH, Role.MANAGER, Role.GUIDE, Role.INSPECTOR)
    outcome = fetch(session, Outcome, by.municipality_id, outcome_id)
    if not by.has(Role.GUIDE, Role.INSPECTOR):
        own_leg(session, outcome.leg_id, by)
    return outcome


def look_at_source(
    session: Session,
    check_id: int,
    source: str,
    found: str,
    *,
    note: str = "",
    evidence_id: int | None = None,
    by: Actor,
    today: date,
) -> Verification:
    """Staff have looked at a named source for a dated case; what it said is kept, whatever it was.

    `found` is supports, contradicts or no_answer; `evidence_id` the file that was looked at.
    """
    by.require(Role.GUIDE, Role.INSPECTOR)
    check = fetch(session, Check, by.municipality_id, check_id)
    proving.may_look(
        state=check.state,
        due_on=check.due_on,
        source=source,
        found=found,
        sources=_terms(session, check).sources,
        today=today,
    )
    if evidence_id is not None:
        shown = fetch(session, OutcomeEvidence, by.municipality_id, evidence_id)
        if shown.outcome_id != check.outcome_id:
            raise Missing()
    seen = keep_look(
        session, check, source, found, note=note, evidence_id=evidence_id, seen_by=by.account_id, today=today
    )
    audit.record(session, "check.looked", check, by=by, source=source, found=found)
    return seen


def keep_look(
    session: Session,
    check: Check,
    source: str,
    found: str,
    *,
    note: str = "",
    evidence_id: int | None = None,
    seen_by: int,
    today: date,
) -> Verification:
    """Store a look of the account `seen_by` (0: an employer). Whoever calls has checked it, and notes it."""
    seen = Verification(
        municipality_id=check.municipality_id,
        check_id=check.id,
        source=source,
        found=found,
        note=note.strip()[: proving.LONGEST_NOTE],
        evidence_id=evidence_id,
        seen_by=seen_by,
        seen_on=today,
    )
    session.add(seen)
    session.flush()
    return seen


def looks(session: Session, check: Check) -> list[proving.Look]:
    """Every look at a source for a dated case, the oldest first."""
    rows = (
        select(Verification.source, Verification.found)
        .where(Verification.municipality_id == check.municipality_id, Verification.check_id == check.id)
        .order_by(Verification.id)
    )
    return [proving.Look(*row) for row in session.execute(rows)]


def end_standing(session: Session, check: Check, *, ended_by: int, today: date) -> bool:
    """End the override that a dated case stands on; False when it stands on none. Noted by what calls it."""
    rows = select(Override).where(
        Override.municipality_id == check.municipality_id,
        Override.check_id == check.id,
        Override.ended_on.is_(None),
    )
    standing = session.scalars(rows).one_or_none()
    if standing is None:
        return False
    standing.ended_on, standing.ended_by = today, ended_by
    session.flush()
    return True


def _terms(session: Session, check: Check) -> Terms:
    voucher = fetch(session, Voucher, check.municipality_id, check.voucher_id)
    return terms_of(session, check.municipality_id, voucher.rulebook_id)
