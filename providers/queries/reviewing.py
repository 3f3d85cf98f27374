"""What is asked of the review: which applications wait for what, who has judged, what was decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from core.actor import Account
from core.database import Rows
from core.refusal import Missing
from core.rulebooks import Rulebook
from providers.models import (
    Accreditation,
    Decision,
    Judgement,
    Proposal,
    Provider,
    Reported,
    Reviewer,
    Site,
    Supplement,
)
from providers.queries.applying import decide_by
from providers.queries.registry import OF_PROVIDER
from providers.queries.terms import accreditation_terms
from providers.rules import APPLYING_STATES, TURNED_DOWN_STATES
from providers.rules.reviewing import Verdicts, unjudged

WAITING_STATES = APPLYING_STATES[1:]
"""Sent in, and not decided. A draft is the applicant's own until it is sent."""
LISTED_STATES = (*WAITING_STATES, *TURNED_DOWN_STATES)


@dataclass(frozen=True)
class Case:
    """An application as a line in the list.

    `due` says what comes next: supplement, decision, or None when it is decided. `judged` of `conditions`
    have been judged by as many as the rulebook asks for, `reviewers` is how many persons have judged any.
    """

    accreditation_id: int
    provider: str
    diary_number: str | None
    rulebook_id: int
    service: str
    area: str
    state: str
    applied_on: date | None
    due: str | None
    due_on: date | None
    reviewers: int
    reviewers_needed: int
    judged: int
    conditions: int
    is_renewal: bool


def applications(session: Session, municipality_id: int, state: str | None = None) -> list[Case]:
    """Applications in that state, or all that wait for something; what is due first on top. Five queries."""
    states = (state,) if state in LISTED_STATES else WAITING_STATES
    rows = session.execute(
        select(Accreditation, Provider.name.label("provider"))
        .join(
            Provider,
            OF_PROVIDER,
        )
        .where(Accreditation.municipality_id == municipality_id, Accreditation.state.in_(states))
        .order_by(Accreditation.applied_on, Accreditation.id)
    ).all()
    ids = [row.Accreditation.id for row in rows]
    books = session.scalars(  # all at once, so that the terms below are read from memory
        select(Rulebook).where(
            Rulebook.municipality_id == municipality_id,
            Rulebook.id.in_({row.Accreditation.rulebook_id for row in rows}),
        )
    ).all()
    supplements = _supplements_due(session, municipality_id, ids)
    verdicts = _verdicts(session, municipality_id, ids)
    found = [
        _case(session, row.Accreditation, row.provider, supplements, verdicts.get(row.Accreditation.id, {}))
        for row in rows
    ]
    del books
    return sorted(found, key=lambda case: (case.due_on is None, case.due_on or date.max, case.provider))


def _case(
    session: Session, one: Accreditation, provider: str, supplements: dict[int, date], verdicts: Verdicts
) -> Case:
    terms = accreditation_terms(session, one.municipality_id, one.rulebook_id)
    needed = terms.application.reviewers if terms.application else 0
    conditions = terms.conditions(one.service)
    due, due_on = None, None
    if one.state == "supplement_requested" and one.id in supplements:
        due, due_on = "supplement", supplements[one.id]
    elif one.state in WAITING_STATES and terms.application:
        due, due_on = "decision", decide_by(one.applied_on, terms.application.decision_days)
    return Case(
        accreditation_id=one.id,
        provider=provider,
        diary_number=one.diary_number,
        rulebook_id=one.rulebook_id,
        service=one.service,
        area=one.area,
        state=one.state,
        applied_on=one.applied_on,
        due=due,
        due_on=due_on,
        reviewers=len({who for found in verdicts.values() for who in found}),
        reviewers_needed=needed,
        judged=len(conditions) - len(unjudged(verdicts, conditions, needed)),
        conditions=len(conditions),
        is_renewal=one.replaces_id is not None,
    )


def _supplements_due(session: Session, municipality_id: int, ids: list[int]) -> dict[int, date]:
    """The last day of the newest question that awaits an answer."""
    rows = (
        select(Supplement.accreditation_id, Supplement.due_on)
        .where(
            Supplement.municipality_id == municipality_id,
            Supplement.accreditation_id.in_(ids),
            Supplement.answered_on.is_(None),
        )
        .order_by(Supplement.id)
    )
    return {row.accreditation_id: row.due_on for row in session.execute(rows)}


