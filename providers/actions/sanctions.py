"""When conditions are not kept: warning and plan, penalty, provisional revocation, what the board decides."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch
from core.refusal import Refusal
from providers.actions.deciding import (
    Fact,
    Meeting,
    accreditation_of,
    close_proposal,
    decide,
    open_proposal,
    propose,
    step,
    tell_public,
)
from providers.actions.intake import settle_state
from providers.models import Accreditation, ActionPlan, Decision, Proposal, Reported
from providers.queries.terms import accreditation_terms
from providers.rules import OPEN_STATES
from providers.rules import accreditation as life
from providers.rules.deciding import need_ahead, need_held
from providers.rules.sanctions import RIGHTS, may_revoke

PENALISED = (*OPEN_STATES, "revoked", "expired", "withdrawn", "winding_down")
"""A penalty is part of the contract, which lasts until everything is closed."""


def warn(
    session: Session, accreditation_id: int, *, reasons: str, due_on: date, by: Actor, today: date
) -> Decision:
    """Warn, with a day when what is wrong must be put right."""
    accreditation = fetch(session, Accreditation, by.municipality_id, accreditation_id)
    need_ahead(due_on, today)
    life.after(accreditation.state, "warn")
    decision = decide(session, accreditation, "warned", reasons=reasons, by=by, today=today, due_on=due_on)
    before = step(accreditation, "warn")
    audit.record(session, "accreditation.warned", accreditation, by=by, before=before, due_on=due_on)
    return decision


def hand_in_plan(
    session: Session, accreditation_id: int, *, words: str, done_by: date, by: Actor, today: date
) -> ActionPlan:
    """The warned provider says what it will do, and by when. The newest plan counts; all are kept."""
    by.require(Role.MANAGER)
    accreditation = accreditation_of(session, accreditation_id, by)
    warning = standing_warning(session, accreditation)
    if warning is None:
        raise Refusal("not_warned", "Det finns ingen varning att svara på.")
    if not words.strip():
        raise Refusal("plan_missing", "Skriv vad ni ska göra.", status=422)
    if done_by < today:
        raise Refusal("plan_day_passed", "Planen kan inte vara klar före i dag. Ändra dagen.", status=422)
    if warning.due_on is not None and today <= warning.due_on < done_by:
        raise Refusal(
            "plan_too_late",
            "Allt ska vara klart senast {day}. Skriv den dagen eller en tidigare.",
            day=warning.due_on.isoformat(),
            status=422,
        )
    plan = ActionPlan(
        municipality_id=by.municipality_id,
        decision_id=warning.id,
        words=words.strip(),
        done_by=done_by,
        handed_in_by=by.account_id,
        handed_in_on=today,
    )
    session.add(plan)
    audit.record(session, "accreditation.plan_handed_in", accreditation, by=by, done_on=done_by)
    return plan


def standing_warning(session: Session, accreditation: Accreditation) -> Decision | None:
    """The warning that the provider stands under."""
    if accreditation.state != "warned":
        return None
    return _newest(session, accreditation, "warned")


def lift_warning(
    session: Session, accreditation_id: int, *, reasons: str, by: Actor, today: date
) -> Decision:
    """What was wrong has been put right."""
    accreditation = fetch(session, Accreditation, by.municipality_id, accreditation_id)
    life.after(accreditation.state, "lift_warning")
    decision = decide(session, accreditation, "warning_lifted", reasons=reasons, by=by, today=today)
    step(accreditation, "lift_warning")
    settle_state(session, accreditation)
    audit.record(session, "accreditation.warning_lifted", accreditation, by=by)
    return decision


def penalty(
    session: Session, accreditation_id: int, code: str, *, reasons: str, by: Actor, today: date
) -> Decision:
    """Decide a contractual penalty (vite). The amount is the rulebook's, never typed."""
    accreditation = fetch(session, Accreditation, by.municipality_id, accreditation_id)
    if accreditation.state not in PENALISED:
        raise Refusal("not_accredited", "Auktorisationen gäller inte, så vite kan inte beslutas.")
    terms = accreditation_terms(session, by.municipality_id, accreditation.rulebook_id)
    found = next((one for one in terms.penalties if one.code == code), None)
    if found is None:
        raise Refusal("penalty_unknown", "Välj vilket vite det gäller. Listan är kundvalets.", status=422)
    decision = decide(
        session,
        accreditation,
        "penalty",
        reason=found.code,
        reasons=reasons,
        amount_ore=found.ore,
        by=by,
        today=today,
    )
    audit.record(
        session, "accreditation.penalised", accreditation, by=by, code=found.code, amount_ore=found.ore
    )
    return decision


