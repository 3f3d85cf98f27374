"""A signed batch becomes the bank's file, and is handed over."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch
from core.dates import add_working_days, day_of
from core.refusal import Refusal
from payouts.actions.batches.sealing import check_not_held, check_unchanged
from payouts.models import Batch, Statement
from payouts.rails import files, pain001
from payouts.rails.order import Payee, PayeeKind, PaymentOrder, Transfer
from payouts.rules.batches import batch
from providers.models import Provider

PAYEE_KINDS: dict[str, PayeeKind] = {"bankgiro": "bankgiro", "plusgiro": "plusgiro"}


@dataclass(frozen=True)
class Debtor:
    """The municipality as the bank knows it."""

    name: str
    organisation_number: str
    iban: str
    bic: str


def send(session: Session, batch_id: int, debtor: Debtor, *, by: Actor, at: datetime) -> Batch:
    """Write the bank's file from a batch signed by two, and keep it. Handing over is a door's work."""
    by.require(Role.MAKER)
    made = fetch(session, Batch, by.municipality_id, batch_id)
    after = batch.after(made.state, "send")
    check_unchanged(session, made, made.content_hash)
    check_not_held(session, made)
    if made.payments:
        document = pain001.write(_order(session, made, debtor, at))
        pain001.validate(document)
        made.document = document
    made.state, made.sent_at = after, at
    if not made.payments:
        made.state = batch.after(made.state, "accept")
    audit.record(
        session,
        "batch.sent",
        made,
        by=by,
        payments=made.payments,
        paid_ore=made.paid_ore,
        digest=hashlib.sha256(made.document or b"").hexdigest(),
    )
    return made


def hand_over(session: Session, batch_id: int, outbox: Path, *, by: Actor, at: datetime) -> None:
    """Put a sent batch's file in the bank's outbox, once; the bank's check of message ids is the net."""
    made = fetch(session, Batch, by.municipality_id, batch_id)
    if made.document is None or made.handed_over_at is not None:
        return
    files.hand_over(made.document, outbox=outbox, name=f"{made.id}.xml")
    made.handed_over_at = at
    audit.record(session, "batch.handed_over", made, by=by)


def _order(session: Session, made: Batch, debtor: Debtor, at: datetime) -> PaymentOrder:
    rows = session.execute(
        select(Statement, Provider.name, Provider.organisation_number)
        .join(
            Provider,
            (Provider.municipality_id == Statement.municipality_id) & (Provider.id == Statement.provider_id),
        )
        .where(
            Statement.municipality_id == made.municipality_id,
            Statement.batch_id == made.id,
            Statement.paid_ore > 0,
        )
        .order_by(Statement.id)
    )
    transfers = tuple(
        Transfer(
            end_to_end_id=str(statement.id),
            amount_ore=statement.paid_ore,
            payee=_payee(statement, name, number),
            remittance=f"Kundval {made.id}",
        )
        for statement, name, number in rows
    )
    order = PaymentOrder(
        message_id=str(made.id),
        created_at=at,
        debtor_name=debtor.name,
        debtor_organisation_number=debtor.organisation_number,
        debtor_iban=debtor.iban,
        debtor_bic=debtor.bic,
        execute_on=max(made.pay_on, add_working_days(day_of(at) + timedelta(days=1), 0)),
        transfers=transfers,
    )
    if (order.count, order.sum_ore) != (made.payments, made.paid_ore):
        raise Refusal(
            "batch_sum_differs",
            "Filens antal eller summa stämmer inte med utbetalningen. Inget har skickats.",
        )
    return order


def _payee(statement: Statement, name: str, number: str) -> Payee:
    if statement.account_kind is None or statement.account_number is None:
        raise AssertionError("the database refuses a paid statement without an account")
    return Payee(name, PAYEE_KINDS[statement.account_kind], statement.account_number, number)
