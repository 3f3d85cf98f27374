"""A service stands still for a time, and goes on."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch
from core.refusal import Refusal
from vouchers.models import Leg, Pause, Voucher
from vouchers.queries.terms import terms_of
from vouchers.queries.turns import Turns, turns
from vouchers.rules import pauses, states
from vouchers.rules.terms import Terms


def pause(
    session: Session,
    voucher_id: int,
    from_on: date,
    expected_on: date,
    reason: str,
    *,
    by: Actor,
    today: date,
) -> Pause:
    """The service stands still from a day on; `expected_on` is the day it is thought to go on."""
    by.require(Role.GUIDE)
    voucher = fetch(session, Voucher, by.municipality_id, voucher_id)
    after = states.voucher.after(voucher.state, "pause")
    terms = terms_of(session, by.municipality_id, voucher.rulebook_id)
    leg = checked(turns(session, voucher), terms, from_on, expected_on, reason, today=today)
    row = Pause(
        municipality_id=by.municipality_id,
        voucher_id=voucher.id,
        leg_id=leg.id,
        reason=reason,
        from_on=from_on,
        expected_on=expected_on,
        decided_by=by.account_id,
        decided_on=today,
    )
    session.add(row)
    voucher.state = after
    # Why is health data as often as not: it stands in the pause, not in the trail.
    audit.record(session, "leg.paused", leg, by=by, from_on=from_on, expected_on=expected_on)
    return row


def checked(found: Turns, terms: Terms, from_on: date, expected_on: date, reason: str, *, today: date) -> Leg:
    """The leg that such a pause would be of. Raises Refusal."""
    states.voucher.after(found.voucher.state, "pause")
    leg, last_on = found.now, found.last_on(terms, today)
    if leg is None or leg.started_on is None or last_on is None:
        raise AssertionError("an active voucher has a leg that has begun")
    pauses.may_pause(
        terms=terms.pauses,
        reason=reason,
        from_on=from_on,
        expected_on=expected_on,
        earliest=pauses.earliest_pause(
            started_on=leg.started_on, approved_to=found.approved_to, earlier=found.spans, today=today
        ),
        last_on=last_on,
        today=today,
    )
    return leg


def resume(session: Session, voucher_id: int, resumed_on: date, *, by: Actor, today: date) -> Pause:
    """The service goes on, from that day. A pause that has not begun is called off."""
    by.require(Role.GUIDE)
    voucher = fetch(session, Voucher, by.municipality_id, voucher_id)
    after = states.voucher.after(voucher.state, "resume")
    row = open_pause(session, voucher)
    if row is None:
        raise Refusal("not_paused", "Insatsen har ingen paus.")
    pauses.may_resume(from_on=row.from_on, resumed_on=resumed_on, today=today)
    row.resumed_on, row.resumed_by = resumed_on, by.account_id
    voucher.state = after
    what = "leg.resumed" if resumed_on > row.from_on else "leg.pause_called_off"
    audit.record(
        session, what, audit.Subject("leg", row.leg_id), by=by, resumed_on=resumed_on, from_on=row.from_on
    )
    return row


def open_pause(session: Session, voucher: Voucher) -> Pause | None:
    """The pause that nobody has ended."""
    rows = select(Pause).where(
        Pause.municipality_id == voucher.municipality_id,
        Pause.voucher_id == voucher.id,
        Pause.resumed_on.is_(None),
    )
    return session.scalars(rows).one_or_none()


def end_pause(session: Session, voucher: Voucher, on: date, account_id: int) -> None:
    """A pause that lasts ends with something else, which that account did: its days go up to `on`, that day
    not counted."""
    row = open_pause(session, voucher)
    if row is not None:
        row.resumed_on, row.resumed_by = max(on, row.from_on), account_id