def propose_revocation(
    session: Session,
    accreditation_id: int,
    reason: str,
    *,
    words: str,
    by: Actor,
    today: date,
    facts: dict[str, Fact] | None = None,
) -> Proposal:
    """Put a revocation before the board. The clock may do it too, with the facts of its watch.

    `facts` are what the watch has counted; a proposal for want of customers is never made without them.
    """
    if by.kind != "clock":
        by.require(Role.INSPECTOR)
    accreditation = fetch(session, Accreditation, by.municipality_id, accreditation_id)
    may_revoke(reason)
    if reason == "no_customers" and not facts:
        raise Refusal(
            "no_customers_is_watched",
            "Att ingen har kommit räknas av bevakningen. Den lägger förslaget när tiden har gått.",
            status=422,
        )
    if by.kind == "person" and not words.strip():
        raise Refusal("proposal_words_missing", "Skriv varför ni föreslår det.", status=422)
    before = step(accreditation, "propose_revocation")
    proposal = propose(
        session, accreditation, "revoke", reason=reason, words=words, facts=facts, by=by, today=today
    )
    audit.record(
        session, "accreditation.revocation_proposed", accreditation, by=by, before=before, reason=reason
    )
    return proposal


def revoke_provisionally(
    session: Session, accreditation_id: int, reason: str, *, reasons: str, by: Actor, today: date
) -> Decision:
    """The chair decides in an urgent case, until the board has met (KL 6:39). Nobody new may come."""
    accreditation = fetch(session, Accreditation, by.municipality_id, accreditation_id)
    may_revoke(reason)
    if reason == "no_customers":
        raise Refusal(
            "not_urgent", "Att ingen har kommit är inte brådskande. Vänta på nämndens beslut.", status=422
        )
    life.after(accreditation.state, "revoke_provisionally")
    decision = decide(
        session, accreditation, "provisionally_revoked", reason=reason, reasons=reasons, by=by, today=today
    )
    before = step(accreditation, "revoke_provisionally")
    tell_public(session, accreditation, "accreditation.provisionally_revoked", today)
    audit.record(
        session, "accreditation.provisionally_revoked", accreditation, by=by, before=before, reason=reason
    )
    return decision


def revoke(
    session: Session,
    accreditation_id: int,
    *,
    reason: str | None = None,
    reasons: str,
    meeting: Meeting,
    last_day: date,
    last_customer_on: date | None = None,
    by: Actor,
    today: date,
) -> Decision:
    """The board revokes. `last_day` is the last day the accreditation holds, not before the meeting.

    Without `reason` the chair's, or the one proposed, counts. `last_customer_on` is the newest customer's
    day: a proposal for want of customers falls when one has come since it was made.
    """
    accreditation = fetch(session, Accreditation, by.municipality_id, accreditation_id)
    life.after(accreditation.state, "revoke")
    proposal = open_proposal(session, accreditation)
    code = reason or standing_reason(session, accreditation)
    may_revoke(code)
    if code == "no_customers":
        _nobody_since(proposal, last_customer_on)
    may_end_on(last_day, meeting.held_on, accreditation)
    decision = decide(
        session,
        accreditation,
        "revoked",
        reason=code,
        reasons=reasons,
        meeting=meeting,
        effective_on=last_day,
        by=by,
        today=today,
    )
    step(accreditation, "revoke")
    accreditation.to_on, accreditation.ended_by, accreditation.end_reason = last_day, by.account_id, code
    close_proposal(session, accreditation, "decided", today)
    tell_public(session, accreditation, "accreditation.revoked", last_day)
    audit.record(session, "accreditation.revoked", accreditation, by=by, reason=code, to_on=last_day)
    return decision


def keep(
    session: Session, accreditation_id: int, *, reasons: str, meeting: Meeting, by: Actor, today: date
) -> Decision:
    """The board says no to a proposed revocation."""
    accreditation = fetch(session, Accreditation, by.municipality_id, accreditation_id)
    life.after(accreditation.state, "keep")
    decision = decide(session, accreditation, "kept", reasons=reasons, meeting=meeting, by=by, today=today)
    step(accreditation, "keep")
    close_proposal(session, accreditation, "decided", today)
    settle_state(session, accreditation)
    audit.record(session, "accreditation.kept", accreditation, by=by)
    return decision


