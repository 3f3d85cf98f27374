"""What runs for a person already, so that a decision knows what it would stand beside."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.rulebooks import Rulebook
from vouchers.models import Voucher
from vouchers.queries.terms import terms_of
from vouchers.rules.deciding import OVER, Running


def running(session: Session, municipality_id: int, participant_id: int) -> list[Running]:
    """The person's vouchers that are not over, each with what its own rulebook allows beside it."""
    rows = (
        select(Voucher.scheme, Voucher.rulebook_id, Rulebook.title_sv)
        .join(
            Rulebook,
            (Rulebook.municipality_id == Voucher.municipality_id) & (Rulebook.id == Voucher.rulebook_id),
        )
        .where(
            Voucher.municipality_id == municipality_id,
            Voucher.participant_id == participant_id,
            Voucher.state.not_in(OVER),
        )
        .order_by(Voucher.id)
    )
    return [
        Running(row.scheme, terms_of(session, municipality_id, row.rulebook_id).also, row.title_sv)
        for row in session.execute(rows)
    ]
