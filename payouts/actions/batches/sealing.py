"""The fingerprint over what is signed, and what must still be so when somebody signs or sends."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, class_mapper

from core.refusal import Refusal
from payouts.models import (
    Batch,
    BatchEntry,
    GateOutcome,
    LedgerLine,
    ReleasedLine,
    ReturnedPayment,
    Statement,
    WithheldLine,
)
from payouts.queries import holds

AT_ONCE = 10_000
STATEMENT: tuple[Any, ...] = (
    Statement.provider_id,
    Statement.earned_ore,
    Statement.clawed_ore,
    Statement.carried_in_ore,
    Statement.paid_ore,
    Statement.carried_out_ore,
    Statement.account_kind,
    Statement.account_number,
)
LINE_KEY = ("scope_id", "component", "part", "sequence")


def content_hash(session: Session, made: Batch) -> str:
    """A fingerprint of everything paid for, read in spans so that a million lines need no room: statements
    with their accounts, every line in key order, what was withheld, released or paid anew and for which
    batch, and what each gate said. A batch sealed by 1 (before 0008) holds statements and lines alone, as
    they were."""
    seal = hashlib.sha256()
    extra = made.seal > 1
    head: list[Any] = [made.municipality_id, made.id, made.pay_on.isoformat()]
    seal.update(
        json.dumps([*head, made.seal, made.follows_batch_id, made.follow_reason] if extra else head).encode()
    )
    columns = STATEMENT
    if extra:
        columns += (Statement.withheld_ore, Statement.released_ore, Statement.returned_ore)
    statements = select(*columns).where(
        Statement.municipality_id == made.municipality_id, Statement.batch_id == made.id
    )
    for row in session.execute(statements.order_by(Statement.provider_id)):
        seal.update(json.dumps(list(row)).encode())
    for span in _spans(session, _lines(made)):
        if extra:
            seal.update("".join(f"{a} {b} {c} {d} {e} {f}\n" for a, b, c, d, e, f in span).encode())
        else:
            seal.update("".join(json.dumps(list(line)) for line in span).encode())
    if extra:
        for query in _besides(made):
            seal.update(query.column_descriptions[0]["name"].encode())
            for span in _spans(session, query):
                seal.update("".join(json.dumps(list(row)) + "\n" for row in span).encode())
    return seal.hexdigest()


def _lines(made: Batch) -> Select[*tuple[Any, ...]]:
    return (
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


def _besides(made: Batch) -> Iterable[Select[*tuple[Any, ...]]]:
    """What is not paid, and what is paid that was not booked now."""
    for table, names in (
        (WithheldLine, ("hold_id", *LINE_KEY, "provider_id", "amount_ore")),
        (ReleasedLine, (*LINE_KEY, "provider_id", "amount_ore")),
        (ReturnedPayment, ("statement_id", "provider_id", "paid_ore")),
        (GateOutcome, ("number", "gate", "outcome", "provider_id", "voucher_id", "now_ore", "usual_ore")),
    ):
        columns = [table.__table__.c[name] for name in names]
        order = [column for column in class_mapper(table).primary_key if column.name != "municipality_id"]
        yield (
            select(*columns)
            .where(
                table.__table__.c.municipality_id == made.municipality_id,
                table.__table__.c.batch_id == made.id,
            )
            .order_by(*order)
        )


def _spans(session: Session, query: Select[*tuple[Any, ...]]) -> Iterable[Iterable[Any]]:
    return session.execute(query, execution_options={"yield_per": AT_ONCE}).partitions()


def check_unchanged(session: Session, made: Batch, seen_hash: str) -> None:
    """Refuse when the batch is not what was shown, or what it was when it was made."""
    if seen_hash != made.content_hash or content_hash(session, made) != made.content_hash:
        raise Refusal(
            "batch_not_as_signed",
            "Innehållet stämmer inte med det som visades. Skriv inte under: ring ekonomichefen.",
        )


def check_not_held(session: Session, made: Batch) -> None:
    """Refuse when something in the batch has been held since it was made."""
    paid = select(Statement.provider_id).where(
        Statement.municipality_id == made.municipality_id,
        Statement.batch_id == made.id,
        Statement.paid_ore > 0,
    )
    held = holds.active(session, made.municipality_id).providers
    if not held.isdisjoint(session.scalars(paid)) or holds.lines_in(session, made.municipality_id, made.id):
        raise Refusal(
            "batch_holds_held",
            "Något i utbetalningen har hållits inne sedan den gjordes. Stoppa den och gör en ny.",
        )