def lift(
    session: Session, accreditation_id: int, *, reasons: str, meeting: Meeting, by: Actor, today: date
) -> Decision:
    """The board lifts the chair's provisional revocation."""
    accreditation = fetch(session, Accreditation, by.municipality_id, accreditation_id)
    life.after(accreditation.state, "lift")
    decision = decide(session, accreditation, "lifted", reasons=reasons, meeting=meeting, by=by, today=today)
    step(accreditation, "lift")
    close_proposal(session, accreditation, "decided", today)
    settle_state(session, accreditation)
    tell_public(session, accreditation, "accreditation.lifted", today)
    audit.record(session, "accreditation.lifted", accreditation, by=by)
    return decision


def report_to_board(
    session: Session, decision_ids: Collection[int], meeting_on: date, *, by: Actor, today: date
) -> list[Reported]:
    """Note that decisions taken on the board's behalf, and the chair's, were reported at a meeting."""
    by.require(Role.SECRETARY)
    if not decision_ids:
        raise Refusal("nothing_to_report", "Välj minst ett beslut.", status=422)
    need_held(meeting_on, today)
    decisions = [fetch(session, Decision, by.municipality_id, one) for one in sorted(set(decision_ids))]
    for decision in decisions:
        if RIGHTS[decision.kind].body not in ("delegate", "chair"):
            raise Refusal("not_delegated", "Beslutet är inte fattat på nämndens vägnar.", status=422)
        if session.get(Reported, (by.municipality_id, decision.id)) is not None:
            raise Refusal("reported_already", "Ett av besluten är redan anmält. Läs in sidan igen.")
        if meeting_on < decision.decided_on:
            raise Refusal(
                "reported_before_decided",
                "Ett av besluten fattades {day}, efter mötet. Anmäl det vid nästa möte.",
                day=decision.decided_on.isoformat(),
                status=422,
            )
    found = [
        Reported(
            municipality_id=by.municipality_id,
            decision_id=decision.id,
            meeting_on=meeting_on,
            noted_by=by.account_id,
        )
        for decision in decisions
    ]
    session.add_all(found)
    audit.record(
        session,
        "decision.reported",
        decisions[0],
        by=by,
        count=len(found),
        decisions=[decision.id for decision in decisions],
        meeting_on=meeting_on,
    )
    return found


def standing_reason(session: Session, accreditation: Accreditation) -> str:
    """The reason that the chair gave, or that was proposed; empty when there is none."""
    if accreditation.state == "provisionally_revoked":
        chairs = _newest(session, accreditation, "provisionally_revoked")
        return (chairs.reason or "") if chairs else ""
    proposal = open_proposal(session, accreditation)
    return (proposal.reason or "") if proposal else ""


def may_end_on(last_day: date, earliest: date, accreditation: Accreditation) -> None:
    """Refuse a last day before the decision, or before the accreditation's first."""
    first = max(earliest, accreditation.from_on or earliest)
    if last_day < first:
        raise Refusal(
            "last_day_too_early",
            "Sista dagen kan tidigast vara {day}. Ändra dagen.",
            day=first.isoformat(),
            status=422,
        )


def _nobody_since(proposal: Proposal | None, last_customer_on: date | None) -> None:
    if proposal is None or proposal.reason != "no_customers":
        raise Refusal(
            "no_customers_is_watched",
            "Att ingen har kommit räknas av bevakningen. Den lägger förslaget när tiden har gått.",
            status=422,
        )
    if last_customer_on is not None and last_customer_on >= proposal.made_on:
        raise Refusal(
            "customer_has_come",
            "En deltagare har valt anordnaren {day}, efter förslaget. Låt auktorisationen vara kvar.",
            day=last_customer_on.isoformat(),
        )


def _newest(session: Session, accreditation: Accreditation, kind: str) -> Decision | None:
    return session.scalars(
        select(Decision)
        .where(
            Decision.municipality_id == accreditation.municipality_id,
            Decision.accreditation_id == accreditation.id,
            Decision.kind == kind,
        )
        .order_by(Decision.id.desc())
    ).first()
