"""A batch is made by one, signed by two others, and sent as it was signed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch, new_id
from core.dates import add_working_days, day_of
from core.refusal import Refusal
from payouts.models import Batch, BatchEntry, LedgerLine, Signature, Statement
from payouts.queries.batches import Waiting, waiting
from payouts.rails import files, pain001
from payouts.rails.order import Payee, PayeeKind, PaymentOrder, Transfer
from payouts.rules.batches import OPEN_STATES, batch, net
from providers import queries as registry
from providers.models import BankDetails, Provider

PAYEE_KINDS: dict[str, PayeeKind] = {"bankgiro": "bankgiro", "plusgiro": "plusgiro"}


@dataclass(frozen=True)
class Debtor:
    """The municipality as the bank knows it."""

    name: str
    organisation_number: str
    iban: str
    bic: str


@dataclass(frozen=True)
class Declared:
    """What the maker saw and vouches for: refused when it is no longer so."""

    payments: int
    paid_ore: int


@dataclass(frozen=True)
class Proposal:
    """One provider's row in the batch that would be made now."""

    provider_id: int
    earned_ore: int
    clawed_ore: int
    carried_in_ore: int
    paid_ore: int
    carried_out_ore: int
    lines: int
    details: BankDetails | None


def pending(session: Session, municipality_id: int, *, cooling_off_days: int, today: date) -> list[Proposal]:
    """What a batch made now would pay, provider by provider."""
    rows = waiting(session, municipality_id)
    providers = [row.provider_id for row in rows]
    payees = registry.payees(
        session, municipality_id, providers, cooling_off_days=cooling_off_days, today=today
    )
    return [_proposal(row, payees.get(row.provider_id)) for row in rows]


def _proposal(row: Waiting, details: BankDetails | None) -> Proposal:
    result = net(row.earned_ore, row.clawed_ore, row.carried_ore, payable=details is not None)
    return Proposal(
        provider_id=row.provider_id,
        earned_ore=row.earned_ore,
        clawed_ore=row.clawed_ore,
        carried_in_ore=row.carried_ore,
        paid_ore=result.paid_ore,
        carried_out_ore=result.carried_out_ore,
        lines=row.lines,
        details=details,
    )


def make_batch(
    session: Session, declared: Declared, *, cooling_off_days: int, by: Actor, at: datetime
) -> Batch:
    """Freeze all that waits into one batch. One open batch at a time; count and sum as the maker saw them."""
    by.require(Role.MAKER)
    open_one = select(Batch.id).where(
        Batch.municipality_id == by.municipality_id, Batch.state.in_(OPEN_STATES)
    )
    if session.scalar(open_one):
        raise Refusal("batch_open", "Det finns redan en utbetalning som inte är skickad. Avsluta den först.")
    today = day_of(at)
    proposals = pending(session, by.municipality_id, cooling_off_days=cooling_off_days, today=today)
    if not proposals:
        raise Refusal("nothing_to_pay", "Det finns inget att betala ut. Kör beräkningen först.")
    payments = sum(row.paid_ore > 0 for row in proposals)
    paid_ore = sum(row.paid_ore for row in proposals)
    if (payments, paid_ore) != (declared.payments, declared.paid_ore):
        raise Refusal(
            "batch_changed",
            "Underlaget har ändrats sedan du öppnade sidan. Läs in den igen och granska på nytt.",
        )
    made = Batch(
        municipality_id=by.municipality_id,
        id=new_id(),
        state=batch.after("draft", "freeze"),
        made_by=by.account_id,
        made_at=at,
        pay_on=add_working_days(today, 2),
        payments=payments,
        lines=sum(row.lines for row in proposals),
        paid_ore=paid_ore,
        content_hash="",
    )
    session.add(made)
    session.flush()
    _state(session, made, proposals)
    made.content_hash = content_hash(session, made)
    audit.record(
        session,
        "batch.frozen",
        made,
        by=by,
        payments=payments,
        paid_ore=paid_ore,
        lines=made.lines,
        digest=made.content_hash,
    )
    return made


def _state(session: Session, made: Batch, proposals: Sequence[Proposal]) -> None:
    for row in waiting(session, made.municipality_id):
        for run_id in row.runs:
            session.add(
                BatchEntry(
                    municipality_id=made.municipality_id,
                    run_id=run_id,
                    provider_id=row.provider_id,
                    batch_id=made.id,
                )
            )
    for proposal in proposals:
        details = proposal.details
        session.add(
            Statement(
                municipality_id=made.municipality_id,
                batch_id=made.id,
                provider_id=proposal.provider_id,
                earned_ore=proposal.earned_ore,
                clawed_ore=proposal.clawed_ore,
                carried_in_ore=proposal.carried_in_ore,
                paid_ore=proposal.paid_ore,
                carried_out_ore=proposal.carried_out_ore,
                account_kind=details.kind if details else None,
                account_number=details.number if details else None,
            )
        )
    session.flush()


