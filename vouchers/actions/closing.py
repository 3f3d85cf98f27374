"""A voucher comes to its end: a guide ends it, takes it back, lets it lapse, closes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch
from vouchers.actions.results import end_service, known_reason
from vouchers.models import Leg, Voucher, VoucherDecision
from vouchers.queries.closing import left_to_do
from vouchers.queries.turns import turns
from vouchers.rules import closing, states

REVOKED = "revoked"
"""Why a leg ended when the decision was taken back before anybody had begun. Nobody picks it in a form."""


def end_voucher(
    session: Session, voucher_id: int, ended_on: date, reason: str, *, by: Actor, today: date
) -> Voucher:
    """The whole service is over, by a guide: also for somebody between two providers."""
    by.require(Role.GUIDE)
    voucher = fetch(session, Voucher, by.municipality_id, voucher_id)
    found = turns(session, voucher)
    leg = found.now
    closing.may_end(first_on=found.first_on, ended_on=ended_on, today=today)
    _not_longer(found.legs, ended_on)
    if leg is not None and leg.ended_on is None:
        end_service(session, leg.id, ended_on, reason, by=by, today=today)
        return voucher
    known_reason(reason)
    voucher.state = states.voucher.after(voucher.state, "end")
    voucher.ended_on, voucher.end_reason = ended_on, reason
    audit.record(session, "voucher.ended", voucher, by=by, ended_on=ended_on, reason=reason)
    return voucher


def _not_longer(legs: Sequence[Leg], ended_on: date) -> None:
    """Nobody goes on at the old provider, on notice, when the whole service has ended before."""
    for leg in legs:
        if leg.started_on is not None and leg.ended_on is not None and leg.ended_on > ended_on:
            leg.ended_on = max(ended_on, leg.started_on)


def revoke(session: Session, voucher_id: int, reasons: str, *, by: Actor, today: date) -> Voucher:
    """Take the decision back, before anything has begun."""
    by.require(Role.GUIDE)
    voucher = fetch(session, Voucher, by.municipality_id, voucher_id)
    after = states.voucher.after(voucher.state, "revoke")
    found = turns(session, voucher)
    closing.may_revoke(has_begun=found.first_on is not None, reasons=reasons)
    for leg in found.legs:
        _let_go(leg, today)
    voucher.state = after
    _decide(session, voucher, "revoked", reasons, by, today)
    audit.record(session, "voucher.revoked", voucher, by=by)
    return voucher


def _let_go(leg: Leg, today: date) -> None:
    if leg.ended_on is None and leg.declined_on is None:
        leg.ended_on, leg.end_reason = today, REVOKED


def lapse(session: Session, voucher_id: int, reasons: str, *, by: Actor, today: date) -> Voucher:
    """The window has passed and nobody has chosen: the decision no longer holds."""
    by.require(Role.GUIDE)
    voucher = fetch(session, Voucher, by.municipality_id, voucher_id)
    after = states.voucher.after(voucher.state, "lapse")
    found = turns(session, voucher)
    closing.may_lapse(
        has_begun=found.first_on is not None, last_day=voucher.choose_by, reasons=reasons, today=today
    )
    voucher.state = after
    _decide(session, voucher, "lapsed", reasons, by, today)
    audit.record(session, "voucher.lapsed", voucher, by=by)
    return voucher


def close(session: Session, voucher_id: int, *, unpaid: int, by: Actor, today: date) -> Voucher:
    """Nothing more is due. `unpaid` is how many amounts are earned and not booked, which the money knows."""
    by.require(Role.GUIDE)
    voucher = fetch(session, Voucher, by.municipality_id, voucher_id)
    after = states.voucher.after(voucher.state, "close")
    left = left_to_do(session, by.municipality_id, [voucher.id], today)[voucher.id]
    closing.may_close(
        reports=left.reports, checks=left.checks, unpaid=unpaid, open_on=left.open_on, today=today
    )
    voucher.state = after
    _decide(session, voucher, "closed", "", by, today)
    audit.record(session, "voucher.closed", voucher, by=by)
    return voucher


def _decide(session: Session, voucher: Voucher, kind: str, reasons: str, by: Actor, today: date) -> None:
    session.add(
        VoucherDecision(
            municipality_id=voucher.municipality_id,
            voucher_id=voucher.id,
            kind=kind,
            reasons=reasons.strip(),
            decided_by=by.account_id,
            decided_on=today,
        )
    )
