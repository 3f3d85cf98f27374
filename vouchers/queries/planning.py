"""A person's plan: the goal, who does what, the meetings; and whether more is to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from core.actor import Account
from core.database import Rows
from providers.models import Provider
from vouchers.models import Leg, Meeting, Plan, PlanPart, Voucher
from vouchers.rules.plan import next_step
from vouchers.rules.waiting import Standing, need_step

OVER = ("revoked", "lapsed")


@dataclass(frozen=True)
class Step:
    """A part of a plan. `provider` is the provider's name where the party is one."""

    id: int
    party: str
    provider: str | None
    contact: str
    does: str
    due_on: date
    added_on: date
    done_on: date | None
    removed_on: date | None


@dataclass(frozen=True)
class Kept:
    """A person's plan as it stands. Parts by day, meetings the newest first."""

    goal: str
    goal_on: date | None
    parts: tuple[Step, ...]
    meetings: Rows

    @property
    def is_empty(self) -> bool:
        """Whether nothing has been written in it."""
        return not (self.goal or self.parts or self.meetings)

    def next(self, today: date) -> Step | None:
        """The next step."""
        return next_step(self.parts, today)

    @property
    def to_do(self) -> list[Step]:
        """What is neither done nor taken away."""
        return [part for part in self.parts if part.done_on is None and part.removed_on is None]

    @property
    def ended(self) -> list[Step]:
        """What is done or taken away, the latest first."""
        ended = [part for part in self.parts if part.done_on or part.removed_on]
        return sorted(ended, key=lambda part: part.done_on or part.removed_on or part.due_on, reverse=True)


def kept(session: Session, municipality_id: int, participant_id: int) -> Kept:
    """The person's plan, in three queries; an empty one for somebody who has none."""
    goal = session.execute(
        select(Plan.goal, Plan.changed_on).where(
            Plan.municipality_id == municipality_id, Plan.participant_id == participant_id
        )
    ).one_or_none()
    return Kept(
        goal=goal.goal if goal else "",
        goal_on=goal.changed_on if goal else None,
        parts=steps(session, municipality_id, participant_id),
        meetings=_meetings(session, municipality_id, participant_id),
    )


def shared(session: Session, municipality_id: int, participant_id: int) -> Kept:
    """What a provider sees of a plan that the person lets it see: the goal, and who does what until when.
    Nothing of meetings, of what was taken away, or of whom to ask elsewhere."""
    whole = kept(session, municipality_id, participant_id)
    parts = tuple(replace(part, contact="") for part in whole.parts if part.removed_on is None)
    return Kept(whole.goal, whole.goal_on, parts, ())


def steps(session: Session, municipality_id: int, participant_id: int) -> tuple[Step, ...]:
    """The parts of the person's plan, by day."""
    at = (Provider.municipality_id == PlanPart.municipality_id) & (Provider.id == PlanPart.provider_id)
    rows = (
        select(
            PlanPart.id,
            PlanPart.party,
            Provider.name,
            PlanPart.contact,
            PlanPart.does,
            PlanPart.due_on,
            PlanPart.added_on,
            PlanPart.done_on,
            PlanPart.removed_on,
        )
        .outerjoin(Provider, at)
        .where(PlanPart.municipality_id == municipality_id, PlanPart.participant_id == participant_id)
        .order_by(PlanPart.due_on, PlanPart.id)
    )
    return tuple(Step(*row) for row in session.execute(rows))


def _meetings(session: Session, municipality_id: int, participant_id: int) -> Rows:
    guide = aliased(Account)
    rows = (
        select(
            Meeting.id,
            Meeting.kind,
            Meeting.held_on,
            Meeting.present,
            Meeting.notes,
            Meeting.next_step,
            Meeting.next_step_on,
            Meeting.recorded_on,
            guide.name.label("guide"),
        )
        .join(guide, (guide.municipality_id == Meeting.municipality_id) & (guide.id == Meeting.recorded_by))
        .where(Meeting.municipality_id == municipality_id, Meeting.participant_id == participant_id)
        .order_by(Meeting.held_on.desc(), Meeting.id.desc())
    )
    return session.execute(rows).all()


def person_of(session: Session, municipality_id: int, part_id: int) -> Any | None:
    """The part's row and whose plan it is in, or None."""
    return session.get(PlanPart, (municipality_id, part_id))


def providers_of(session: Session, municipality_id: int, participant_id: int, today: date) -> Sequence[Any]:
    """(id, name) of the providers where the person is, or has chosen to be, by name."""
    rows = (
        select(Provider.id, Provider.name)
        .join(Leg, (Leg.municipality_id == Provider.municipality_id) & (Leg.provider_id == Provider.id))
        .join(Voucher, (Voucher.municipality_id == Leg.municipality_id) & (Voucher.id == Leg.voucher_id))
        .where(
            Leg.municipality_id == municipality_id,
            Voucher.participant_id == participant_id,
            Voucher.state.not_in(OVER),
            Leg.declined_on.is_(None),
            or_(Leg.ended_on.is_(None), Leg.ended_on >= today),
        )
        .distinct()
        .order_by(Provider.name)
    )
    return session.execute(rows).all()


def has_more_to_come(session: Session, municipality_id: int, participant_id: int) -> bool:
    """Whether a next step is needed: something runs, or the last ended without result, or nothing has been
    decided yet."""
    rows = select(Voucher.state, Voucher.choose_by, Voucher.ended_on, Voucher.end_reason).where(
        Voucher.municipality_id == municipality_id, Voucher.participant_id == participant_id
    )
    found = session.execute(rows).all()
    standings = [
        Standing(row.state, row.choose_by, ended_on=row.ended_on, end_reason=row.end_reason) for row in found
    ]
    return not found or bool(need_step(standings))
