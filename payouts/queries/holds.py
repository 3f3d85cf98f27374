"""What is held now, for the run, for the batch and for the pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session, aliased

from core.actor import Account
from core.database import Rows
from payouts.models import BatchEntry, Hold, LedgerLine, ReleasedLine, RunTotal, WithheldLine
from payouts.queries.joins import same_key, same_share
from providers.models import Provider

Key = tuple[int, str, int]


@dataclass(frozen=True)
class Held:
    """What neither is booked nor taken back: ids of legs and providers, and keys (scope, component, part)."""

    legs: frozenset[int]
    providers: frozenset[int]
    keys: frozenset[Key]


@dataclass(frozen=True)
class LineHeld:
    """A ledger line with the hold that covers it; the earliest, when several do."""

    scope_id: int
    component: str
    part: int
    sequence: int
    provider_id: int
    voucher_id: int
    leg_id: int
    run_id: int
    amount_ore: int
    hold_id: int

    @property
    def key(self) -> tuple[int, str, int, int]:
        """The natural key of the line."""
        return self.scope_id, self.component, self.part, self.sequence


def active(session: Session, municipality_id: int) -> Held:
    """All that is held now."""
    rows = session.execute(
        select(Hold.kind, Hold.provider_id, Hold.leg_id, Hold.scope_id, Hold.component, Hold.part).where(
            Hold.municipality_id == municipality_id, Hold.released_at.is_(None)
        )
    ).all()
    return Held(
        legs=frozenset(row.leg_id for row in rows if row.kind == "leg"),
        providers=frozenset(row.provider_id for row in rows if row.kind == "provider"),
        keys=frozenset((row.scope_id, row.component, row.part) for row in rows if row.kind == "line"),
    )


def covers(table: type[LedgerLine] | type[WithheldLine]) -> ColumnElement[bool]:
    """That an active hold of a leg or a line covers a row of `table`, which is joined on it."""
    return and_(
        Hold.municipality_id == table.municipality_id,
        # By scope, which the key begins with: a leg's own lines, and those of its voucher.
        table.scope_id.in_([Hold.leg_id, Hold.voucher_id]),
        Hold.released_at.is_(None),
        or_(
            and_(Hold.kind == "leg", Hold.leg_id == table.leg_id),
            and_(
                Hold.kind == "line",
                Hold.scope_id == table.scope_id,
                Hold.component == table.component,
                Hold.part == table.part,
            ),
        ),
    )


def free_lines(session: Session, municipality_id: int) -> list[LineHeld]:
    """Lines that are booked, stand in no batch and are held themselves or by their leg."""
    rows = (
        _lines()
        .outerjoin(BatchEntry, same_share(BatchEntry, LedgerLine))
        .where(LedgerLine.municipality_id == municipality_id, BatchEntry.batch_id.is_(None))
    )
    return _once(session.execute(rows))


def lines_in(session: Session, municipality_id: int, batch_id: int) -> list[LineHeld]:
    """Lines that a batch would pay although they are held now: held since it was made."""
    rows = (
        _lines()
        .join(BatchEntry, same_share(BatchEntry, LedgerLine))
        .outerjoin(WithheldLine, same_key(WithheldLine, LedgerLine))
        .where(
            LedgerLine.municipality_id == municipality_id,
            BatchEntry.batch_id == batch_id,
            WithheldLine.batch_id.is_(None),
        )
    )
    again = (
        select(
            WithheldLine.scope_id,
            WithheldLine.component,
            WithheldLine.part,
            WithheldLine.sequence,
            WithheldLine.provider_id,
            WithheldLine.voucher_id,
            WithheldLine.leg_id,
            WithheldLine.batch_id.label("run_id"),
            WithheldLine.amount_ore,
            Hold.id.label("hold_id"),
        )
        .join(Hold, covers(WithheldLine))
        .join(ReleasedLine, same_key(ReleasedLine, WithheldLine))
        .where(WithheldLine.municipality_id == municipality_id, ReleasedLine.batch_id == batch_id)
    )
    return _once([*session.execute(rows), *session.execute(again)])


def to_release(session: Session, municipality_id: int) -> Rows:
    """Withheld lines that no hold covers any more and no batch has paid: key, batch, provider and amount."""
    still = select(Hold.id).where(covers(WithheldLine)).exists()
    rows = (
        select(
            WithheldLine.scope_id,
            WithheldLine.component,
            WithheldLine.part,
            WithheldLine.sequence,
            WithheldLine.batch_id,
            WithheldLine.provider_id,
            WithheldLine.voucher_id,
            WithheldLine.amount_ore,
        )
        .outerjoin(ReleasedLine, same_key(ReleasedLine, WithheldLine))
        .where(WithheldLine.municipality_id == municipality_id, ReleasedLine.batch_id.is_(None), ~still)
        .order_by(WithheldLine.scope_id, WithheldLine.component, WithheldLine.part, WithheldLine.sequence)
    )
    return session.execute(rows).all()


def _lines() -> Select[*tuple[Any, ...]]:
    """Lines of runs that are done, under each active hold that covers them."""
    return (
        select(
            LedgerLine.scope_id,
            LedgerLine.component,
            LedgerLine.part,
            LedgerLine.sequence,
            LedgerLine.provider_id,
            LedgerLine.voucher_id,
            LedgerLine.leg_id,
            LedgerLine.run_id,
            LedgerLine.amount_ore,
            Hold.id.label("hold_id"),
        )
        .join(Hold, covers(LedgerLine))
        .join(RunTotal, same_share(RunTotal, LedgerLine))
    )


def _once(rows: Iterable[Any]) -> list[LineHeld]:
    found: dict[tuple[int, str, int, int], LineHeld] = {}
    for row in sorted((LineHeld(*row) for row in rows), key=lambda line: (line.key, line.hold_id)):
        found.setdefault(row.key, row)
    return list(found.values())


def every(session: Session, municipality_id: int) -> Rows:
    """All holds, those that stand first, then the newest; with the provider's name and who did what."""
    holder, releaser = aliased(Account), aliased(Account)
    rows = (
        select(
            Hold.id,
            Hold.kind,
            Hold.provider_id,
            Provider.name.label("provider"),
            Hold.voucher_id,
            Hold.leg_id,
            Hold.scope_id,
            Hold.component,
            Hold.part,
            Hold.reason,
            Hold.words,
            Hold.held_by,
            holder.name.label("holder"),
            Hold.held_at,
            Hold.released_by,
            releaser.name.label("releaser"),
            Hold.released_at,
            Hold.release_words,
        )
        .join(
            Provider, and_(Provider.municipality_id == Hold.municipality_id, Provider.id == Hold.provider_id)
        )
        .outerjoin(holder, and_(holder.municipality_id == Hold.municipality_id, holder.id == Hold.held_by))
        .outerjoin(
            releaser, and_(releaser.municipality_id == Hold.municipality_id, releaser.id == Hold.released_by)
        )
        .where(Hold.municipality_id == municipality_id)
        .order_by(Hold.released_at.is_not(None), Hold.id.desc())
    )
    return session.execute(rows).all()


