"""New conditions are decided: who is accredited under older ones applies again before a day."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch
from core.refusal import Refusal
from core.rulebooks import Rulebook
from providers.actions.deciding import Meeting, close_proposal, decide, step, tell_public
from providers.actions.intake import settle_state
from providers.models import Accreditation, Decision, Notice, Reaccreditation
from providers.queries.life import reaccreditation_of, renewal_of
from providers.queries.terms import accreditation_terms
from providers.rules import TRANSITIONS
from providers.rules import accreditation as life
from providers.rules.deciding import need_ahead, need_reasons

EVENT = "require_reaccreditation"
CALLED = tuple(state for state, event in TRANSITIONS if event == EVENT)


def require_reaccreditation(
    session: Session, rulebook_id: int, due_on: date, *, reasons: str, by: Actor, today: date
) -> tuple[Reaccreditation, int]:
    """Call everybody who is accredited under an older version of that kundval to apply again.

    Gives the call and how many it reached. Who stands under a warning or a proposal is called when that is
    over (`call_again`). Raises Refusal for a day that has passed, a draft, and a second call.
    """
    by.require(Role.SECRETARY)
    rulebook = fetch(session, Rulebook, by.municipality_id, rulebook_id)
    need_ahead(due_on, today)
    need_reasons(reasons)
    terms = accreditation_terms(session, by.municipality_id, rulebook.id)
    if rulebook.state != "decided" or terms.application is None:
        raise Refusal("rulebook_not_decided", "Välj en beslutad version som går att ansöka till.", status=422)
    said = select(Reaccreditation.id).where(
        Reaccreditation.municipality_id == by.municipality_id, Reaccreditation.rulebook_id == rulebook.id
    )
    if session.scalar(said) is not None:
        raise Refusal("reaccreditation_called", "Ny ansökan är redan begärd för den versionen.")
    call = Reaccreditation(
        municipality_id=by.municipality_id,
        rulebook_id=rulebook.id,
        scheme=rulebook.scheme,
        due_on=due_on,
        reasons=reasons.strip(),
        decided_by=by.account_id,
        decided_on=today,
    )
    session.add(call)
    session.flush()
    called = [one for one in _older(session, rulebook, by) if life.can(one.state, EVENT)]
    for accreditation in called:
        call_again(session, accreditation, call, today=today)
    audit.record(
        session,
        "reaccreditation.required",
        call,
        by=by,
        rulebook=rulebook.id,
        due_on=due_on,
        count=len(called),
    )
    return call, len(called)


def call_again(
    session: Session, accreditation: Accreditation, call: Reaccreditation, *, today: date
) -> Notice | None:
    """Let a standing call reach one accreditation. Gives the notice, or None when it was told before.

    Records nothing: the one who calls does, once for all."""
    step(accreditation, EVENT)
    tell_public(
        session, accreditation, "accreditation.reaccreditation_due", today, due_on=call.due_on.isoformat()
    )
    told = select(Notice.id).where(
        Notice.municipality_id == accreditation.municipality_id,
        Notice.accreditation_id == accreditation.id,
        Notice.kind == "reaccreditation",
        Notice.about == str(call.rulebook_id),
    )
    if session.scalar(told) is not None:
        return None
    notice = Notice(
        municipality_id=accreditation.municipality_id,
        accreditation_id=accreditation.id,
        kind="reaccreditation",
        about=str(call.rulebook_id),
        given_on=today,
        due_on=call.due_on,
    )
    session.add(notice)
    session.flush()
    return notice


def call_off(
    session: Session, accreditation_id: int, *, reasons: str, meeting: Meeting, by: Actor, today: date
) -> Decision:
    """The board lets the accreditation go on under the conditions it has."""
    accreditation = fetch(session, Accreditation, by.municipality_id, accreditation_id)
    life.after(accreditation.state, "call_off")
    if renewal_of(session, accreditation) is not None:
        raise Refusal("renewal_waits", "Anordnaren har ansökt på nytt. Besluta om den ansökan först.")
    decision = decide(
        session,
        accreditation,
        "reaccreditation_called_off",
        reasons=reasons,
        meeting=meeting,
        by=by,
        today=today,
    )
    step(accreditation, "call_off")
    close_proposal(session, accreditation, "decided", today)
    settle_state(session, accreditation)
    tell_public(session, accreditation, "accreditation.reaccreditation_called_off", today)
    audit.record(session, "accreditation.reaccreditation_called_off", accreditation, by=by)
    return decision


def waiting_call(session: Session, accreditation: Accreditation) -> Reaccreditation | None:
    """The call that has not reached the accreditation yet, though its state now lets it; None when there is
    none, or when the board has called it off for this one."""
    if not life.can(accreditation.state, EVENT):
        return None
    call = reaccreditation_of(session, accreditation)
    if call is None:
        return None
    off = select(Decision.id).where(
        Decision.municipality_id == accreditation.municipality_id,
        Decision.accreditation_id == accreditation.id,
        Decision.kind == "reaccreditation_called_off",
        Decision.decided_on >= call.decided_on,
    )
    return None if session.scalar(off) is not None else call


def _older(session: Session, rulebook: Rulebook, by: Actor) -> list[Accreditation]:
    rows = (
        select(Accreditation)
        .join(
            Rulebook,
            (Rulebook.municipality_id == Accreditation.municipality_id)
            & (Rulebook.id == Accreditation.rulebook_id),
        )
        .where(
            Accreditation.municipality_id == by.municipality_id,
            Accreditation.scheme == rulebook.scheme,
            Accreditation.state.in_(CALLED),
            Rulebook.valid_from < rulebook.valid_from,
        )
        .order_by(Accreditation.id)
    )
    return list(session.scalars(rows))