def content_hash(session: Session, made: Batch) -> str:
    """A fingerprint of everything paid for: statements with their accounts, and every line, in key order."""
    seal = hashlib.sha256()
    seal.update(json.dumps([made.municipality_id, made.id, made.pay_on.isoformat()]).encode())
    statements = (
        select(
            Statement.provider_id,
            Statement.earned_ore,
            Statement.clawed_ore,
            Statement.carried_in_ore,
            Statement.paid_ore,
            Statement.carried_out_ore,
            Statement.account_kind,
            Statement.account_number,
        )
        .where(Statement.municipality_id == made.municipality_id, Statement.batch_id == made.id)
        .order_by(Statement.provider_id)
    )
    for row in session.execute(statements):
        seal.update(json.dumps(list(row)).encode())
    lines = (
        select(
            LedgerLine.scope_id,
            LedgerLine.component,
            LedgerLine.part,
            LedgerLine.sequence,
            LedgerLine.provider_id,
            LedgerLine.amount_ore,
        )
        .join(
            BatchEntry,
            (BatchEntry.municipality_id == LedgerLine.municipality_id)
            & (BatchEntry.run_id == LedgerLine.run_id)
            & (BatchEntry.provider_id == LedgerLine.provider_id),
        )
        .where(BatchEntry.municipality_id == made.municipality_id, BatchEntry.batch_id == made.id)
        .order_by(LedgerLine.scope_id, LedgerLine.component, LedgerLine.part, LedgerLine.sequence)
    )
    for line in session.execute(lines):
        seal.update(json.dumps(list(line)).encode())
    return seal.hexdigest()


def sign(session: Session, batch_id: int, seen_hash: str, *, by: Actor, at: datetime) -> Batch:
    """Sign a batch as seen: the first reviews, the second approves. Never the maker, nobody twice."""
    by.require(Role.SIGNER)
    made = fetch(session, Batch, by.municipality_id, batch_id)
    event = "review" if made.state == "frozen" else "approve"
    after = batch.after(made.state, event)
    if made.made_by == by.account_id:
        raise Refusal("signer_is_maker", "Du har gjort utbetalningen. Två andra personer måste skriva under.")
    earlier = select(Signature.account_id).where(
        Signature.municipality_id == by.municipality_id, Signature.batch_id == made.id
    )
    if by.account_id in session.scalars(earlier).all():
        raise Refusal("signer_has_signed", "Du har redan skrivit under. En annan person måste göra det nu.")
    _unchanged(session, made, seen_hash)
    session.add(
        Signature(
            municipality_id=by.municipality_id,
            batch_id=made.id,
            step=1 if event == "review" else 2,
            account_id=by.account_id,
            made_by=made.made_by,
            content_hash=made.content_hash,
            signed_at=at,
        )
    )
    session.flush()
    made.state = after
    audit.record(
        session, "batch.reviewed" if event == "review" else "batch.approved", made, by=by, digest=seen_hash
    )
    return made


def _unchanged(session: Session, made: Batch, seen_hash: str) -> None:
    if seen_hash != made.content_hash or content_hash(session, made) != made.content_hash:
        raise Refusal(
            "batch_not_as_signed",
            "Innehållet stämmer inte med det som visades. Skriv inte under: ring ekonomichefen.",
        )


def void(session: Session, batch_id: int, reason: str, *, by: Actor) -> Batch:
    """Stop a batch before anybody has signed it. Its lines wait for the next one."""
    by.require(Role.MAKER, Role.SIGNER)
    if not reason.strip():
        raise Refusal("reasons_missing", "Skriv varför utbetalningen stoppas.", status=422)
    made = fetch(session, Batch, by.municipality_id, batch_id)
    made.state, made.void_reason = batch.after(made.state, "void"), reason
    session.flush()
    entries = select(BatchEntry).where(
        BatchEntry.municipality_id == by.municipality_id, BatchEntry.batch_id == made.id
    )
    for entry in session.scalars(entries):
        session.delete(entry)
    audit.record(session, "batch.voided", made, by=by)
    return made


def send(session: Session, batch_id: int, debtor: Debtor, *, by: Actor, at: datetime) -> Batch:
    """Write the bank's file from a batch signed by two, and keep it. Handing over is a door's work."""
    by.require(Role.MAKER)
    made = fetch(session, Batch, by.municipality_id, batch_id)
    after = batch.after(made.state, "send")
    _unchanged(session, made, made.content_hash)
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
