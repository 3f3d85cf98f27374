"""What a run does with some vouchers in one transaction, and how it begins and ends; see runs.py."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

import numpy as np
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from core import audit
from core.audit import Detail
from core.bulk import insert_columns
from core.columns import Chosen, among, columns, columns_of, distinct
from core.database import new_id
from payouts.models import LedgerLine, PaymentRun, RunTotal
from payouts.models.course import RunChunk, VoucherLook
from payouts.models.gate import StoppedDue
from payouts.queries.booked import filled, sums_of
from payouts.queries.facts import facts_of
from payouts.rules.columns import FAR, Facts, Whole
from payouts.rules.fees import COMPONENTS
from payouts.rules.settlement import GATES, REASONS, Lines, looks, settle, stopped
from vouchers.models import ChangedVoucher
from vouchers.queries.facts import Kind, vouchers

LEDGER, STOPPED, LOOK = (
    table.metadata.tables[table.__tablename__] for table in (LedgerLine, StoppedDue, VoucherLook)
)


@dataclass(frozen=True)
class Course:
    """How far a run has come. `run_id` is None until there is something to book, or to tell of."""

    municipality_id: int
    as_of: date
    made_at: datetime
    made_by: int
    run_id: int | None = None
    chunks: int = 0
    kinds: tuple[Kind, ...] | None = None
    """What the vouchers were paid by when it began."""
    was_left: bool = False
    """Whether somebody else began it, and did not come to its end."""
    exactly: bool = False
    """Whether a chunk leaves those alone that are marked meanwhile: a cap may bind them to others."""


class Share(NamedTuple):
    """Vouchers to go through in one transaction, in order; perhaps because a cap binds them together."""

    ids: Whole
    is_bound: bool = False


def left_running(session: Session, municipality_id: int) -> Course | None:
    """The run that did not come to its end, if there is one."""
    rows = select(PaymentRun).where(
        PaymentRun.municipality_id == municipality_id, PaymentRun.state == "running"
    )
    run = session.scalar(rows)
    if run is None:
        return None
    chunks = session.scalar(
        select(func.max(RunChunk.number)).where(
            RunChunk.municipality_id == municipality_id, RunChunk.run_id == run.id
        )
    )
    return Course(municipality_id, run.as_of, run.made_at, run.made_by, run.id, chunks or 0, was_left=True)


def book(session: Session, course: Course, share: Share) -> Course:
    """Go through those vouchers; and, unless `exactly`, all others between the first and the last that have a
    mark by now.

    The marks are taken away first and the facts read after that, in the same moment or a later one: whatever
    is committed meanwhile keeps its mark.
    """
    here = course.municipality_id
    marked = _marks_taken(session, here, share.ids, exactly=course.exactly)
    mine = vouchers(session, here, distinct(share.ids, marked))
    facts = facts_of(session, here, mine, course.as_of, course.kinds)
    lines = filled(session, here, settle(facts, sums_of(session, here, mine, facts)))
    stops, gates = _stopped(facts)
    _look_again(session, here, mine, facts)
    if course.run_id is None and (len(lines) or len(stops)):
        course = replace(course, run_id=_begin(session, course))
    if course.run_id is None:
        return course
    course = replace(course, chunks=course.chunks + 1)
    lines = lines.where(
        np.lexsort((lines.sequence, lines.part, lines.component, lines.scope))
    )  # as their index has them
    _write(session, course, lines)
    _tell(session, course, mine.ids, stops, gates)
    session.add(
        RunChunk(
            municipality_id=here,
            run_id=course.run_id,
            number=course.chunks,
            last_voucher_id=0 if share.is_bound else mine.ends[1],
            vouchers=len(mine.ids),
            lines=len(lines),
            earned_ore=int(lines.amount[lines.amount > 0].sum()),
            clawed_ore=int(lines.amount[lines.amount < 0].sum()),
            digest=digest(lines),
        )
    )
    session.flush()
    return course


def digest(lines: Lines) -> str:
    """A fingerprint of lines, in their order."""
    seal = hashlib.sha256()
    for field in Lines.__dataclass_fields__:
        seal.update(np.ascontiguousarray(getattr(lines, field)).tobytes())
    return seal.hexdigest()


def _marks_taken(session: Session, municipality_id: int, ids: Whole, *, exactly: bool) -> Whole:
    """Take away the marks of those vouchers or of all between the first and the last, exactly those that are
    seen; gives whose each was."""
    between = ChangedVoucher.voucher_id.between(int(ids[0]), int(ids[-1]))
    own = [ChangedVoucher.voucher_id.in_(among(session, ids))] if exactly else []
    gone = (
        delete(ChangedVoucher)
        .where(ChangedVoucher.municipality_id == municipality_id, between, *own)
        .returning(ChangedVoucher.voucher_id)
    )
    if session.get_bind().dialect.name == "postgresql":
        found = gone.cte("gone")
        return columns(session, select(found.c.voucher_id))[0]
    return np.array(session.execute(gone).scalars().all(), dtype=np.int64)


def _begin(session: Session, course: Course) -> int:
    run = PaymentRun(
        municipality_id=course.municipality_id,
        id=new_id(),
        as_of=course.as_of,
        made_at=course.made_at,
        made_by=course.made_by,
        lines=0,
        earned_ore=0,
        clawed_ore=0,
        digest="",
        state="running",
    )
    session.add(run)
    session.flush()
    return run.id


def _write(session: Session, course: Course, lines: Lines) -> None:
    """What takes back comes before what is booked anew in its place."""
    words = lines.component * len(REASONS) + lines.reason
    for word in np.unique(words)[::-1].tolist():
        some = lines.where(words == word)
        insert_columns(
            session,
            LEDGER,
            len(some),
            municipality_id=course.municipality_id,
            scope_id=some.scope,
            component=COMPONENTS[word // len(REASONS)],
            part=some.part,
            sequence=some.sequence,
            voucher_id=some.voucher_id,
            leg_id=some.leg_id,
            provider_id=some.provider_id,
            rulebook_id=some.rulebook_id,
            run_id=course.run_id,
            period_on=some.period,
            unit_price_ore=some.unit_price,
            quantity=some.quantity,
            of_quantity=some.of,
            amount_ore=some.amount,
            reason=REASONS[word % len(REASONS)],
            evidence_id=some.evidence,
        )


def _stopped(facts: Facts) -> tuple[Lines, Whole]:
    """What gates stop, asked only of the vouchers that anything can be stopped for."""
    holds = facts.holds
    legs = facts.legs
    months = facts.months
    waits = np.isin(legs.leg_id, holds.legs) | np.isin(legs.provider_id, holds.providers)
    waits[facts.pending.leg] = True
    waits[months.leg[np.isin(months.report_id, facts.contested)]] = True
    held = [scope for scope, _, _ in holds.keys]
    waits |= np.isin(legs.leg_id, held) | np.isin(legs.voucher_id, held)
    return stopped(facts.of_vouchers(distinct(legs.voucher_id[waits])))


def _tell(session: Session, course: Course, ids: Whole, stops: Lines, gates: Whole) -> None:
    """Store what was stopped. A run that was taken up may have told of the same voucher before it died."""
    if course.was_left and len(stops):
        rows = select(StoppedDue.voucher_id).where(
            StoppedDue.municipality_id == course.municipality_id,
            StoppedDue.run_id == course.run_id,
            StoppedDue.voucher_id.in_(among(session, ids)),
        )
        is_new = ~np.isin(stops.voucher_id, columns(session, rows)[0])
        stops, gates = stops.where(is_new), gates[is_new]
    words = stops.component * len(GATES) + gates
    for word in np.unique(words).tolist():
        some = stops.where(words == word)
        insert_columns(
            session,
            STOPPED,
            len(some),
            municipality_id=course.municipality_id,
            run_id=course.run_id,
            scope_id=some.scope,
            component=COMPONENTS[word // len(GATES)],
            part=some.part,
            gate=GATES[word % len(GATES)],
            voucher_id=some.voucher_id,
            leg_id=some.leg_id,
            provider_id=some.provider_id,
            period_on=some.period,
            amount_ore=some.amount,
            evidence_id=some.evidence,
        )


def _look_again(session: Session, municipality_id: int, mine: Chosen, facts: Facts) -> None:
    """Keep for each voucher the first day on which to look again; rows that are right already are let be."""
    ids, ahead = mine.ids, looks(facts)
    day = np.full(len(ids), FAR)
    np.minimum.at(day, np.searchsorted(ids, facts.legs.voucher_id[ahead.leg]), ahead.day)
    here = VoucherLook.municipality_id == municipality_id
    rows = select(VoucherLook.voucher_id, VoucherLook.look_on).where(here)
    kept, kept_on = columns_of(session, rows, VoucherLook.voucher_id, mine)
    known = np.full(len(ids), FAR)
    known[np.searchsorted(ids, kept)] = kept_on
    old, new = ids[(known != FAR) & (known != day)], (day != FAR) & (known != day)
    if len(old):
        session.execute(delete(VoucherLook).where(here, VoucherLook.voucher_id.in_(among(session, old))))
    insert_columns(
        session,
        LOOK,
        int(new.sum()),
        municipality_id=municipality_id,
        voucher_id=ids[new],
        look_on=day[new],
    )


def total(session: Session, course: Course) -> PaymentRun:
    """Make the totals of a run that has been through all; only now can its lines be paid. To be recorded."""
    line = LedgerLine.municipality_id == course.municipality_id, LedgerLine.run_id == course.run_id
    plus, minus = (
        func.coalesce(func.sum(LedgerLine.amount_ore).filter(side), 0)
        for side in (LedgerLine.amount_ore > 0, LedgerLine.amount_ore < 0)
    )
    totals = session.execute(
        select(LedgerLine.provider_id, func.count(), plus, minus)
        .where(*line)
        .group_by(LedgerLine.provider_id)
    ).all()
    rows = [
        {
            "municipality_id": course.municipality_id,
            "run_id": course.run_id,
            "provider_id": provider_id,
            "lines": lines,
            "earned_ore": int(earned),
            "clawed_ore": int(clawed),
        }
        for provider_id, lines, earned, clawed in totals
    ]
    if rows:
        session.execute(insert(RunTotal), rows)
    parts = session.scalars(
        select(RunChunk)
        .where(RunChunk.municipality_id == course.municipality_id, RunChunk.run_id == course.run_id)
        .order_by(RunChunk.number)
    ).all()
    run = session.get_one(PaymentRun, (course.municipality_id, course.run_id))
    for place, name in enumerate(("lines", "earned_ore", "clawed_ore")):
        of_ledger = sum(int(row[place + 1]) for row in totals)
        if of_ledger != sum(getattr(part, name) for part in parts):
            raise AssertionError(f"the ledger and the run's chunks differ in {name}")
        setattr(run, name, of_ledger)
    run.digest = audit.digest(part.digest for part in parts)
    run.state = "done"
    session.flush()
    return run


def said(run: PaymentRun) -> dict[str, Detail]:
    """What the audit trail is told of a run."""
    return {
        "as_of": run.as_of,
        "lines": run.lines,
        "earned_ore": run.earned_ore,
        "clawed_ore": run.clawed_ore,
        "digest": run.digest,
    }
