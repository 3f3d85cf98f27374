"""An accreditation ends: on request, or when it was not renewed; is wound down, and closed."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch
from core.refusal import Refusal
from providers.actions.deciding import (
    Meeting,
    accreditation_of,
    close_proposal,
    decide,
    step,
    tell_public,
)
from providers.actions.sanctions import may_end_on
from providers.models import Accreditation, Decision
from providers.queries.life import reaccreditation_of, renewal_of
from providers.queries.terms import accreditation_terms
from providers.rules import accreditation as life
from providers.rules.ending import may_close, may_wind_down


def withdraw(
    session: Session, accreditation_id: int, *, last_day: date, reasons: str = "", by: Actor, today: date
) -> Decision:
    """The provider leaves, by its own decision. `last_day` is the last day the accreditation holds."""
    by.require(Role.MANAGER)
    accreditation = accreditation_of(session, accreditation_id, by)
    life.after(accreditation.state, "withdraw")
    may_end_on(last_day, today, accreditation)
    decision = decide(
        session,
        accreditation,
        "withdrawn",
        reason="own_request",
        reasons=reasons.strip() or "Egen begäran.",
        effective_on=last_day,
        by=by,
        today=today,
    )
    before = step(accreditation, "withdraw")
    _ended(accreditation, last_day, "own_request", by)
    close_proposal(session, accreditation, "lapsed", today)
    tell_public(session, accreditation, "accreditation.withdrawn", last_day)
    audit.record(session, "accreditation.withdrawn", accreditation, by=by, before=before, to_on=last_day)
    return decision


def expire(
    session: Session,
    accreditation_id: int,
    *,
    reasons: str,
    meeting: Meeting,
    last_day: date,
    by: Actor,
    today: date,
) -> Decision:
    """The board ends an accreditation that was not renewed in time. Waits for a renewal that is sent in."""
    accreditation = fetch(session, Accreditation, by.municipality_id, accreditation_id)
    life.after(accreditation.state, "expire")
    call = reaccreditation_of(session, accreditation)
    if call is not None and today <= call.due_on:
        raise Refusal(
            "renewal_time_left",
            "Anordnaren har till och med {day} på sig att ansöka på nytt.",
            day=call.due_on.isoformat(),
        )
    if renewal_of(session, accreditation) is not None:
        raise Refusal("renewal_waits", "Anordnaren har ansökt på nytt. Besluta om den ansökan först.")
    may_end_on(last_day, meeting.held_on, accreditation)
    decision = decide(
        session,
        accreditation,
        "expired",
        reason="not_renewed",
        reasons=reasons,
        meeting=meeting,
        effective_on=last_day,
        by=by,
        today=today,
    )
    step(accreditation, "expire")
    _ended(accreditation, last_day, "not_renewed", by)
    close_proposal(session, accreditation, "decided", today)
    tell_public(session, accreditation, "accreditation.expired", last_day)
    audit.record(session, "accreditation.expired", accreditation, by=by, to_on=last_day)
    return decision


def _ended(accreditation: Accreditation, last_day: date, reason: str, by: Actor) -> None:
    accreditation.to_on, accreditation.ended_by, accreditation.end_reason = last_day, by.account_id, reason


def wind_down(session: Session, accreditation_id: int, *, unplanned: int, by: Actor) -> Accreditation:
    """Begin to wind down. `unplanned` is how many running customers lack a plan; nobody may be left."""
    by.require(Role.INSPECTOR)
    accreditation = fetch(session, Accreditation, by.municipality_id, accreditation_id)
    may_wind_down(unplanned)
    before = step(accreditation, "wind_down")
    audit.record(session, "accreditation.winding_down", accreditation, by=by, before=before)
    return accreditation


def close(
    session: Session,
    accreditation_id: int,
    *,
    reasons: str,
    running: int,
    unchecked: int = 0,
    unpaid: int = 0,
    by: Actor,
    today: date,
) -> Decision:
    """Close for good. `running` customers, `unchecked` results and `unpaid` lines must be none.

    The lines are those booked for the provider that no statement holds yet. The tail must be over too.
    """
    accreditation = fetch(session, Accreditation, by.municipality_id, accreditation_id)
    life.after(accreditation.state, "close")
    terms = accreditation_terms(session, by.municipality_id, accreditation.rulebook_id)
    may_close(
        to_on=accreditation.to_on or today,
        tail_months=terms.tail_months,
        running=running,
        unchecked=unchecked,
        unpaid=unpaid,
        today=today,
    )
    decision = decide(session, accreditation, "closed", reasons=reasons, by=by, today=today)
    step(accreditation, "close")
    accreditation.closed_on = today
    tell_public(session, accreditation, "accreditation.closed", today)
    audit.record(session, "accreditation.closed", accreditation, by=by)
    return decision
