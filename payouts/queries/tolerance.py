"""What the gates look at before a batch is frozen: the last batches, and items for the same part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import CompoundSelect, Select, and_, func, select, union
from sqlalchemy.orm import Session, aliased

from payouts.models import Batch, BatchEntry, LedgerLine, RunTotal, Statement
from payouts.queries.joins import same_share
from payouts.queries.waiting import Waiting
from payouts.rules.batches import SENT_STATES
from payouts.rules.tolerance import Item, Judged, Tolerance, is_again, judge
from vouchers.models import Leg


@dataclass(frozen=True)
class Outcome:
    """What one gate says, of the whole batch (no provider), of a provider, or of a voucher.

    `now_ore` and `usual_ore` as in rules/tolerance.py; for `again` the öre of the voucher's items in the
    batch, for `held` what waits for the provider.
    """

    gate: str
    outcome: str
    now_ore: int
    usual_ore: int | None = None
    compared: int = 0
    provider_id: int | None = None
    voucher_id: int | None = None

    @property
    def is_parked(self) -> bool:
        """Whether a person must look."""
        return self.outcome == "parked"


def gates(
    session: Session,
    municipality_id: int,
    rows: Sequence[Waiting],
    paid_ore: dict[int, int],
    set_to: Tolerance,
    *,
    follows: bool,
) -> list[Outcome]:
    """Every gate's outcome of a batch that would be made now. `rows` is all that waits, `paid_ore` what
    each provider that is not held would be paid."""
    sums, by_provider = last_sums(session, municipality_id, set_to.last)
    whole = sum(paid_ore.values())
    found = [_outcome("batch", judge("batch", whole, sums, set_to, follows=follows), whole)]
    for provider_id, ore in paid_ore.items():
        judged = judge("provider", ore, by_provider.get(provider_id, ()), set_to, follows=follows)
        found.append(_outcome("provider", judged, ore, provider_id))
    found += _again(session, municipality_id, [row for row in rows if row.provider_id in paid_ore])
    found += [
        Outcome("held", "left_out", row.net_ore, provider_id=row.provider_id) for row in rows if row.held
    ]
    return found


def _outcome(gate: str, judged: Judged, ore: int, provider_id: int | None = None) -> Outcome:
    return Outcome(gate, judged.outcome, ore, judged.usual_ore, judged.compared, provider_id)


def last_sums(session: Session, municipality_id: int, last: int) -> tuple[list[int], dict[int, list[int]]]:
    """What the last batches that were sent came to, and each provider in them; the newest first, no
    follow-ups."""
    rows = (
        select(Batch.id, Batch.paid_ore)
        .where(
            Batch.municipality_id == municipality_id,
            Batch.state.in_(SENT_STATES),
            Batch.follows_batch_id.is_(None),
        )
        .order_by(Batch.id.desc())
        .limit(last)
    )
    sums = {row.id: row.paid_ore for row in session.execute(rows)}
    by_provider: dict[int, list[int]] = defaultdict(list)
    paid = (
        select(Statement.provider_id, Statement.paid_ore)
        .where(Statement.municipality_id == municipality_id, Statement.batch_id.in_(sums))
        .order_by(Statement.batch_id.desc())
    )
    for provider_id, ore in session.execute(paid):
        by_provider[provider_id].append(ore)
    return list(sums.values()), by_provider


@dataclass(frozen=True)
class _Booked:
    """An amount that is booked for a part of a voucher; `is_mine` when this batch would pay it."""

    part: tuple[int, str, int]
    ore: int
    item: Item
    is_mine: bool


def _again(session: Session, municipality_id: int, rows: Sequence[Waiting]) -> list[Outcome]:
    """Vouchers with items in the batch for a part that another item is booked for too."""
    parts: dict[tuple[int, str, int], list[_Booked]] = defaultdict(list)
    for booked in _booked(session, municipality_id, rows):
        parts[booked.part].append(booked)
    found: dict[int, int] = {}
    for (voucher_id, _component, _part), items in parts.items():
        fresh = sum(one.ore for one in items if one.is_mine and one.item.stands)
        if fresh and is_again([one.item for one in items]):
            found[voucher_id] = found.get(voucher_id, 0) + fresh
    return [
        Outcome("again", "parked", ore, voucher_id=voucher_id) for voucher_id, ore in sorted(found.items())
    ]


def _booked(session: Session, municipality_id: int, rows: Sequence[Waiting]) -> Iterator[_Booked]:
    """Amounts of vouchers that have several legs and something in the batch. What was booked and taken
    back before anybody was paid for it is left out."""
    line, after = aliased(LedgerLine), aliased(LedgerLine)
    taken = {(row.provider_id, run_id) for row in rows for run_id in row.runs}
    withheld = {one.key for row in rows for one in row.withheld}
    released = {
        (one.scope_id, one.component, one.part, one.sequence): one.voucher_id
        for row in rows
        for one in row.released
    }
    asked = (
        select(
            line.scope_id,
            line.component,
            line.part,
            line.sequence,
            line.voucher_id,
            line.leg_id,
            line.provider_id,
            line.run_id,
            line.quantity,
            line.of_quantity,
            line.amount_ore,
            after.sequence.is_not(None).label("undone"),
            BatchEntry.batch_id.is_(None).label("is_free"),
        )
        .join(RunTotal, same_share(RunTotal, line))
        .outerjoin(BatchEntry, same_share(BatchEntry, line))
        .outerjoin(
            after,
            and_(
                after.municipality_id == line.municipality_id,
                after.scope_id == line.scope_id,
                after.component == line.component,
                after.part == line.part,
                after.sequence == line.sequence + 1,
            ),
        )
        .where(
            line.municipality_id == municipality_id,
            line.amount_ore > 0,
            line.scope_id.in_(_scopes(municipality_id, set(released.values()))),
        )
    )
    for row in session.execute(asked):
        key = (row.scope_id, row.component, row.part, row.sequence)
        if row.is_free and row.undone:
            continue
        in_this = key in released or (row.is_free and (row.provider_id, row.run_id) in taken)
        yield _Booked(
            (row.voucher_id, row.component, row.part),
            row.amount_ore,
            Item(row.provider_id, row.leg_id, row.quantity, row.of_quantity, not row.undone),
            in_this and key not in withheld,
        )


def _scopes(municipality_id: int, released: Collection[int]) -> CompoundSelect[int]:
    """The scopes of vouchers to look at, their own and their legs', since a line is found by its scope."""
    vouchers = _with_something_free(municipality_id)
    legs = select(Leg.id).where(Leg.municipality_id == municipality_id)
    return union(
        vouchers,
        legs.where(Leg.voucher_id.in_(vouchers)),
        legs.where(Leg.voucher_id.in_(released)),
        select(Leg.voucher_id).where(Leg.municipality_id == municipality_id, Leg.voucher_id.in_(released)),
    )


def _with_something_free(municipality_id: int) -> Select[int]:
    """Vouchers with several legs and an amount that stands in no batch."""
    several = (
        select(Leg.voucher_id)
        .where(Leg.municipality_id == municipality_id)
        .group_by(Leg.voucher_id)
        .having(func.count() > 1)
    )
    return (
        select(LedgerLine.voucher_id)
        .distinct()
        .join(RunTotal, same_share(RunTotal, LedgerLine))
        .outerjoin(BatchEntry, same_share(BatchEntry, LedgerLine))
        .where(
            LedgerLine.municipality_id == municipality_id,
            LedgerLine.amount_ore > 0,
            BatchEntry.batch_id.is_(None),
            LedgerLine.voucher_id.in_(several),
        )
    )
