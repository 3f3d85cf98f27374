"""What waits to be paid, and what batches and statements hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.actor import Account
from core.database import Rows
from payouts.models import BankAnswer, Batch, BatchEntry, RunTotal, Signature, Statement
from providers.models import Provider


@dataclass(frozen=True)
class Waiting:
    """A provider's booked sums that no batch has taken up, and what earlier batches carried on."""

    provider_id: int
    runs: tuple[int, ...]
    lines: int
    earned_ore: int
    clawed_ore: int
    carried_ore: int


def waiting(session: Session, municipality_id: int) -> list[Waiting]:
    """Providers with something to settle, by id."""
    free = (
        select(RunTotal)
        .outerjoin(
            BatchEntry,
            (BatchEntry.municipality_id == RunTotal.municipality_id)
            & (BatchEntry.run_id == RunTotal.run_id)
            & (BatchEntry.provider_id == RunTotal.provider_id),
        )
        .where(RunTotal.municipality_id == municipality_id, BatchEntry.batch_id.is_(None))
        .order_by(RunTotal.provider_id, RunTotal.run_id)
    )
    totals: dict[int, list[RunTotal]] = {}
    for total in session.scalars(free):
        totals.setdefault(total.provider_id, []).append(total)
    carried = carried_positions(session, municipality_id)
    found = []
    for provider_id in sorted(totals.keys() | {key for key, ore in carried.items() if ore > 0}):
        rows = totals.get(provider_id, [])
        found.append(
            Waiting(
                provider_id=provider_id,
                runs=tuple(row.run_id for row in rows),
                lines=sum(row.lines for row in rows),
                earned_ore=sum(row.earned_ore for row in rows),
                clawed_ore=sum(row.clawed_ore for row in rows),
                carried_ore=carried.get(provider_id, 0),
            )
        )
    return found


def carried_positions(session: Session, municipality_id: int) -> dict[int, int]:
    """What earlier batches left with each provider: carried out − carried in + what the bank sent back."""
    standing = (
        select(
            Statement.provider_id,
            func.sum(Statement.carried_out_ore - Statement.carried_in_ore),
        )
        .join(Batch, (Batch.municipality_id == Statement.municipality_id) & (Batch.id == Statement.batch_id))
        .where(Statement.municipality_id == municipality_id, Batch.state != "void")
        .group_by(Statement.provider_id)
    )
    positions = {row[0]: int(row[1]) for row in session.execute(standing)}
    rejected = (
        select(Statement.provider_id, func.sum(Statement.paid_ore))
        .join(
            BankAnswer,
            (BankAnswer.municipality_id == Statement.municipality_id)
            & (BankAnswer.statement_id == Statement.id),
        )
        .where(Statement.municipality_id == municipality_id, BankAnswer.status == "rejected")
        .group_by(Statement.provider_id)
    )
    for provider_id, ore in session.execute(rejected):
        positions[provider_id] = positions.get(provider_id, 0) + int(ore)
    return positions


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
            Batch.state,
            Batch.pay_on,
            Batch.sent_at,
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
            Statement.account_kind,
            Statement.account_number,
            Batch.state,
            Batch.made_at,
            Batch.pay_on,
            Batch.sent_at,
            _last_word(municipality_id).label("answer"),
        )
        .join(Batch, (Batch.municipality_id == Statement.municipality_id) & (Batch.id == Statement.batch_id))
        .join(
            Provider,
            (Provider.municipality_id == Statement.municipality_id) & (Provider.id == Statement.provider_id),
        )
        .where(Statement.municipality_id == municipality_id, Statement.id == statement_id)
    )
    return session.execute(rows).one_or_none()
