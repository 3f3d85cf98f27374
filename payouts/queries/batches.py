"""What batches and statements hold, and what follows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Account
from core.database import Rows
from payouts.models import BankAnswer, Batch, GateOutcome, ReturnedPayment, Signature, Statement
from payouts.queries.waiting import carried_positions, waiting
from providers.models import Provider

__all__ = [
    "Signed",
    "batches",
    "carried_positions",
    "follow_ups",
    "gate_outcomes",
    "maker",
    "provider_statements",
    "returned_to",
    "signatures",
    "statement",
    "statements",
    "to_hand_over",
    "waiting",
]


def batches(session: Session, municipality_id: int) -> Rows:
    """All batches, newest first, with their maker's name."""
    rows = (
        select(
            Batch.id,
            Batch.state,
            Batch.made_at,
            Batch.pay_on,
            Batch.payments,
            Batch.lines,
            Batch.paid_ore,
            Batch.follows_batch_id,
            Account.name.label("maker"),
        )
        .outerjoin(
            Account, (Account.municipality_id == Batch.municipality_id) & (Account.id == Batch.made_by)
        )
        .where(Batch.municipality_id == municipality_id)
        .order_by(Batch.id.desc())
    )
    return session.execute(rows).all()


def statements(session: Session, municipality_id: int, batch_id: int) -> Rows:
    """A batch's statements with the provider's name and the bank's last word, by name."""
    rows = (
        select(
            Statement.id,
            Statement.provider_id,
            Provider.name,
            Statement.earned_ore,
            Statement.clawed_ore,
            Statement.carried_in_ore,
            Statement.paid_ore,
            Statement.carried_out_ore,
            Statement.withheld_ore,
            Statement.released_ore,
            Statement.returned_ore,
            Statement.account_kind,
            Statement.account_number,
            _last_word(municipality_id).label("answer"),
        )
        .join(
            Provider,
            (Provider.municipality_id == Statement.municipality_id) & (Provider.id == Statement.provider_id),
        )
        .where(Statement.municipality_id == municipality_id, Statement.batch_id == batch_id)
        .order_by(Provider.name)
    )
    return session.execute(rows).all()


def _last_word(municipality_id: int) -> Any:
    return (
        select(BankAnswer.status)
        .where(
            BankAnswer.municipality_id == municipality_id,
            BankAnswer.statement_id == Statement.id,
        )
        .order_by(BankAnswer.id.desc())
        .limit(1)
        .correlate(Statement)
        .scalar_subquery()
    )


@dataclass(frozen=True)
class Signed:
    """A signature as shown."""

    step: int
    name: str
    account_id: int
    at: datetime


def signatures(session: Session, municipality_id: int, batch_id: int) -> list[Signed]:
    """Who has signed, in order."""
    rows = (
        select(Signature.step, Account.name, Signature.account_id, Signature.signed_at)
        .join(
            Account,
            (Account.municipality_id == Signature.municipality_id) & (Account.id == Signature.account_id),
        )
        .where(Signature.municipality_id == municipality_id, Signature.batch_id == batch_id)
        .order_by(Signature.step)
    )
    return [Signed(*row) for row in session.execute(rows)]


def maker(session: Session, municipality_id: int, account_id: int) -> str:
    """The name of whoever made a batch; empty when the timetable did, or an operator."""
    found = session.get(Account, (municipality_id, account_id))
    return found.name if found else ""


def provider_statements(session: Session, municipality_id: int, provider_id: int) -> Rows:
    """A provider's statements, newest first; a batch that was stopped is not one."""
    rows = (
        select(
            Statement.id,
            Statement.batch_id,
            Statement.earned_ore,
            Statement.clawed_ore,
            Statement.carried_in_ore,
            Statement.paid_ore,
            Statement.carried_out_ore,
            Statement.withheld_ore,
            Statement.released_ore,
            Statement.returned_ore,
            Batch.state,
            Batch.pay_on,
            Batch.sent_at,
            Batch.follows_batch_id,
            _last_word(municipality_id).label("answer"),
        )
        .join(Batch, (Batch.municipality_id == Statement.municipality_id) & (Batch.id == Statement.batch_id))
        .where(
            Statement.municipality_id == municipality_id,
            Statement.provider_id == provider_id,
            Batch.state != "void",
        )
        .order_by(Statement.id.desc())
    )
    return session.execute(rows).all()


