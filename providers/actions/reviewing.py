"""Staff review an application: jäv, questions back, a judgement a condition, a proposal, a decision."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch
from core.refusal import Forbidden, Refusal
from core.rulebooks import Rulebook
from providers.actions.deciding import close_proposal, decide, open_proposal, propose, step, tell_public
from providers.models import Accreditation, Decision, Judgement, Proposal, Provider, Reviewer, Supplement
from providers.models.application import VERDICTS
from providers.queries import applying as asked
from providers.queries.terms import accreditation_terms
from providers.rules import APPLYING_STATES
from providers.rules import accreditation as life
from providers.rules.conditions import CONTROLS
from providers.rules.reviewing import may_ask_until, may_begin_on, may_propose


def _impartial(session: Session, accreditation: Accreditation, by: Actor) -> None:
    """Shut out who has declared a conflict of interest: from every step, not only from judging."""
    said = asked.declaration(session, accreditation, by.account_id)
    if said is not None and said.has_conflict:
        raise Forbidden("has_conflict")


def take_up(session: Session, accreditation_id: int, *, by: Actor) -> Accreditation:
    """Begin to review."""
    by.require(Role.INSPECTOR)
    accreditation = fetch(session, Accreditation, by.municipality_id, accreditation_id)
    _impartial(session, accreditation, by)
    before = step(accreditation, "take_up")
    audit.record(session, "accreditation.take_up", accreditation, by=by, before=before)
    return accreditation


def declare(
    session: Session, accreditation_id: int, *, has_conflict: bool, by: Actor, today: date
) -> Reviewer:
    """Who reviews or decides says once if there is a conflict of interest (jäv). A yes shuts them out."""
    by.require(Role.INSPECTOR, Role.SECRETARY)
    accreditation = fetch(session, Accreditation, by.municipality_id, accreditation_id)
    if accreditation.state not in APPLYING_STATES[1:]:
        raise Refusal("not_under_review", "Ansökan granskas inte just nu.")
    if asked.declaration(session, accreditation, by.account_id) is not None:
        raise Refusal("declared_already", "Du har redan svarat på frågan om jäv.")
    reviewer = Reviewer(
        municipality_id=by.municipality_id,
        accreditation_id=accreditation_id,
        account_id=by.account_id,
        has_conflict=has_conflict,
        declared_on=today,
    )
    session.add(reviewer)
    audit.record(session, "accreditation.conflict_declared", accreditation, by=by, has_conflict=has_conflict)
    return reviewer


def request_supplement(
    session: Session, accreditation_id: int, wanted: str, due_on: date, *, by: Actor, today: date
) -> Supplement:
    """Ask the applicant for more, with a deadline after today."""
    by.require(Role.INSPECTOR)
    accreditation = fetch(session, Accreditation, by.municipality_id, accreditation_id)
    if not wanted.strip():
        raise Refusal("wanted_missing", "Skriv vad som ska kompletteras.", status=422)
    may_ask_until(due_on, today)
    _impartial(session, accreditation, by)
    before = step(accreditation, "request_supplement")
    supplement = Supplement(
        municipality_id=by.municipality_id,
        accreditation_id=accreditation.id,
        wanted=wanted.strip(),
        asked_by=by.account_id,
        asked_on=today,
        due_on=due_on,
    )
    session.add(supplement)
    audit.record(
        session, "accreditation.request_supplement", accreditation, by=by, before=before, due_on=due_on
    )
    return supplement


def judge(
    session: Session,
    accreditation_id: int,
    condition: str,
    verdict: str,
    control: str,
    note: str = "",
    *,
    by: Actor,
    today: date,
) -> Judgement:
    """One reviewer's finding of one condition. Needs a declaration without conflict of interest."""
    by.require(Role.INSPECTOR)
    accreditation = fetch(session, Accreditation, by.municipality_id, accreditation_id)
    if accreditation.state != "under_review":
        raise Refusal("not_under_review", "Ansökan granskas inte just nu.")
    if asked.declaration(session, accreditation, by.account_id) is None:
        raise Refusal("conflict_not_declared", "Svara först på frågan om jäv.")
    _impartial(session, accreditation, by)
    terms = accreditation_terms(session, by.municipality_id, accreditation.rulebook_id)
    if condition not in {one.code for one in terms.conditions(accreditation.service)}:
        raise Refusal("condition_unknown", "Det villkoret finns inte i kundvalets regler.", status=404)
    if verdict not in VERDICTS or control not in CONTROLS:
        raise Refusal("verdict_missing", "Välj vad du kom fram till, och hur du kontrollerade.", status=422)
    if verdict != "met" and not note.strip():
        raise Refusal("note_missing", "Skriv varför villkoret inte är uppfyllt, eller är oklart.", status=422)
    judgement = Judgement(
        municipality_id=by.municipality_id,
        accreditation_id=accreditation.id,
        condition=condition,
        reviewer_id=by.account_id,
        verdict=verdict,
        control=control,
        note=note.strip(),
        judged_on=today,
    )
    session.add(judgement)
    audit.record(session, "accreditation.judged", accreditation, by=by, condition=condition, verdict=verdict)
    return judgement


