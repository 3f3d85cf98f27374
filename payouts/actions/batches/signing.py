"""A batch is looked into, signed, or stopped."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch
from core.refusal import Refusal
from payouts.actions.batches.sealing import check_not_held, check_unchanged
from payouts.models import Batch, BatchEntry, ReleasedLine, ReturnedPayment, Signature, WithheldLine
from payouts.rules.batches import batch
from payouts.rules.holds import check_words

# In this order: what points at a withheld line goes before it.
Freed = type[ReturnedPayment | ReleasedLine | WithheldLine | BatchEntry]
FREED: tuple[Freed, ...] = (ReturnedPayment, ReleasedLine, WithheldLine, BatchEntry)


def look_into(
    session: Session, batch_id: int, reasons: str, seen_hash: str, *, by: Actor, at: datetime
) -> Batch:
    """Let a parked batch go on to the signatures, with reasons, as somebody else than its maker. Whoever
    has looked may sign as well: two persons besides the maker have seen it then, as always."""
    by.require(Role.MAKER, Role.SIGNER)
    made = fetch(session, Batch, by.municipality_id, batch_id)
    after = batch.after(made.state, "look_into")
    if made.made_by == by.account_id:
        raise Refusal("looker_is_maker", "Du har gjort utbetalningen. En annan person måste titta på den.")
    told = check_words(reasons)
    check_unchanged(session, made, seen_hash)
    made.state, made.looked_by, made.looked_at, made.looked_reasons = after, by.account_id, at, told
    audit.record(session, "batch.looked_into", made, by=by, digest=seen_hash)
    return made


def sign(session: Session, batch_id: int, seen_hash: str, *, by: Actor, at: datetime) -> Batch:
    """Sign a batch as seen: the first reviews, the second approves. Never the maker, nobody twice."""
    by.require(Role.SIGNER)
    made = fetch(session, Batch, by.municipality_id, batch_id)
    if made.state == "parked":
        raise Refusal(
            "batch_parked", "Utbetalningen är parkerad. Någon måste titta på den innan den kan skrivas under."
        )
    event = "review" if made.state == "frozen" else "approve"
    after = batch.after(made.state, event)
    if made.made_by == by.account_id:
        raise Refusal("signer_is_maker", "Du har gjort utbetalningen. Två andra personer måste skriva under.")
    earlier = select(Signature.account_id).where(
        Signature.municipality_id == by.municipality_id, Signature.batch_id == made.id
    )
    if by.account_id in session.scalars(earlier).all():
        raise Refusal("signer_has_signed", "Du har redan skrivit under. En annan person måste göra det nu.")
    check_unchanged(session, made, seen_hash)
    check_not_held(session, made)
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


def void(session: Session, batch_id: int, reason: str, *, by: Actor) -> Batch:
    """Stop a batch before it is sent, signed or not. Its lines wait for the next one; its signatures stay."""
    by.require(Role.MAKER, Role.SIGNER)
    if not reason.strip():
        raise Refusal("reasons_missing", "Skriv varför utbetalningen stoppas.", status=422)
    told = check_words(reason)
    made = fetch(session, Batch, by.municipality_id, batch_id)
    before = made.state
    made.state, made.void_reason = batch.after(made.state, "void"), told
    session.flush()
    for table in FREED:
        rows = delete(table).where(table.municipality_id == by.municipality_id, table.batch_id == made.id)
        session.execute(rows.execution_options(synchronize_session=False))
    audit.record(session, "batch.voided", made, by=by, before=before)
    return made
