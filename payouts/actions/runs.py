"""The payment run: facts → earned − booked → new lines. May be repeated; a second run books nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.bulk import insert_rows
from core.database import new_id, take_turn, try_run_lock
from core.refusal import Forbidden, Refusal
from payouts.models import LedgerLine, PaymentRun, RunTotal
from payouts.queries.facts import booked, facts
from payouts.rules.fees import COMPONENTS
from payouts.rules.settlement import REASONS, Lines, settle
from vouchers.queries.facts import voucher_ids

CHUNK = 10_000
LEDGER = LedgerLine.metadata.tables[LedgerLine.__tablename__]


@dataclass(frozen=True)
class Result:
    """What a run did. `run_id` is None when there was nothing to book."""

    run_id: int | None
    vouchers: int
    lines: int
    earned_ore: int
    clawed_ore: int


def run(
    session: Session,
    *,
    by: Actor,
    as_of: date,
    at: datetime,
    progress: Callable[[int, int], None] | None = None,
) -> Result:
    """Book what is owed as of the end of that day, for the whole municipality, in one transaction.

    One run at a time: a second one is refused. `progress(done, all)` is called after each span of vouchers.
    """
    if by.kind == "person" and not by.has(Role.MAKER):
        raise Forbidden()
    if not try_run_lock(session, by.municipality_id):
        raise Refusal("run_in_progress", "En körning pågår redan. Vänta tills den är klar.")
    ids = voucher_ids(session, by.municipality_id)
    run_id = new_id()
    spans = [ids[at : at + CHUNK] for at in range(0, len(ids), CHUNK)]
    done, found, seal = 0, [], hashlib.sha256()
    for span in spans:
        facts_of_span = facts(session, by.municipality_id, span[0], span[-1], as_of)
        lines = settle(facts_of_span, booked(session, by.municipality_id, span[0], span[-1]))
        found.append(lines)
        done += len(span)
        if progress:
            progress(done, len(ids))
    total = sum(len(lines) for lines in found)
    if total == 0:
        return Result(None, len(ids), 0, 0, 0)
    lines = found[0].followed_by(*found[1:])
    take_turn(session, by.municipality_id)
    earned = int(lines.amount[lines.amount > 0].sum())
    clawed = int(lines.amount[lines.amount < 0].sum())
    for field in Lines.__dataclass_fields__:
        seal.update(np.ascontiguousarray(getattr(lines, field)).tobytes())
    payment_run = PaymentRun(
        municipality_id=by.municipality_id,
        id=run_id,
        as_of=as_of,
        made_at=at,
        made_by=by.account_id,
        lines=total,
        earned_ore=earned,
        clawed_ore=clawed,
        digest=seal.hexdigest(),
    )
    session.add(payment_run)
    session.flush()
    insert_rows(session, LEDGER, COLUMNS, _rows(lines, by.municipality_id, run_id))
    session.execute(insert(RunTotal), _totals(lines, by.municipality_id, run_id))
    audit.record(
        session,
        "run.booked",
        payment_run,
        by=by,
        as_of=as_of,
        lines=total,
        earned_ore=earned,
        clawed_ore=clawed,
        digest=payment_run.digest,
    )
    return Result(run_id, len(ids), total, earned, clawed)


COLUMNS = (
    "municipality_id", "run_id", "scope_id", "component", "part", "sequence", "voucher_id", "leg_id",
    "provider_id", "rulebook_id", "period_on", "unit_price_ore", "quantity", "of_quantity", "amount_ore",
    "reason", "evidence_id",
)  # fmt: skip


def _rows(lines: Lines, municipality_id: int, run_id: int) -> Iterator[tuple[object, ...]]:
    """The lines as rows in the order of their key, so that they land in order in the index."""
    order = np.lexsort((lines.sequence, lines.part, lines.component, lines.scope))
    for at in range(0, len(order), CHUNK):
        some = lines.where(order[at : at + CHUNK])
        columns = (getattr(some, name).tolist() for name in Lines.__dataclass_fields__)
        for scope, component, part, sequence, *ids_and_sums, reason, evidence in zip(*columns, strict=True):
            yield (
                municipality_id, run_id, scope, COMPONENTS[component], part, sequence, *ids_and_sums,
                REASONS[reason], evidence,
            )  # fmt: skip


def _totals(lines: Lines, municipality_id: int, run_id: int) -> list[dict[str, int]]:
    providers, place = np.unique(lines.provider_id, return_inverse=True)
    earned = np.zeros(len(providers), dtype=np.int64)
    clawed, count = earned.copy(), np.bincount(place, minlength=len(providers))
    np.add.at(earned, place, np.maximum(lines.amount, 0))
    np.add.at(clawed, place, np.minimum(lines.amount, 0))
    return [
        {
            "municipality_id": municipality_id,
            "run_id": run_id,
            "provider_id": provider,
            "lines": lines_of,
            "earned_ore": plus,
            "clawed_ore": minus,
        }
        for provider, lines_of, plus, minus in zip(
            providers.tolist(), count.tolist(), earned.tolist(), clawed.tolist(), strict=True
        )
    ]
