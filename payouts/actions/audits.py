"""Everything recomputed from scratch, and compared with the ledger to the öre. Writes nothing.

A key whose sums differ waits for something known (a run has not looked at its voucher yet, or a gate keeps it
as it is), or is a fault. Works through the vouchers a chunk at a time, so the memory it takes does not grow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.columns import among, columns
from core.database import Database
from payouts.models import LedgerLine, PaymentRun, RunTotal
from payouts.models.course import VoucherLook
from payouts.queries.booked import sums_of
from payouts.queries.bound import together
from payouts.queries.facts import facts_of
from payouts.rules.columns import Whole, whole
from payouts.rules.fees import COMPONENTS
from payouts.rules.settlement import Lines, as_lines, earn, settle
from vouchers.models import ChangedVoucher
from vouchers.queries.facts import Kind, kinds, voucher_ids, vouchers

CHUNK = 50_000
MOST_TOLD = 1_000

UNSEEN, KEPT, FAULT = "not_looked_at_yet", "kept_by_a_gate", "fault"


@dataclass(frozen=True)
class Difference:
    """A key whose sum in the ledger is not what is earned, in öre, and why."""

    voucher_id: int
    component: str
    part: int
    booked_ore: int
    earned_ore: int
    why: str


@dataclass
class Audit:
    """What was found. Sums in öre; `differences` are the first of them, `counts` all of them by why.

    `untotalled` are runs whose totals are not the sums of their lines.
    """

    as_of: date
    vouchers: int = 0
    lines: int = 0
    booked_ore: int = 0
    earned_ore: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys((UNSEEN, KEPT, FAULT), 0))
    differences: list[Difference] = field(default_factory=list)
    untotalled: list[int] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        """Whether nothing differs but what waits for something known."""
        return not self.counts[FAULT] and not self.untotalled


def last_day(session: Session, municipality_id: int) -> date | None:
    """The day that the ledger stands at: of the last run that came to its end."""
    rows = select(func.max(PaymentRun.as_of)).where(
        PaymentRun.municipality_id == municipality_id, PaymentRun.state == "done"
    )
    return session.scalar(rows)


def reckon(
    database: Database,
    municipality_id: int,
    as_of: date,
    *,
    progress: Callable[[int, int], None] | None = None,
    chunk: int = CHUNK,
) -> Audit:
    """Compare what every voucher has earned by the end of that day with the ledger."""
    found = Audit(as_of)
    with database.reading(steady=True) as session:
        ids = np.sort(voucher_ids(session, municipality_id))
        bound = together(session, municipality_id, ids)
        ledger = LedgerLine.municipality_id == municipality_id
        rest = np.setdiff1d(ids, np.concatenate([whole([]), *bound]), assume_unique=True)
        spans = [*bound, *(rest[at : at + chunk] for at in range(0, len(rest), chunk))]
        known = kinds(session, municipality_id)
        found.untotalled = _untotalled(session, municipality_id)
    for span in spans:
        with database.reading(steady=True) as session:
            _reckon(session, municipality_id, span, found, known)
        if progress:
            progress(found.vouchers, len(ids))
    with database.reading(steady=True) as session:
        found.lines = session.scalar(select(func.count()).select_from(LedgerLine).where(ledger)) or 0
        total = session.scalar(select(func.coalesce(func.sum(LedgerLine.amount_ore), 0)).where(ledger))
        if int(total or 0) != found.booked_ore:
            held = columns(session, select(LedgerLine.voucher_id).where(ledger).distinct())[0]
            _reckon(session, municipality_id, np.setdiff1d(held, ids), found)
    return found


def _reckon(
    session: Session, municipality_id: int, ids: Whole, found: Audit, known: list[Kind] | None = None
) -> None:
    mine = vouchers(session, municipality_id, ids)
    facts = facts_of(session, municipality_id, mine, found.as_of, known)
    wanted = as_lines(facts, earn(facts))
    booked = sums_of(session, municipality_id, mine, facts)
    standing = booked.where(booked.sequence % 2 == 0)
    found.vouchers += len(ids)
    found.booked_ore += int(standing.amount.sum())
    found.earned_ore += int(wanted.amount.sum())
    both = wanted.followed_by(standing)
    sign = np.concatenate([np.ones(len(wanted), dtype=np.int64), -np.ones(len(standing), dtype=np.int64)])
    order = np.lexsort((both.part, both.component, both.scope))
    both, sign = both.where(order), sign[order]
    key = _numbered(both)
    keys = int(key[-1]) + 1 if len(key) else 0
    difference, leg = np.zeros(keys, dtype=np.int64), np.zeros(keys, dtype=np.int64)
    np.add.at(difference, key, both.amount * sign)
    np.add.at(leg, key, both.leg_id * sign)  # the same amount from another provider differs too
    legs = np.bincount(key, minlength=keys) == 2
    rows = np.flatnonzero(((difference != 0) | (legs & (leg != 0)))[key])
    if not len(rows):
        return
    moved = settle(facts, booked)
    unseen = _unseen(session, municipality_id, np.unique(both.voucher_id[rows]), found.as_of)
    would_move = set(zip(moved.scope.tolist(), moved.component.tolist(), moved.part.tolist(), strict=True))
    for place in np.unique(key[rows]).tolist():
        own = rows[key[rows] == place]
        one = int(own[0])
        name = (int(both.scope[one]), int(both.component[one]), int(both.part[one]))
        voucher = int(both.voucher_id[one])
        why = UNSEEN if voucher in unseen else FAULT if name in would_move else KEPT
        found.counts[why] += 1
        if len(found.differences) < MOST_TOLD:
            found.differences.append(
                Difference(
                    voucher,
                    COMPONENTS[name[1]],
                    name[2],
                    int(both.amount[own][sign[own] < 0].sum()),
                    int(both.amount[own][sign[own] > 0].sum()),
                    why,
                )
            )


def _numbered(lines: Lines) -> Whole:
    """The keys of ordered lines numbered from 0."""
    anew = np.zeros(len(lines), dtype=bool)
    for name in ("scope", "component", "part"):
        column = getattr(lines, name)
        anew[1:] |= column[1:] != column[:-1]
    return np.cumsum(anew)


def _unseen(session: Session, municipality_id: int, ids: Whole, as_of: date) -> set[int]:
    """Those of the vouchers that the next run as of that day looks at."""
    marked = select(ChangedVoucher.voucher_id).where(
        ChangedVoucher.municipality_id == municipality_id, ChangedVoucher.voucher_id.in_(among(session, ids))
    )
    due = select(VoucherLook.voucher_id).where(
        VoucherLook.municipality_id == municipality_id,
        VoucherLook.look_on <= as_of,
        VoucherLook.voucher_id.in_(among(session, ids)),
    )
    return {number for rows in (marked, due) for number in columns(session, rows)[0].tolist()}


def _untotalled(session: Session, municipality_id: int) -> list[int]:
    """Runs that have come to their end, and whose totals are not what their lines sum to."""
    lines = (
        select(LedgerLine.run_id, func.count().label("lines"), func.sum(LedgerLine.amount_ore).label("ore"))
        .where(LedgerLine.municipality_id == municipality_id)
        .group_by(LedgerLine.run_id)
        .subquery()
    )
    totals = (
        select(
            RunTotal.run_id,
            func.sum(RunTotal.lines).label("lines"),
            func.sum(RunTotal.earned_ore + RunTotal.clawed_ore).label("ore"),
        )
        .where(RunTotal.municipality_id == municipality_id)
        .group_by(RunTotal.run_id)
        .subquery()
    )
    rows = (
        select(PaymentRun.id)
        .outerjoin(lines, lines.c.run_id == PaymentRun.id)
        .outerjoin(totals, totals.c.run_id == PaymentRun.id)
        .where(PaymentRun.municipality_id == municipality_id, PaymentRun.state == "done")
        .where(
            (func.coalesce(lines.c.lines, 0) != func.coalesce(totals.c.lines, 0))
            | (func.coalesce(lines.c.ore, 0) != func.coalesce(totals.c.ore, 0))
        )
        .order_by(PaymentRun.id)
    )
    return list(session.scalars(rows))
