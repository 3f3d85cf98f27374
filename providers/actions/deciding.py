"""The plumbing of a decision: a person with the right role, reasons, an appeal, and word to the public."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import audit
from core.actor import PROVIDER, Actor
from core.database import fetch
from core.dates import now
from core.refusal import Forbidden, Refusal
from providers.models import Accreditation, Decision, Proposal, RegisterEvent
from providers.queries.terms import accreditation_terms
from providers.rules import accreditation as life
from providers.rules.deciding import need_held, need_reasons
from providers.rules.sanctions import ANSWERS, RIGHTS

Fact = str | int | bool | None


@dataclass(frozen=True)
class Meeting:
    """The board's meeting that decided, and the paragraph in its minutes."""

    held_on: date
    paragraph: str


def accreditation_of(session: Session, accreditation_id: int, by: Actor) -> Accreditation:
    """The row, for staff. A provider's own staff see only their own; to others it is not there."""
    found = fetch(session, Accreditation, by.municipality_id, accreditation_id)
    if by.has(*PROVIDER) and found.provider_id != by.provider_id:
        raise Forbidden("not_your_accreditation")
    return found


def step(accreditation: Accreditation, event: str) -> str:
    """Take the step in the one table. Gives the state before. Raises Refusal when it cannot be taken."""
    before = accreditation.state
    accreditation.state = life.after(before, event)
    return before


def decide(
    session: Session,
    accreditation: Accreditation,
    kind: str,
    by: Actor,
    *,
    reasons: str,
    today: date,
    reason: str | None = None,
    meeting: Meeting | None = None,
    effective_on: date | None = None,
    due_on: date | None = None,
    amount_ore: int | None = None,
) -> Decision:
    """Write down a decision, with the proposal it answers. A person decides (KL 6:38).

    Raises Forbidden without the right role, Refusal without reasons, without the board's meeting where the
    board decides, or with a meeting that has not been held.
    """
    right = RIGHTS[kind]
    if by.kind != "person" or not by.account_id:
        raise Forbidden("a_person_decides")
    by.require(*right.roles)
    need_reasons(reasons)
    if right.body == "board":
        _held(meeting, today)
    terms = accreditation_terms(session, by.municipality_id, accreditation.rulebook_id).application
    proposal = open_proposal(session, accreditation)
    decision = Decision(
        municipality_id=by.municipality_id,
        accreditation_id=accreditation.id,
        proposal_id=proposal.id if proposal and kind in ANSWERS else None,
        rulebook_id=accreditation.rulebook_id,
        kind=kind,
        body=right.body,
        reason=reason,
        reasons=reasons.strip(),
        legal_basis=terms.legal_basis if terms else "",
        appeal=terms.appeal if terms else "none",
        appeal_days=terms.appeal_days if terms else 0,
        decided_by=by.account_id,
        decided_on=today,
        meeting_on=meeting.held_on if meeting else None,
        paragraph=meeting.paragraph.strip() if meeting else "",
        effective_on=effective_on or today,
        due_on=due_on,
        amount_ore=amount_ore,
    )
    session.add(decision)
    session.flush()
    return decision


def _held(meeting: Meeting | None, today: date) -> None:
    if meeting is None or not meeting.paragraph.strip():
        raise Refusal(
            "meeting_missing", "Skriv vilken dag nämnden beslutade, och paragrafen i protokollet.", status=422
        )
    need_held(meeting.held_on, today)


def open_proposal(session: Session, accreditation: Accreditation) -> Proposal | None:
    """The proposal that waits for a decision about the accreditation."""
    return session.scalar(
        select(Proposal).where(
            Proposal.municipality_id == accreditation.municipality_id,
            Proposal.accreditation_id == accreditation.id,
            Proposal.state == "open",
        )
    )


def propose(
    session: Session,
    accreditation: Accreditation,
    kind: str,
    by: Actor,
    *,
    words: str,
    today: date,
    reason: str | None = None,
    facts: dict[str, Fact] | None = None,
) -> Proposal:
    """Put a proposal up for decision. Refuses a second one while the first is open."""
    if open_proposal(session, accreditation) is not None:
        raise Refusal("proposal_open", "Det finns redan ett förslag som väntar på beslut.")
    proposal = Proposal(
        municipality_id=by.municipality_id,
        accreditation_id=accreditation.id,
        kind=kind,
        reason=reason,
        words=words.strip(),
        facts=json.dumps(facts or {}, sort_keys=True),
        made_by=by.account_id,
        made_on=today,
        state="open",
    )
    session.add(proposal)
    session.flush()
    return proposal


def close_proposal(session: Session, accreditation: Accreditation, state: str, today: date) -> None:
    """The open proposal, if any, is `decided` or has `lapsed`."""
    proposal = open_proposal(session, accreditation)
    if proposal is not None:
        proposal.state, proposal.closed_on = state, today
        session.flush()


def tell_public(
    session: Session, accreditation: Accreditation, what: str, day: date, **facts: Fact
) -> RegisterEvent:
    """Add an event that anybody may read: what, whose, when. Never a name of a person, never reasons."""
    last = select(func.max(RegisterEvent.number)).where(
        RegisterEvent.municipality_id == accreditation.municipality_id
    )
    event = RegisterEvent(
        municipality_id=accreditation.municipality_id,
        number=(session.scalar(last) or 0) + 1,
        at=session.info.get(audit.CLOCK, now)(),
        what=what,
        accreditation_id=accreditation.id,
        provider_id=accreditation.provider_id,
        day=day,
        facts=json.dumps(facts, sort_keys=True),
    )
    session.add(event)
    session.flush()
    return event
