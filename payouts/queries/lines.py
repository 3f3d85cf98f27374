"""Ledger lines as lists show them: of a statement, of a person, and those that wait for a batch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from core.actor import Actor, Role
from core.database import Rows
from core.identity import Protection
from payouts.models import Batch, BatchEntry, LedgerLine, ReleasedLine, Statement, WithheldLine
from payouts.queries.facts import tariff_of
from payouts.queries.joins import same_key, same_share
from payouts.rules.fees import Tariff
from payouts.rules.kinds import kind_of
from vouchers.models import Leg, Participant, Voucher
from vouchers.rules.secrecy import provider_may_know


@dataclass(frozen=True)
class Key:
    """The natural key of a ledger line, within its municipality."""

    scope_id: int
    component: str
    part: int
    sequence: int

    def step(self, by: int) -> Key:
        """The line before or after this one, under the same scope, component and part."""
        return Key(self.scope_id, self.component, self.part, self.sequence + by)


@dataclass(frozen=True)
class Line:
    """A ledger line. `person` is a name for the provider's own eyes, else None; empty for a protected person
    whom the reader there may not know.

    `price_status` is published, historical or example; `batch_state` is None while no batch pays the line.
    `withheld_in` is the batch that left it out because it was held, `released_in` the later one that pays
    it. `kind` is that of its fee, empty when the tariff has it no more; a fee may have a title of its own.
    """

    key: Key
    voucher_id: int
    leg_id: int
    person: str | None
    period_on: date
    quantity: int
    of_quantity: int
    unit_price_ore: int
    amount_ore: int
    reason: str
    price_status: str
    batch_state: str | None
    kind: str = ""
    title_sv: str = ""
    title_en: str = ""
    withheld_in: int | None = None
    released_in: int | None = None

    def title(self, locale: str) -> str:
        """The fee's own name, empty when it goes by its category's."""
        return self.title_en if locale == "en" else self.title_sv


def lines_of_statement(
    session: Session,
    municipality_id: int,
    statement_id: int,
    *,
    viewer: Actor | None,
    page: int,
    per_page: int,
) -> tuple[list[Line], int]:
    """One page (from 1) of a statement's lines, and how many there are in all. Names are for `viewer`, one
    of the provider's own staff; without one there are none."""
    of_it = (
        selected(municipality_id)
        .join(
            Statement,
            (Statement.municipality_id == LedgerLine.municipality_id)
            & (Statement.provider_id == LedgerLine.provider_id)
            & or_(Statement.batch_id == BatchEntry.batch_id, Statement.batch_id == ReleasedLine.batch_id),
        )
        .where(Statement.id == statement_id)
    )
    return _page(session, municipality_id, of_it, viewer=viewer, page=page, per_page=per_page)


def lines_waiting(
    session: Session,
    municipality_id: int,
    provider_id: int,
    *,
    viewer: Actor | None,
    page: int,
    per_page: int,
) -> tuple[list[Line], int]:
    """One page of what is booked for a provider and nobody has paid yet, and how many there are."""
    waiting = selected(municipality_id).where(
        LedgerLine.provider_id == provider_id,
        or_(
            BatchEntry.batch_id.is_(None),
            and_(WithheldLine.batch_id.is_not(None), ReleasedLine.batch_id.is_(None)),
        ),
    )
    return _page(session, municipality_id, waiting, viewer=viewer, page=page, per_page=per_page)


def lines_of_leg(session: Session, municipality_id: int, voucher_id: int, leg_id: int) -> list[Line]:
    """All that has been booked for one person at one provider, oldest first."""
    rows = (
        selected(municipality_id)
        .where(LedgerLine.voucher_id == voucher_id, LedgerLine.leg_id == leg_id)
        .order_by(LedgerLine.run_id, LedgerLine.period_on, LedgerLine.component, LedgerLine.sequence)
    )
    return as_lines(session, municipality_id, session.execute(rows).all(), viewer=None)


