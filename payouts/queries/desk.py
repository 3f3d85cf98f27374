"""What lies on the finance desk beside the batches: the last run, strange answers, what rulebooks say."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.chapters import Book
from core.database import Rows
from core.rulebooks import Rulebook
from payouts.models import BankAnswer, Batch, PaymentRun
from payouts.queries.facts import tariff_of
from payouts.rules.batches import OPEN_STATES
from providers.rules import read_accreditation


def cooling_off_days(session: Session, municipality_id: int, today: date) -> int:
    """Days that new bank details wait before money goes there; the longest of the newest rulebooks."""
    rows = (
        select(Rulebook.scheme, Rulebook.text)
        .where(
            Rulebook.municipality_id == municipality_id,
            Rulebook.state == "decided",
            Rulebook.valid_from <= today,
        )
        .order_by(Rulebook.valid_from, Rulebook.id)
    )
    newest = {row.scheme: row.text for row in session.execute(rows)}
    return max((read_accreditation(Book(text).root).cooling_off_days for text in newest.values()), default=0)


def last_run(session: Session, municipality_id: int) -> PaymentRun | None:
    """The latest run that booked anything."""
    rows = select(PaymentRun).where(
        PaymentRun.municipality_id == municipality_id, PaymentRun.state == "done", PaymentRun.lines > 0
    )
    return session.scalar(rows.order_by(PaymentRun.id.desc()).limit(1))


def open_batch(session: Session, municipality_id: int) -> Batch | None:
    """The batch that is made and not sent; there is at most one."""
    rows = select(Batch).where(Batch.municipality_id == municipality_id, Batch.state.in_(OPEN_STATES))
    return session.scalar(rows)


def unmatched_answers(session: Session, municipality_id: int, batch_id: int | None = None) -> Rows:
    """What the bank has said of payments that nobody here knows, newest first; of one batch or of all."""
    rows = (
        select(
            BankAnswer.batch_id,
            BankAnswer.end_to_end_id,
            BankAnswer.status,
            BankAnswer.reason_code,
            BankAnswer.read_at,
        )
        .where(BankAnswer.municipality_id == municipality_id, BankAnswer.statement_id.is_(None))
        .order_by(BankAnswer.id.desc())
    )
    return session.execute(rows if batch_id is None else rows.where(BankAnswer.batch_id == batch_id)).all()


def shows_examples(session: Session, municipality_id: int) -> bool:
    """Whether any rulebook here has an amount that nobody has published (exempelbelopp)."""
    rows = select(Rulebook.id).where(Rulebook.municipality_id == municipality_id, Rulebook.state == "decided")
    decided = session.scalars(rows).all()
    tariffs = [tariff_of(session, municipality_id, rulebook_id) for rulebook_id in decided]
    return any(
        rate.price.status == "example"
        for tariff in tariffs
        for fee in tariff.fees
        for rates in fee.rates.values()
        for rate in rates
    )
