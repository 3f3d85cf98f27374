"""What waits to be paid: booked and in no batch, carried on, released, or sent back by the bank."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from core.database import Rows
from payouts.models import (
    BankAnswer,
    Batch,
    BatchEntry,
    GateOutcome,
    PaymentRun,
    ReturnedPayment,
    RunTotal,
    Statement,
)
from payouts.queries import holds
from payouts.queries.holds import LineHeld
from payouts.queries.joins import same_share


@dataclass
class Waiting:
    """What waits for one provider. `carried_ore` is what earlier batches left, less what the bank sent back.

    `lines` are those of `runs` and `released`; `withheld` are among the runs' but would not be paid.
    `held` says that the provider itself is, so that all of it waits.
    """

    provider_id: int
    runs: tuple[int, ...] = ()
    lines: int = 0
    earned_ore: int = 0
    clawed_ore: int = 0
    carried_ore: int = 0
    withheld: list[LineHeld] = field(default_factory=list)
    released: list[Any] = field(default_factory=list)
    returned: list[tuple[int, int]] = field(default_factory=list)
    held: bool = False

    @property
    def withheld_ore(self) -> int:
        """Booked, but held; may be below zero."""
        return sum(line.amount_ore for line in self.withheld)

    @property
    def released_ore(self) -> int:
        """Withheld by an earlier batch and held no more; may be below zero."""
        return sum(line.amount_ore for line in self.released)

    @property
    def returned_ore(self) -> int:
        """What the bank has refused and no batch has paid anew."""
        return sum(ore for _statement_id, ore in self.returned)

    @property
    def booked_ore(self) -> int:
        """What is booked, or was held, and can be paid now."""
        return self.earned_ore + self.clawed_ore + self.released_ore - self.withheld_ore

    @property
    def net_ore(self) -> int:
        """All of it, as the next batch would count it."""
        return self.booked_ore + self.carried_ore + self.returned_ore

    @property
    def is_due(self) -> bool:
        """Whether there is something to settle: more than lines that are held, or a debt that waits."""
        return self.lines > len(self.withheld) or self.carried_ore > 0 or bool(self.released or self.returned)


def waiting(session: Session, municipality_id: int, *, follows: int | None = None) -> list[Waiting]:
    """Providers with something to settle, by id; the held ones too. With `follows` only what that batch
    left: payments that the bank refused, lines it withheld, providers it left out, and what it carried on."""
    found: dict[int, Waiting] = {}
    for run in _runs(session, municipality_id, follows):
        row = _of(found, run.provider_id)
        row.runs += (run.run_id,)
        row.lines += run.lines
        row.earned_ore += run.earned_ore
        row.clawed_ore += run.clawed_ore
    _lines(session, municipality_id, found, follows)
    refused = _refused(session, municipality_id)
    positions = carried_positions(session, municipality_id)
    for statement_id, batch_id, provider_id, ore in refused:
        positions[provider_id] -= ore  # it is told by itself
        if follows in (None, batch_id):
            _of(found, provider_id).returned.append((statement_id, ore))
    for provider_id in _carried(session, municipality_id, positions, follows):
        _of(found, provider_id)
    held = holds.active(session, municipality_id).providers
    for row in found.values():
        row.carried_ore = positions.get(row.provider_id, 0)
        row.held = row.provider_id in held
    return [found[provider_id] for provider_id in sorted(found) if found[provider_id].is_due]


def _of(found: dict[int, Waiting], provider_id: int) -> Waiting:
    return found.setdefault(provider_id, Waiting(provider_id))


def _lines(session: Session, municipality_id: int, found: dict[int, Waiting], follows: int | None) -> None:
    """Lines of the runs that are held, and lines that were and are no more."""
    taken = {(row.provider_id, run_id) for row in found.values() for run_id in row.runs}
    for line in holds.free_lines(session, municipality_id):
        if (line.provider_id, line.run_id) in taken:
            _of(found, line.provider_id).withheld.append(line)
    for line in holds.to_release(session, municipality_id):
        if follows in (None, line.batch_id):
            row = _of(found, line.provider_id)
            row.released.append(line)
            row.lines += 1


def _runs(session: Session, municipality_id: int, follows: int | None) -> Rows:
    rows = (
        select(
            RunTotal.provider_id, RunTotal.run_id, RunTotal.lines, RunTotal.earned_ore, RunTotal.clawed_ore
        )
        .outerjoin(BatchEntry, same_share(BatchEntry, RunTotal))
        .where(RunTotal.municipality_id == municipality_id, BatchEntry.batch_id.is_(None))
        .order_by(RunTotal.provider_id, RunTotal.run_id)
    )
    if follows is not None:
        left_out = select(GateOutcome.provider_id).where(
            GateOutcome.municipality_id == municipality_id,
            GateOutcome.batch_id == follows,
            GateOutcome.outcome == "left_out",
        )
        made_at = (
            select(Batch.made_at)
            .where(Batch.municipality_id == municipality_id, Batch.id == follows)
            .scalar_subquery()
        )
        rows = rows.join(
            PaymentRun,
            and_(PaymentRun.municipality_id == RunTotal.municipality_id, PaymentRun.id == RunTotal.run_id),
        ).where(RunTotal.provider_id.in_(left_out), PaymentRun.made_at <= made_at)
    return session.execute(rows).all()


def _refused(session: Session, municipality_id: int) -> list[tuple[int, int, int, int]]:
    """(statement, batch, provider, öre) of each payment that the bank refused and nobody has paid anew."""
    rows = (
        select(Statement.id, Statement.batch_id, Statement.provider_id, Statement.paid_ore)
        .join(
            BankAnswer,
            and_(
                BankAnswer.municipality_id == Statement.municipality_id,
                BankAnswer.statement_id == Statement.id,
            ),
        )
        .outerjoin(
            ReturnedPayment,
            and_(
                ReturnedPayment.municipality_id == Statement.municipality_id,
                ReturnedPayment.statement_id == Statement.id,
            ),
        )
        .where(
            Statement.municipality_id == municipality_id,
            BankAnswer.status == "rejected",
            ReturnedPayment.batch_id.is_(None),
        )
        .order_by(Statement.id)
    )
    return [(row.id, row.batch_id, row.provider_id, row.paid_ore) for row in session.execute(rows)]


def _carried(
    session: Session, municipality_id: int, positions: dict[int, int], follows: int | None
) -> Collection[int]:
    """Providers that earlier batches owe, or that the followed one does."""
    owed = {provider_id for provider_id, ore in positions.items() if ore > 0}
    if follows is None:
        return owed
    rows = select(Statement.provider_id).where(
        Statement.municipality_id == municipality_id,
        Statement.batch_id == follows,
        Statement.carried_out_ore > 0,
    )
    return owed & set(session.scalars(rows))


def carried_positions(session: Session, municipality_id: int) -> dict[int, int]:
    """What earlier batches left with each provider: carried out − carried in, and what the bank sent back
    that is not paid anew."""
    standing = (
        select(
            Statement.provider_id,
            func.sum(Statement.carried_out_ore - Statement.carried_in_ore - Statement.returned_ore),
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
