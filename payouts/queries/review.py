"""What a signer must see of a batch: what has changed and why, what is unusual, whose turn it is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from core.actor import Actor, Role
from core.database import Rows
from core.dates import day_of
from payouts.models import Batch, BatchEntry, LedgerLine
from payouts.queries.accounts import AccountChange, changes_in, last_accounts
from payouts.queries.batches import statements
from payouts.queries.joins import same_share
from payouts.rules.batches import batch as life
from payouts.rules.fees import COMPONENTS

# Setting: a payment at least twice the last one, and this much more, is worth a second look.
JUMP_TIMES = 2
JUMP_ORE = 1_000_000

SUMS = (*COMPONENTS, "clawed", "carried_in", "released", "returned", "withheld", "carried_out")


@dataclass(frozen=True)
class Sum:
    """One part of the sum, now and in the batch before; all of them add up to what is paid.

    `now` and `before` count the ledger lines, and are 0 for what is carried.
    """

    name: str
    now_ore: int
    before_ore: int
    now: int
    before: int

    @property
    def change_ore(self) -> int:
        """How much more than last time."""
        return self.now_ore - self.before_ore


@dataclass(frozen=True)
class Difference:
    """What a provider is paid now and was paid in the batch before."""

    provider_id: int
    name: str
    now_ore: int
    before_ore: int

    @property
    def change_ore(self) -> int:
        """How much more than last time."""
        return self.now_ore - self.before_ore


@dataclass(frozen=True)
class Oddity:
    """Something unusual: a code, whom it is about, and the sum in öre.

    negative · no_account · new_account · first_payment · jump (see JUMP_TIMES and JUMP_ORE).
    """

    code: str
    provider_id: int
    name: str
    ore: int


@dataclass(frozen=True)
class Review:
    """The batch beside the one before it; `before_on` is None when this is the first."""

    before_id: int | None
    before_on: date | None
    before_ore: int
    sums: tuple[Sum, ...]
    differences: tuple[Difference, ...]
    oddities: tuple[Oddity, ...]
    new_accounts: tuple[AccountChange, ...]

    @property
    def largest(self) -> Sum | None:
        """The part that has changed the most, or None when nothing has."""
        changed = [part for part in self.sums if part.change_ore]
        return max(changed, key=lambda part: abs(part.change_ore), default=None)


def review(session: Session, municipality_id: int, made: Batch) -> Review:
    """Lay a batch beside the latest one before it that was not stopped."""
    before = session.execute(
        select(Batch.id, Batch.pay_on, Batch.paid_ore)
        .where(Batch.municipality_id == municipality_id, Batch.id < made.id, Batch.state != "void")
        .order_by(Batch.id.desc())
        .limit(1)
    ).one_or_none()
    now = statements(session, municipality_id, made.id)
    earlier = statements(session, municipality_id, before.id) if before else []
    sums_now = _sums(session, municipality_id, made.id, now)
    sums_before = _sums(session, municipality_id, before.id if before else 0, earlier)
    accounts = last_accounts(session, municipality_id, before_batch=made.id)
    return Review(
        before_id=before.id if before else None,
        before_on=before.pay_on if before else None,
        before_ore=before.paid_ore if before else 0,
        sums=tuple(
            Sum(name, ore, sums_before[name][0], count, sums_before[name][1])
            for name, (ore, count) in sums_now.items()
            if ore or sums_before[name][0]
        ),
        differences=tuple(_differences(now, earlier)),
        oddities=tuple(_oddities(now, earlier, accounts)),
        new_accounts=tuple(changes_in(session, municipality_id, made.id, now, day_of(made.made_at))),
    )


def _sums(session: Session, municipality_id: int, batch_id: int, rows: Rows) -> dict[str, tuple[int, int]]:
    """(öre, lines) of each part of a batch."""
    kind = case((LedgerLine.amount_ore < 0, "clawed"), else_=LedgerLine.component)
    lines = (
        select(kind.label("name"), LedgerLine.amount_ore)
        .join(BatchEntry, same_share(BatchEntry, LedgerLine))
        .where(BatchEntry.municipality_id == municipality_id, BatchEntry.batch_id == batch_id)
        .subquery()
    )
    booked = select(lines.c.name, func.sum(lines.c.amount_ore), func.count()).group_by(lines.c.name)
    sums = dict.fromkeys(SUMS, (0, 0))
    for name, ore, count in session.execute(booked):
        sums[name] = (int(ore), count)
    sums["carried_in"] = (sum(row.carried_in_ore for row in rows), 0)
    sums["released"] = (sum(row.released_ore for row in rows), 0)
    sums["returned"] = (sum(row.returned_ore for row in rows), 0)
    sums["withheld"] = (-sum(row.withheld_ore for row in rows), 0)
    sums["carried_out"] = (-sum(row.carried_out_ore for row in rows), 0)
    return sums


def _differences(now: Rows, earlier: Rows) -> list[Difference]:
    """Biggest change first; providers whose sum is the same are left out."""
    paid_before = {row.provider_id: row.paid_ore for row in earlier}
    found = [
        Difference(row.provider_id, row.name, row.paid_ore, paid_before.pop(row.provider_id, 0))
        for row in now
    ]
    found += [
        Difference(row.provider_id, row.name, 0, row.paid_ore)
        for row in earlier
        if row.provider_id in paid_before
    ]
    changed = [row for row in found if row.change_ore]
    return sorted(changed, key=lambda row: (-abs(row.change_ore), row.name))


def _oddities(now: Rows, earlier: Rows, accounts: dict[int, tuple[str, str]]) -> list[Oddity]:
    paid_before = {row.provider_id: row.paid_ore for row in earlier}
    found: list[Oddity] = []
    for row in now:
        about = (row.provider_id, row.name)
        if row.carried_out_ore < 0:
            found.append(Oddity("negative", *about, row.carried_out_ore))
        elif row.carried_out_ore > 0:
            found.append(Oddity("no_account", *about, row.carried_out_ore))
        if row.paid_ore and row.provider_id not in accounts:
            found.append(Oddity("first_payment", *about, row.paid_ore))
        elif row.paid_ore and accounts[row.provider_id] != (row.account_kind, row.account_number):
            found.append(Oddity("new_account", *about, row.paid_ore))
        before = paid_before.get(row.provider_id, 0)
        if before and row.paid_ore >= JUMP_TIMES * before and row.paid_ore - before >= JUMP_ORE:
            found.append(Oddity("jump", *about, row.paid_ore - before))
    return found


@dataclass(frozen=True)
class Turn:
    """What this person may do with the batch now.

    `hindrance` is is_maker or has_signed where a signer may not sign, or a parked batch's maker may not look.
    """

    step: str | None
    may_sign: bool
    may_void: bool
    may_send: bool
    hindrance: str | None
    may_look: bool = False


def turn(state: str, made_by: int, signed_by: Collection[int], by: Actor) -> Turn:
    """Whose turn it is (`step`: look_into, review, approve, send, or None) and what this person may do."""
    step = next(
        (event for event in ("look_into", "review", "approve", "send") if life.can(state, event)), None
    )
    signs = step in ("review", "approve")
    hindrance = None
    if by.account_id == made_by:
        hindrance = "is_maker"
    elif by.account_id in signed_by:
        hindrance = "has_signed"
    signer = signs and by.has(Role.SIGNER)
    looker = step == "look_into" and by.has(Role.MAKER, Role.SIGNER)
    return Turn(
        step=step,
        may_sign=signer and hindrance is None,
        may_void=life.can(state, "void") and by.has(Role.MAKER, Role.SIGNER),
        may_send=step == "send" and by.has(Role.MAKER),
        hindrance=hindrance if signer or (looker and hindrance == "is_maker") else None,
        may_look=looker and hindrance is None,
    )