def propose_outcome(
    session: Session, accreditation_id: int, kind: str, words: str, *, by: Actor, today: date
) -> Proposal:
    """Propose to accredit, refuse or dismiss, when enough independent reviewers have judged."""
    by.require(Role.INSPECTOR)
    accreditation = fetch(session, Accreditation, by.municipality_id, accreditation_id)
    if kind not in ("accredit", "refuse", "dismiss") or not words.strip():
        raise Refusal("proposal_words_missing", "Välj ett förslag och skriv varför.", status=422)
    _impartial(session, accreditation, by)
    terms = accreditation_terms(session, by.municipality_id, accreditation.rulebook_id)
    found = asked.judgements(session, accreditation)
    verdicts = {code: {who: one.verdict for who, one in rows.items()} for code, rows in found.items()}
    needed = terms.application.reviewers if terms.application else 0
    may_propose(kind, verdicts, terms.conditions(accreditation.service), needed)
    before = step(accreditation, "propose")
    proposal = propose(session, accreditation, kind, by, words=words, today=today)
    audit.record(session, "accreditation.propose", accreditation, by=by, before=before, outcome=kind)
    return proposal


def reopen(session: Session, accreditation_id: int, *, by: Actor, today: date) -> Accreditation:
    """Send a proposal back for more review."""
    by.require(Role.INSPECTOR, Role.SECRETARY)
    accreditation = fetch(session, Accreditation, by.municipality_id, accreditation_id)
    _impartial(session, accreditation, by)
    step(accreditation, "reopen")
    close_proposal(session, accreditation, "lapsed", today)
    audit.record(session, "accreditation.reopened", accreditation, by=by)
    return accreditation


def accredit(
    session: Session, accreditation: Accreditation, *, reasons: str, from_on: date, by: Actor, today: date
) -> Decision:
    """Decide that the provider may be chosen from a day on. The proposal must say so, and be another's.

    A renewal counts from the day of the decision; the accreditation it replaces then runs off beside it.
    """
    if accreditation.replaces_id is not None:
        from_on = today
    may_begin_on(from_on, today)
    decision = _decided(session, accreditation, "accredited", reasons, by=by, today=today, from_on=from_on)
    if accreditation.replaces_id is not None:
        _run_off(session, accreditation.replaces_id, by=by, today=today)
    accreditation.from_on, accreditation.decided_on = from_on, today
    accreditation.decided_by, accreditation.reasons = by.account_id, reasons
    step(accreditation, "accredit")
    close_proposal(session, accreditation, "decided", today)
    tell_public(session, accreditation, "accreditation.accredited", from_on)
    audit.record(session, "accreditation.accredited", accreditation, by=by, from_on=from_on)
    return decision


def _run_off(session: Session, accreditation_id: int, *, by: Actor, today: date) -> None:
    """The older accreditation takes nobody new; who is there stays."""
    old = fetch(session, Accreditation, by.municipality_id, accreditation_id)
    step(old, "renew")
    yesterday = date.fromordinal(today.toordinal() - 1)
    old.to_on = max(old.from_on or yesterday, yesterday)
    old.ended_by, old.end_reason = by.account_id, "renewed"
    session.flush()
    tell_public(session, old, "accreditation.renewed", today)
    audit.record(session, "accreditation.renewed", old, by=by)


def turn_down(
    session: Session, accreditation: Accreditation, kind: str, *, reasons: str, by: Actor, today: date
) -> Decision:
    """Decide to refuse or dismiss the application, with reasons and how to appeal."""
    decision = _decided(session, accreditation, kind, reasons, by=by, today=today)
    accreditation.decided_on, accreditation.decided_by, accreditation.reasons = today, by.account_id, reasons
    step(accreditation, EVENTS[kind])
    close_proposal(session, accreditation, "decided", today)
    audit.record(session, f"accreditation.{kind}", accreditation, by=by)
    return decision


EVENTS = {"accredited": "accredit", "refused": "refuse", "dismissed": "dismiss"}


def _decided(
    session: Session,
    accreditation: Accreditation,
    kind: str,
    reasons: str,
    *,
    by: Actor,
    today: date,
    from_on: date | None = None,
) -> Decision:
    """The decision, when it is another person's than the proposal's, and what was proposed."""
    _impartial(session, accreditation, by)
    life.after(accreditation.state, EVENTS[kind])
    proposal = open_proposal(session, accreditation)
    if proposal is not None and proposal.made_by == by.account_id:
        raise Refusal("own_proposal", "Den som har lagt förslaget kan inte besluta. Be en kollega.")
    if proposal is not None and proposal.kind != EVENTS[kind]:
        raise Refusal("other_proposal", "Förslaget säger något annat. Skicka tillbaka det först.")
    return decide(session, accreditation, kind, by, reasons=reasons, today=today, effective_on=from_on)


def enter_decided(
    session: Session,
    provider: Provider,
    rulebook: Rulebook,
    service: str,
    *,
    capacity: int,
    area: str = "",
    from_on: date,
    reasons: str,
    by: Actor,
    today: date,
) -> Accreditation:
    """Enter what another authority has decided, in a kundval that takes no applications here."""
    by.require(Role.SECRETARY)
    terms = accreditation_terms(session, by.municipality_id, rulebook.id)
    if terms.application is not None:
        raise Refusal("applies_here", "I det här kundvalet ansöker anordnaren själv.")
    accreditation = Accreditation(
        municipality_id=by.municipality_id,
        provider_id=provider.id,
        rulebook_id=rulebook.id,
        scheme=rulebook.scheme,
        service=service,
        area=area,
        capacity=capacity,
        state="active",
        applied_on=from_on,
        from_on=from_on,
        decided_on=today,
        decided_by=by.account_id,
        reasons=reasons,
    )
    session.add(accreditation)
    session.flush()
    decide(session, accreditation, "accredited", by, reasons=reasons, today=today, effective_on=from_on)
    tell_public(session, accreditation, "accreditation.accredited", from_on)
    audit.record(session, "accreditation.entered", accreditation, by=by, from_on=from_on)
    return accreditation
