"""Intake stops and opens: by the provider itself, or by the municipality with reasons. And places."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.refusal import Refusal
from providers.actions.deciding import accreditation_of, decide, step, tell_public
from providers.models import Accreditation, IntakeStop
from providers.rules import OPEN_STATES
from providers.rules import accreditation as life
from providers.rules.applying import may_offer


def stop_intake(
    session: Session, accreditation_id: int, *, reasons: str = "", by: Actor, today: date
) -> IntakeStop:
    """Nobody new from today. The municipality's own stop is a decision with reasons; a provider needs none.

    Whoever stopped opens again: the two do not see to each other's.
    """
    accreditation, who = _theirs(session, accreditation_id, by)
    if any(one.stopped_by == who for one in standing(session, accreditation)):
        raise Refusal("intake_stopped_already", "Intaget är redan stoppat.")
    if who == "municipality":
        decide(session, accreditation, "intake_stopped", reasons=reasons, by=by, today=today)
    was_open = not standing(session, accreditation)
    stop = IntakeStop(
        municipality_id=by.municipality_id,
        accreditation_id=accreditation.id,
        stopped_by=who,
        from_on=today,
        reasons=reasons.strip(),
        account_id=by.account_id,
    )
    session.add(stop)
    session.flush()
    settle_state(session, accreditation)
    if was_open:
        tell_public(session, accreditation, "accreditation.intake_stopped", today)
    audit.record(session, "accreditation.intake_stopped", accreditation, by=by, stopped_by=who)
    return stop


def open_intake(
    session: Session, accreditation_id: int, *, reasons: str = "", by: Actor, today: date
) -> IntakeStop:
    """Take people again from today. Opens what the same side has stopped, and only that."""
    accreditation, who = _theirs(session, accreditation_id, by)
    stop = next((one for one in standing(session, accreditation) if one.stopped_by == who), None)
    if stop is None:
        raise Refusal("intake_not_stopped", "Intaget är inte stoppat från ert håll.")
    if who == "municipality":
        decide(session, accreditation, "intake_opened", reasons=reasons, by=by, today=today)
    stop.to_on = max(stop.from_on, today - timedelta(days=1))
    session.flush()
    settle_state(session, accreditation)
    if not standing(session, accreditation):
        tell_public(session, accreditation, "accreditation.intake_opened", today)
    audit.record(session, "accreditation.intake_opened", accreditation, by=by, stopped_by=who)
    return stop


def set_places(session: Session, accreditation_id: int, capacity: int, *, by: Actor) -> Accreditation:
    """How many people an accredited provider takes at the same time; who is there already stays."""
    by.require(Role.MANAGER)
    accreditation = accreditation_of(session, accreditation_id, by)
    if accreditation.state not in OPEN_STATES:
        raise Refusal("not_accredited", "Auktorisationen gäller inte, så antalet platser kan inte ändras.")
    may_offer(capacity)
    before, accreditation.capacity = accreditation.capacity, capacity
    audit.record(
        session, "accreditation.capacity_set", accreditation, by=by, capacity=capacity, before=before
    )
    return accreditation


def standing(session: Session, accreditation: Accreditation) -> list[IntakeStop]:
    """The stops that stand today, the provider's and the municipality's."""
    rows = select(IntakeStop).where(
        IntakeStop.municipality_id == accreditation.municipality_id,
        IntakeStop.accreditation_id == accreditation.id,
        IntakeStop.to_on.is_(None),
    )
    return list(session.scalars(rows.order_by(IntakeStop.id)))


def settle_state(session: Session, accreditation: Accreditation) -> None:
    """Let `active` and `intake_stopped` say what the stops say; other states stay. Use it after every event
    that leads to `active`, since a stop may have stood all the while."""
    stopped = bool(standing(session, accreditation))
    if stopped and life.can(accreditation.state, "stop_intake"):
        step(accreditation, "stop_intake")
    elif not stopped and life.can(accreditation.state, "open_intake"):
        step(accreditation, "open_intake")
    session.flush()


def _theirs(session: Session, accreditation_id: int, by: Actor) -> tuple[Accreditation, str]:
    by.require(Role.MANAGER, Role.INSPECTOR)
    accreditation = accreditation_of(session, accreditation_id, by)
    if accreditation.state not in OPEN_STATES:
        raise Refusal("not_accredited", "Auktorisationen gäller inte, så intaget kan inte ändras.")
    return accreditation, "municipality" if by.has(Role.INSPECTOR) else "provider"