def every_standing(session: Session, municipality_id: int, provider_id: int | None = None) -> Rows:
    """What is held now, oldest first; of one provider or of all: kind, reason, day and what it is about."""
    rows = select(Hold.id, Hold.kind, Hold.provider_id, Hold.voucher_id, Hold.reason, Hold.held_at).where(
        Hold.municipality_id == municipality_id, Hold.released_at.is_(None)
    )
    if provider_id is not None:
        rows = rows.where(Hold.provider_id == provider_id)
    return session.execute(rows.order_by(Hold.id)).all()


def on_line(session: Session, municipality_id: int, line: Any) -> dict[str, int]:
    """The active holds that a line stands under: of itself, of its case, of its provider; ids by kind."""
    key = line.key
    rows = select(Hold.kind, Hold.id).where(
        Hold.municipality_id == municipality_id,
        Hold.released_at.is_(None),
        or_(
            and_(
                Hold.kind == "line",
                Hold.scope_id == key.scope_id,
                Hold.component == key.component,
                Hold.part == key.part,
            ),
            and_(Hold.kind == "leg", Hold.leg_id == line.leg_id),
            and_(
                Hold.kind == "provider",
                Hold.provider_id.in_(
                    select(LedgerLine.provider_id).where(
                        LedgerLine.municipality_id == municipality_id,
                        LedgerLine.scope_id == key.scope_id,
                        LedgerLine.component == key.component,
                        LedgerLine.part == key.part,
                        LedgerLine.sequence == key.sequence,
                    )
                ),
            ),
        ),
    )
    return {row.kind: row.id for row in session.execute(rows)}


