"""A provider tells of a meeting or an activity that a person was at, and takes it back when it was wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor
from core.database import fetch
from core.refusal import Missing, Refusal
from vouchers.actions.choices import own_leg
from vouchers.models import Leg, Occasion, Voucher
from vouchers.queries.terms import terms_of
from vouchers.rules.occasions import Held, may_record


@dataclass(frozen=True)
class OccasionForm:
    """An occasion as the provider tells it: the fields of `fields.of("occasion")`, read.

    `started` is minutes after midnight, `kind` one of `told.OCCASION_KINDS`.
    """

    held_on: date
    started: int
    kind: str
    is_physical: bool
    minutes: int


def record_occasion(
    session: Session, leg_id: int, form: OccasionForm, *, by: Actor, today: date, via: str = "page"
) -> Occasion:
    """Tell of one occasion. Raises Refusal; Missing to others than the person's own provider."""
    leg = _own(session, leg_id, by)
    voucher = fetch(session, Voucher, by.municipality_id, leg.voucher_id)
    may_record(
        held_on=form.held_on,
        started=form.started,
        minutes=form.minutes,
        started_on=leg.started_on,
        ended_on=leg.ended_on,
        terms=terms_of(session, by.municipality_id, voucher.rulebook_id),
        beside=_that_day(session, leg, form.held_on),
        today=today,
    )
    found = Occasion(
        municipality_id=by.municipality_id,
        leg_id=leg.id,
        held_on=form.held_on,
        started=form.started,
        kind=form.kind,
        is_physical=form.is_physical,
        minutes=form.minutes,
        via=via,
        recorded_by=by.account_id,
        recorded_on=today,
    )
    session.add(found)
    audit.record(session, "occasion.recorded", found, by=by, held_on=form.held_on, leg=leg.id)
    return found


def withdraw_occasion(session: Session, occasion_id: int, *, by: Actor, today: date) -> Occasion:
    """Take back an occasion that was wrong. Raises Missing to others than the person's own provider."""
    found = fetch(session, Occasion, by.municipality_id, occasion_id)
    _own(session, found.leg_id, by)
    if found.withdrawn_on is not None:
        raise Refusal("occasion_withdrawn", "Tillfället är redan tillbakataget.")
    found.withdrawn_on, found.withdrawn_by = today, by.account_id
    audit.record(session, "occasion.withdrawn", found, by=by, leg=found.leg_id)
    return found


def _own(session: Session, leg_id: int, by: Actor) -> Leg:
    """The leg, for those at its provider who may know the person; to others it is as if it were not there."""
    try:
        return own_leg(session, leg_id, by)
    except Refusal as refusal:
        if refusal.code == "not_your_participant":
            raise Missing() from None
        raise


def _that_day(session: Session, leg: Leg, day: date) -> list[Held]:
    rows = select(Occasion.started, Occasion.minutes).where(
        Occasion.municipality_id == leg.municipality_id,
        Occasion.leg_id == leg.id,
        Occasion.held_on == day,
        Occasion.withdrawn_on.is_(None),
    )
    return [Held(row.started, row.minutes) for row in session.execute(rows)]
