"""What providers have been credited for one person: the amounts are about the person too."""

from __future__ import annotations

from sqlalchemy.orm import Session

from payouts.models import LedgerLine, PaymentRun
from payouts.queries.lines import selected
from vouchers.models import Voucher
from vouchers.queries.my_data import Row, plain

COLUMNS = (
    "voucher_id",
    "leg_id",
    "provider_id",
    "rulebook_id",
    "component",
    "part",
    "sequence",
    "period_on",
    "quantity",
    "of_quantity",
    "unit_price_ore",
    "amount_ore",
    "reason",
    "batch_state",
)


def lines_of_person(session: Session, municipality_id: int, participant_id: int) -> list[Row]:
    """Every ledger line of the person's vouchers, the oldest first; amounts in öre."""
    run = (PaymentRun.municipality_id == LedgerLine.municipality_id) & (PaymentRun.id == LedgerLine.run_id)
    rows = (
        selected(municipality_id)
        .add_columns(PaymentRun.as_of)
        .join(PaymentRun, run)
        .where(Voucher.participant_id == participant_id)
        .order_by(PaymentRun.as_of, LedgerLine.voucher_id, LedgerLine.component, LedgerLine.part)
        .order_by(LedgerLine.sequence)
    )
    return [
        {**{name: plain(getattr(row, name)) for name in COLUMNS}, "booked_as_of": plain(row.as_of)}
        for row in session.execute(rows)
    ]