def of_statement(session: Session, municipality_id: int, batch_id: int, provider_id: int) -> Rows:
    """Lines that a batch withheld from a provider: key, voucher, amount, the hold's kind and reason, and
    the batch that has paid them since, if any."""
    rows = (
        select(
            WithheldLine.scope_id,
            WithheldLine.component,
            WithheldLine.part,
            WithheldLine.sequence,
            WithheldLine.voucher_id,
            WithheldLine.amount_ore,
            Hold.kind,
            Hold.reason,
            ReleasedLine.batch_id.label("released_in"),
        )
        .join(
            Hold, and_(Hold.municipality_id == WithheldLine.municipality_id, Hold.id == WithheldLine.hold_id)
        )
        .outerjoin(ReleasedLine, same_key(ReleasedLine, WithheldLine))
        .where(
            WithheldLine.municipality_id == municipality_id,
            WithheldLine.batch_id == batch_id,
            WithheldLine.provider_id == provider_id,
        )
        .order_by(WithheldLine.voucher_id, WithheldLine.component, WithheldLine.part, WithheldLine.sequence)
    )
    return session.execute(rows).all()


def waits_by_hold(session: Session, municipality_id: int) -> dict[int, tuple[int, int]]:
    """(lines, öre) that wait because of each active hold: of no batch yet, or withheld by one."""
    found: dict[int, list[int]] = {}
    standing = select(Hold.provider_id, Hold.id).where(
        Hold.municipality_id == municipality_id, Hold.kind == "provider", Hold.released_at.is_(None)
    )
    providers = {row.provider_id: row.id for row in session.execute(standing)}
    totals = (
        select(RunTotal.provider_id, RunTotal.lines, RunTotal.earned_ore, RunTotal.clawed_ore)
        .outerjoin(BatchEntry, same_share(BatchEntry, RunTotal))
        .where(
            RunTotal.municipality_id == municipality_id,
            RunTotal.provider_id.in_(providers),
            BatchEntry.batch_id.is_(None),
        )
    )
    rows = [
        (providers[row.provider_id], row.lines, row.earned_ore + row.clawed_ore)
        for row in session.execute(totals)
    ]
    withheld = (
        select(Hold.id, WithheldLine.amount_ore)
        .join(WithheldLine, covers(WithheldLine))
        .outerjoin(ReleasedLine, same_key(ReleasedLine, WithheldLine))
        .where(Hold.municipality_id == municipality_id, ReleasedLine.batch_id.is_(None))
    )
    rows += [(row.id, 1, row.amount_ore) for row in session.execute(withheld)]
    rows += [(line.hold_id, 1, line.amount_ore) for line in free_lines(session, municipality_id)]
    for hold_id, lines, ore in rows:
        count = found.setdefault(hold_id, [0, 0])
        count[0] += lines
        count[1] += ore
    return {hold_id: (lines, ore) for hold_id, (lines, ore) in found.items()}
