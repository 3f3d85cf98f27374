"""Which of a person's vouchers they may take to another provider today."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.refusal import Refusal
from vouchers.models import Voucher
from vouchers.queries.choices import OpenChoice
from vouchers.queries.market import code_of
from vouchers.queries.terms import terms_of
from vouchers.queries.turns import Turns, turns
from vouchers.rules import switching
from vouchers.rules.terms import Terms


def open_switches(
    session: Session, municipality_id: int, participant_id: int, today: date
) -> list[OpenChoice]:
    """The person's vouchers that they themselves may switch with, the newest first. One query, and four a
    voucher that somebody has been chosen for."""
    rows = select(Voucher).where(
        Voucher.municipality_id == municipality_id,
        Voucher.participant_id == participant_id,
        Voucher.state.in_(switching.BEFORE + switching.THERE),
    )
    found = []
    for voucher in session.scalars(rows.order_by(Voucher.id.desc())):
        told, terms = turns(session, voucher), terms_of(session, municipality_id, voucher.rulebook_id)
        now = told.now
        if now is not None and hindrance(told, terms, "participant", today) is None:
            found.append(
                OpenChoice(
                    voucher_id=voucher.id,
                    offer=code_of(voucher.scheme, voucher.service),
                    choose_by=today,
                    leaves=now.provider_id,
                )
            )
    return found


def hindrance(found: Turns, terms: Terms, asker: str, today: date) -> Refusal | None:
    """Why that asker cannot switch with the voucher today, whoever they would go to; None when they can."""
    try:
        switching.may_switch(
            terms=terms.switching,
            asker=asker,
            state=found.voucher.state,
            made=found.switches,
            days_left=found.days_left(terms, today),
        )
    except Refusal as refusal:
        return refusal
    return None