def _verdicts(session: Session, municipality_id: int, ids: list[int]) -> dict[int, dict[str, dict[int, str]]]:
    """Application → condition → reviewer → the newest verdict."""
    rows = (
        select(Judgement.accreditation_id, Judgement.condition, Judgement.reviewer_id, Judgement.verdict)
        .where(Judgement.municipality_id == municipality_id, Judgement.accreditation_id.in_(ids))
        .order_by(Judgement.id)
    )
    found: dict[int, dict[str, dict[int, str]]] = {}
    for row in session.execute(rows):
        found.setdefault(row.accreditation_id, {}).setdefault(row.condition, {})[row.reviewer_id] = (
            row.verdict
        )
    return found


def counts(session: Session, municipality_id: int) -> Counter[str]:
    """How many applications are in each state that is listed."""
    rows = (
        select(Accreditation.state, func.count().label("count"))
        .where(Accreditation.municipality_id == municipality_id, Accreditation.state.in_(LISTED_STATES))
        .group_by(Accreditation.state)
    )
    return Counter({row.state: row.count for row in session.execute(rows)})


def conflicts_of(session: Session, municipality_id: int, account_id: int) -> set[int]:
    """The applications that the person has declared a conflict of interest in."""
    return set(
        session.scalars(
            select(Reviewer.accreditation_id).where(
                Reviewer.municipality_id == municipality_id,
                Reviewer.account_id == account_id,
                Reviewer.has_conflict,
            )
        )
    )


def sites(session: Session, municipality_id: int, provider_id: int) -> Rows:
    """The provider's places."""
    return session.scalars(
        select(Site)
        .where(Site.municipality_id == municipality_id, Site.provider_id == provider_id)
        .order_by(Site.id)
    ).all()


def people(session: Session, municipality_id: int, account_ids: Iterable[int]) -> dict[int, str]:
    """Names of accounts by id."""
    rows = select(Account.id, Account.name).where(
        Account.municipality_id == municipality_id, Account.id.in_(set(account_ids))
    )
    return {row.id: row.name for row in session.execute(rows)}


def lapsed_proposals(session: Session, accreditation: Accreditation) -> Rows:
    """Proposals that were sent back, in order."""
    return session.scalars(
        select(Proposal)
        .where(
            Proposal.municipality_id == accreditation.municipality_id,
            Proposal.accreditation_id == accreditation.id,
            Proposal.state == "lapsed",
        )
        .order_by(Proposal.id)
    ).all()


def decisions(
    session: Session, municipality_id: int, accreditation_id: int | None = None, *, decision_id: int = 0
) -> Rows:
    """Decisions about an accreditation, the newest first, or the one with that id.

    Rows as `macros/decision.html` shows them: the decision's columns with `who` decided, the rulebook's
    `version`, `title_sv` and `title_en`, and the day `reported_on` to the board.
    """
    rows = (
        select(
            *Decision.__table__.columns,
            Account.name.label("who"),
            Rulebook.version,
            Rulebook.title_sv,
            Rulebook.title_en,
            Reported.meeting_on.label("reported_on"),
        )
        .join(
            Rulebook,
            and_(Rulebook.municipality_id == Decision.municipality_id, Rulebook.id == Decision.rulebook_id),
        )
        .outerjoin(
            Account,
            and_(Account.municipality_id == Decision.municipality_id, Account.id == Decision.decided_by),
        )
        .outerjoin(
            Reported,
            and_(Reported.municipality_id == Decision.municipality_id, Reported.decision_id == Decision.id),
        )
        .where(Decision.municipality_id == municipality_id)
        .order_by(Decision.id.desc())
    )
    if accreditation_id is not None:
        rows = rows.where(Decision.accreditation_id == accreditation_id)
    else:
        rows = rows.where(Decision.id == decision_id)
    return session.execute(rows).all()


def decision(session: Session, municipality_id: int, decision_id: int) -> Any:
    """One decision as such a row. Raises Missing."""
    found = decisions(session, municipality_id, decision_id=decision_id)
    if not found:
        raise Missing()
    return found[0]
