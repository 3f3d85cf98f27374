"""A person's plan, as the guide writes it: the goal, who does what, the meetings with their next step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch
from core.refusal import Missing, Refusal
from vouchers.models import Meeting, Participant, Plan, PlanPart
from vouchers.queries.planning import has_more_to_come, providers_of
from vouchers.rules import plan as rules
from vouchers.rules.secrecy import may_know


@dataclass(frozen=True)
class PartForm:
    """A step: who does it (`vouchers.rules.plan.PARTIES`; which provider), what, last day, whom to ask."""

    party: str
    does: str
    due_on: date
    provider_id: int | None = None
    contact: str = ""


@dataclass(frozen=True)
class MeetingForm:
    """A meeting that was held, and the step it led to. `present` are parties."""

    kind: str
    held_on: date
    present: tuple[str, ...]
    notes: str
    next_step: PartForm


def known_person(session: Session, participant_id: int, by: Actor) -> Participant:
    """The person, for a guide. A protected person is there for the own guide only. Raises Missing."""
    by.require(Role.GUIDE)
    participant = fetch(session, Participant, by.municipality_id, participant_id)
    if not may_know(by.account_id, participant.guide_id, participant.protection):
        raise Missing()
    return participant


def set_goal(session: Session, participant_id: int, goal: str, *, by: Actor, today: date) -> Plan:
    """Write down what the plan is to lead to, in the person's own words. The first goal begins the plan."""
    participant = known_person(session, participant_id, by)
    if not goal.strip():
        raise Refusal("goal_empty", "Skriv målet med personens egna ord.", status=422)
    plan = session.scalar(
        select(Plan).where(Plan.municipality_id == by.municipality_id, Plan.participant_id == participant.id)
    )
    if plan is None:
        plan = Plan(municipality_id=by.municipality_id, participant_id=participant.id)
        session.add(plan)
    plan.goal, plan.changed_by, plan.changed_on = goal.strip(), by.account_id, today
    audit.record(session, "plan.goal_set", plan, by=by, participant=participant.id)
    return plan


def add_part(session: Session, participant_id: int, form: PartForm, *, by: Actor, today: date) -> PlanPart:
    """Add a step to the plan: who, what and the last day."""
    participant = known_person(session, participant_id, by)
    part = _add(session, participant, form, by, today)
    audit.record(session, "plan_part.added", part, by=by, party=part.party, due_on=part.due_on)
    return part


def finish_part(
    session: Session, part_id: int, follows: PartForm | None = None, *, by: Actor, today: date
) -> PlanPart:
    """A step is done. Where it was the last one ahead, the next step comes with it (`next_step_missing`)."""
    part = _part(session, part_id, by)
    after = _followed(session, part, follows, by, today)
    part.done_on, part.done_by = today, by.account_id
    audit.record(session, "plan_part.finished", part, by=by, party=part.party, followed_by=after)
    return part


def remove_part(
    session: Session, part_id: int, follows: PartForm | None = None, *, by: Actor, today: date
) -> PlanPart:
    """A step is taken away, because it was wrong or is not needed. It is kept, and seen as taken away. Where
    it was the last one ahead, the next step comes with it (`next_step_missing`)."""
    part = _part(session, part_id, by)
    after = _followed(session, part, follows, by, today)
    part.removed_on, part.removed_by = today, by.account_id
    audit.record(session, "plan_part.removed", part, by=by, party=part.party, followed_by=after)
    return part


def record_meeting(
    session: Session, participant_id: int, form: MeetingForm, *, by: Actor, today: date
) -> Meeting:
    """Record a meeting that was held. Its next step becomes a part of the plan, so there is one list."""
    participant = known_person(session, participant_id, by)
    if form.kind not in rules.MEETINGS or not set(form.present) <= set(rules.PARTIES):
        raise Refusal("meeting_unknown", "Ange vad det var för möte, och vilka som var med.", status=422)
    rules.check_meeting(form.kind, form.present, form.held_on, form.notes, today)
    part = _add(session, participant, form.next_step, by, today)
    meeting = Meeting(
        municipality_id=by.municipality_id,
        participant_id=participant.id,
        kind=form.kind,
        held_on=form.held_on,
        present=[party for party in rules.PARTIES if party in form.present],
        notes=form.notes.strip(),
        next_step=part.does,
        next_step_on=part.due_on,
        recorded_by=by.account_id,
        recorded_on=today,
    )
    session.add(meeting)
    audit.record(
        session, "meeting.recorded", meeting, by=by,
        kind=meeting.kind, present=meeting.present, held_on=meeting.held_on, part=part.id,
    )  # fmt: skip
    return meeting


def _part(session: Session, part_id: int, by: Actor) -> PlanPart:
    by.require(Role.GUIDE)
    part = fetch(session, PlanPart, by.municipality_id, part_id)
    known_person(session, part.participant_id, by)
    rules.is_open(part)
    return part


def _followed(
    session: Session, part: PlanPart, follows: PartForm | None, by: Actor, today: date
) -> int | None:
    """The step that comes with the end of another, added. Refuses an end that leaves nothing to come."""
    others = session.scalars(
        select(PlanPart).where(
            PlanPart.municipality_id == part.municipality_id,
            PlanPart.participant_id == part.participant_id,
            PlanPart.id != part.id,
            PlanPart.done_on.is_(None),
            PlanPart.removed_on.is_(None),
        )
    ).all()
    more = has_more_to_come(session, part.municipality_id, part.participant_id)
    rules.may_end_part(others, today, follows=follows is not None, is_over=not more)
    if follows is None:
        return None
    participant = fetch(session, Participant, by.municipality_id, part.participant_id)
    return _add(session, participant, follows, by, today).id


def _add(session: Session, participant: Participant, form: PartForm, by: Actor, today: date) -> PlanPart:
    theirs = {one.id for one in providers_of(session, by.municipality_id, participant.id, today)}
    named = form.provider_id in theirs if form.party == "provider" else form.provider_id is None
    if form.party not in rules.PARTIES or not named:
        raise Refusal("party_unknown", "Välj vem som ska göra det.", status=422)
    rules.check_step(form.does, form.due_on, today)
    part = PlanPart(
        municipality_id=by.municipality_id,
        participant_id=participant.id,
        party=form.party,
        provider_id=form.provider_id,
        contact=form.contact.strip(),
        does=form.does.strip(),
        due_on=form.due_on,
        added_by=by.account_id,
        added_on=today,
    )
    session.add(part)
    session.flush()
    return part