def to_hand_over(session: Session, municipality_id: int) -> Sequence[Batch]:
    """Sent batches whose file has not been put in the bank's outbox."""
    rows = select(Batch).where(
        Batch.municipality_id == municipality_id,
        Batch.state == "sent",
        Batch.document.is_not(None),
        Batch.handed_over_at.is_(None),
    )
    return session.scalars(rows).all()


def statement(session: Session, municipality_id: int, statement_id: int) -> Any:
    """One statement with its provider and batch, and the bank's last word; None when it is not there."""
    rows = (
        select(
            Statement.id,
            Statement.batch_id,
            Statement.provider_id,
            Provider.name,
            Statement.earned_ore,
            Statement.clawed_ore,
            Statement.carried_in_ore,
            Statement.paid_ore,
            Statement.carried_out_ore,
            Statement.withheld_ore,
            Statement.released_ore,
            Statement.returned_ore,
            Statement.account_kind,
            Statement.account_number,
            Batch.state,
            Batch.made_at,
            Batch.pay_on,
            Batch.sent_at,
            Batch.follows_batch_id,
            ReturnedPayment.batch_id.label("returned_in"),
            _last_word(municipality_id).label("answer"),
        )
        .join(Batch, (Batch.municipality_id == Statement.municipality_id) & (Batch.id == Statement.batch_id))
        .outerjoin(
            ReturnedPayment,
            (ReturnedPayment.municipality_id == Statement.municipality_id)
            & (ReturnedPayment.statement_id == Statement.id),
        )
        .join(
            Provider,
            (Provider.municipality_id == Statement.municipality_id) & (Provider.id == Statement.provider_id),
        )
        .where(Statement.municipality_id == municipality_id, Statement.id == statement_id)
    )
    return session.execute(rows).one_or_none()


def returned_to(session: Session, municipality_id: int, batch_id: int, provider_id: int) -> Rows:
    """The refused payments that a batch pays a provider anew: statement, its day and its sum, oldest
    first."""
    rows = (
        select(ReturnedPayment.statement_id, Batch.pay_on, ReturnedPayment.paid_ore)
        .join(
            Statement,
            (Statement.municipality_id == ReturnedPayment.municipality_id)
            & (Statement.id == ReturnedPayment.statement_id),
        )
        .join(Batch, (Batch.municipality_id == Statement.municipality_id) & (Batch.id == Statement.batch_id))
        .where(
            ReturnedPayment.municipality_id == municipality_id,
            ReturnedPayment.batch_id == batch_id,
            ReturnedPayment.provider_id == provider_id,
        )
        .order_by(Statement.id)
    )
    return session.execute(rows).all()


def gate_outcomes(session: Session, municipality_id: int, batch_id: int) -> Rows:
    """What each gate said of a batch when it was made, in order, with the provider's name where it is
    about one."""
    rows = (
        select(
            GateOutcome.gate,
            GateOutcome.outcome,
            GateOutcome.provider_id,
            Provider.name,
            GateOutcome.voucher_id,
            GateOutcome.now_ore,
            GateOutcome.usual_ore,
            GateOutcome.compared,
            GateOutcome.percent,
            GateOutcome.floor_ore,
        )
        .outerjoin(
            Provider,
            (Provider.municipality_id == GateOutcome.municipality_id)
            & (Provider.id == GateOutcome.provider_id),
        )
        .where(GateOutcome.municipality_id == municipality_id, GateOutcome.batch_id == batch_id)
        .order_by(GateOutcome.number)
    )
    return session.execute(rows).all()


def follow_ups(session: Session, municipality_id: int, batch_id: int) -> Rows:
    """The batches that follow this one, oldest first."""
    rows = (
        select(Batch.id, Batch.state, Batch.made_at, Batch.pay_on, Batch.paid_ore, Batch.follow_reason)
        .where(Batch.municipality_id == municipality_id, Batch.follows_batch_id == batch_id)
        .order_by(Batch.id)
    )
    return session.execute(rows).all()
