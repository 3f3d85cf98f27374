"""The bank's answer is read back, matched payment by payment; what fits nothing is kept for a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.refusal import Forbidden, Refusal
from payouts.models import BankAnswer, Batch, Statement
from payouts.rails import pain002
from payouts.rails.answer import TransferAnswer
from payouts.rules.batches import batch


@dataclass(frozen=True)
class Read:
    """Payments by what the bank said of them; `unmatched` rows fit no payment, or not its amount."""

    batch_id: int
    accepted: int
    rejected: int
    pending: int
    unmatched: int
    is_new: bool


def read_answer(session: Session, document: bytes, *, by: Actor, at: datetime) -> Read:
    """Read a pain.002. The same answer twice changes nothing.

    Refuses a document that is no answer, or answers a file that this municipality has not sent.
    """
    if by.kind == "person" and not by.has(Role.MAKER):
        raise Forbidden()
    answer = pain002.read(document)
    sent = _batch(session, by.municipality_id, answer.message_id)
    payments = {
        str(row.id): row
        for row in session.scalars(
            select(Statement).where(
                Statement.municipality_id == by.municipality_id,
                Statement.batch_id == sent.id,
                Statement.paid_ore > 0,
            )
        )
    }
    if answer.reason_code == "DUPL":
        return Read(sent.id, 0, 0, len(payments), 0, is_new=False)
    _same_file(answer.count, answer.sum_ore, sent)
    known = _known(session, sent)
    counts = {"accepted": 0, "rejected": 0, "pending": 0}
    unmatched = fresh = 0
    for told in answer.transfers:
        fits = told.end_to_end_id in payments and told.amount_ore in (
            None,
            payments[told.end_to_end_id].paid_ore,
        )
        if not fits and (told.end_to_end_id, told.status) not in known:
            unmatched += 1
            fresh += 1
            _keep(session, sent, None, told, at)
    for reference, statement in payments.items():
        told = answer.about(reference)
        if told.amount_ore not in (None, statement.paid_ore):
            continue
        counts[told.status] += 1
        if told.status != "pending" and (reference, told.status) not in known:
            fresh += 1
            _keep(session, sent, statement.id, told, at)
    result = Read(sent.id, **counts, unmatched=unmatched, is_new=fresh > 0)
    if not result.is_new:
        return result
    session.flush()
    _close(session, sent, len(payments))
    audit.record(session, "batch.answered", sent, by=by, unmatched=unmatched, **counts)
    return result


def _same_file(count: int | None, sum_ore: int | None, sent: Batch) -> None:
    if count not in (None, sent.payments) or sum_ore not in (None, sent.paid_ore):
        raise Refusal(
            "answer_to_other_sums",
            "Svaret gäller ett annat antal eller en annan summa än vi skickade.",
            status=422,
        )


def _batch(session: Session, municipality_id: int, message_id: str) -> Batch:
    number = int(message_id) if message_id.isascii() and message_id.isdigit() and len(message_id) < 19 else 0
    found = session.get(Batch, (municipality_id, number))
    if found is None or found.sent_at is None:
        raise Refusal("answer_to_nothing", "Svaret gäller en fil som inte har skickats härifrån.", status=422)
    return found


def _known(session: Session, sent: Batch) -> set[tuple[str, str]]:
    rows = select(BankAnswer.end_to_end_id, BankAnswer.status).where(
        BankAnswer.municipality_id == sent.municipality_id, BankAnswer.batch_id == sent.id
    )
    return {(row.end_to_end_id, row.status) for row in session.execute(rows)}


def _keep(
    session: Session, sent: Batch, statement_id: int | None, told: TransferAnswer, at: datetime
) -> None:
    session.add(
        BankAnswer(
            municipality_id=sent.municipality_id,
            batch_id=sent.id,
            statement_id=statement_id,
            end_to_end_id=told.end_to_end_id[:35],
            status=told.status,
            reason_code=told.reason_code[:35] or None,
            read_at=at,
        )
    )


def _close(session: Session, sent: Batch, payments: int) -> None:
    """Move on when every payment has its answer; a rejection that comes later is a payment sent back."""
    rows = select(BankAnswer.statement_id, BankAnswer.status).where(
        BankAnswer.municipality_id == sent.municipality_id,
        BankAnswer.batch_id == sent.id,
        BankAnswer.statement_id.is_not(None),
    )
    answers = session.execute(rows).all()
    answered = {row.statement_id for row in answers}
    rejected = any(row.status == "rejected" for row in answers)
    if sent.state == "sent" and len(answered) == payments:
        sent.state = batch.after(sent.state, "reject" if rejected else "accept")