def selected(municipality_id: int) -> Select[*tuple[Any, ...]]:
    """Lines with what they need to be understood, for callers to narrow; joined with their batch, if any."""
    found: Select[*tuple[Any, ...]] = (
        select(
            LedgerLine.scope_id,
            LedgerLine.component,
            LedgerLine.part,
            LedgerLine.sequence,
            LedgerLine.voucher_id,
            LedgerLine.leg_id,
            LedgerLine.provider_id,
            LedgerLine.rulebook_id,
            LedgerLine.run_id,
            LedgerLine.evidence_id,
            LedgerLine.period_on,
            LedgerLine.quantity,
            LedgerLine.of_quantity,
            LedgerLine.unit_price_ore,
            LedgerLine.amount_ore,
            LedgerLine.reason,
            Voucher.service,
            Voucher.level,
            Batch.state.label("batch_state"),
            Participant.given_name,
            Participant.family_name,
            Participant.protection,
            Leg.coach_id,
            WithheldLine.batch_id.label("withheld_in"),
            ReleasedLine.batch_id.label("released_in"),
        )
        .join(Leg, (Leg.municipality_id == LedgerLine.municipality_id) & (Leg.id == LedgerLine.leg_id))
        .join(
            Voucher,
            (Voucher.municipality_id == LedgerLine.municipality_id) & (Voucher.id == LedgerLine.voucher_id),
        )
        .join(
            Participant,
            (Participant.municipality_id == Voucher.municipality_id)
            & (Participant.id == Voucher.participant_id),
        )
        .outerjoin(BatchEntry, same_share(BatchEntry, LedgerLine))
        .outerjoin(WithheldLine, same_key(WithheldLine, LedgerLine))
        .outerjoin(ReleasedLine, same_key(ReleasedLine, LedgerLine))
        .outerjoin(
            Batch,
            (Batch.municipality_id == BatchEntry.municipality_id)
            & (
                Batch.id
                == case(
                    (ReleasedLine.batch_id.is_not(None), ReleasedLine.batch_id),
                    (WithheldLine.batch_id.is_(None), BatchEntry.batch_id),
                )
            ),
        )
        .where(LedgerLine.municipality_id == municipality_id)
    )
    return found


def as_lines(session: Session, municipality_id: int, rows: Rows, *, viewer: Actor | None) -> list[Line]:
    """Rows of `selected` as lines; each rulebook is read once."""
    books = {row.rulebook_id for row in rows}
    tariffs = {rulebook_id: tariff_of(session, municipality_id, rulebook_id) for rulebook_id in books}
    return [_line(row, tariffs[row.rulebook_id], viewer) for row in rows]


def _line(row: Any, tariff: Tariff, viewer: Actor | None) -> Line:
    fee = tariff.fee_of(row.component, row.part)
    price = fee.prices.get((row.service, row.level)) if fee else None
    return Line(
        key=Key(row.scope_id, row.component, row.part, row.sequence),
        voucher_id=row.voucher_id,
        leg_id=row.leg_id,
        person=_name(row, viewer) if viewer else None,
        period_on=row.period_on,
        quantity=row.quantity,
        of_quantity=row.of_quantity,
        unit_price_ore=row.unit_price_ore,
        amount_ore=row.amount_ore,
        reason=row.reason,
        price_status=price.status if price else "example",
        batch_state=row.batch_state,
        kind=kind_of(fee) if fee else "",
        title_sv=fee.title_sv if fee else "",
        title_en=fee.title_en if fee else "",
        withheld_in=row.withheld_in,
        released_in=row.released_in,
    )


def _name(row: Any, viewer: Actor) -> str:
    known = provider_may_know(
        viewer.account_id,
        is_manager=viewer.has(Role.MANAGER),
        coach_id=row.coach_id,
        protection=row.protection,
    )
    return f"{row.given_name} {row.family_name}" if known else ""


def _is_hidden(viewer: Actor) -> ColumnElement[bool]:
    """The same rule for the database, which sorts."""
    if viewer.has(Role.MANAGER):
        return Participant.id.is_(None)
    return and_(
        Participant.protection != Protection.NONE.value,
        or_(Leg.coach_id.is_(None), Leg.coach_id != viewer.account_id),
    )


def _page(
    session: Session,
    municipality_id: int,
    rows: Select[*tuple[Any, ...]],
    *,
    viewer: Actor | None,
    page: int,
    per_page: int,
) -> tuple[list[Line], int]:
    count = session.scalar(select(func.count()).select_from(rows.subquery())) or 0
    # An order by name would tell somebody who knows a few of the names who the others are.
    names: tuple[ColumnElement[Any], ...] = ()
    if viewer:
        hidden = _is_hidden(viewer)
        names = (
            case((hidden, 1), else_=0),
            case((hidden, ""), else_=Participant.family_name),
            case((hidden, ""), else_=Participant.given_name),
        )
    shown = rows.order_by(
        *names, LedgerLine.voucher_id, LedgerLine.component, LedgerLine.part, LedgerLine.sequence
    )
    found = session.execute(shown.limit(per_page).offset((page - 1) * per_page))
    return as_lines(session, municipality_id, found.all(), viewer=viewer), count
