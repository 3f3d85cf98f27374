"""What a provider's people have been told of already: the sets that many rows at once are held against."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from core.actor import Actor, Role
from vouchers.models import Leg, Participant, Pause, Voucher
from vouchers.queries.terms import terms_of
from vouchers.rules.pauses import Span
from vouchers.rules.secrecy import provider_may_know
from vouchers.rules.terms import Terms


@dataclass(frozen=True, slots=True)
class Told:
    """A leg that its own provider may tell something of."""

    leg_id: int
    rulebook_id: int
    terms: Terms
    started_on: date | None
    ended_on: date | None
    paused: tuple[Span, ...] = ()


def legs(
    session: Session, provider_id: int, leg_ids: Collection[int] | None, *, by: Actor, paused: bool = False
) -> dict[int, Told]:
    """The provider's legs by id: all of them, or those of `leg_ids`. Three queries.

    Without those whose person the actor may not know: to that account they are not there. `paused` fetches
    the paused days too.
    """
    here = by.municipality_id
    mine: list[ColumnElement[bool]] = [Leg.municipality_id == here, Leg.provider_id == provider_id]
    if leg_ids is not None:
        mine.append(Leg.id.in_(leg_ids))
    rows = (
        select(
            Leg.id, Leg.started_on, Leg.ended_on, Leg.coach_id, Voucher.rulebook_id, Participant.protection
        )
        .join(Voucher, (Voucher.municipality_id == Leg.municipality_id) & (Voucher.id == Leg.voucher_id))
        .join(
            Participant,
            (Participant.municipality_id == Voucher.municipality_id)
            & (Participant.id == Voucher.participant_id),
        )
        .where(*mine)
    )
    spans = _spans(session, mine) if paused else {}
    terms: dict[int, Terms] = {}
    found: dict[int, Told] = {}
    is_manager = by.has(Role.MANAGER)
    for leg_id, started_on, ended_on, coach_id, book, protection in session.execute(rows):
        if not provider_may_know(
            by.account_id, is_manager=is_manager, coach_id=coach_id, protection=protection
        ):
            continue
        if book not in terms:
            terms[book] = terms_of(session, here, book)
        found[leg_id] = Told(
            leg_id, book, terms[book], started_on, ended_on, tuple(spans.get(leg_id, ())) if spans else ()
        )
    return found


def _spans(session: Session, mine: list[ColumnElement[bool]]) -> dict[int, list[Span]]:
    rows = (
        select(Pause.leg_id, Pause.from_on, Pause.resumed_on)
        .join(Leg, (Leg.municipality_id == Pause.municipality_id) & (Leg.id == Pause.leg_id))
        .where(*mine)
        .order_by(Pause.from_on, Pause.id)
    )
    found: dict[int, list[Span]] = {}
    for leg_id, from_on, resumed_on in session.execute(rows):
        found.setdefault(leg_id, []).append(Span(from_on, resumed_on))
    return found


def standing(
    session: Session,
    table: Any,
    key: tuple[str, ...],
    brings: str,
    is_living: ColumnElement[bool],
    *,
    municipality_id: int,
    provider_id: int,
    leg_ids: Collection[int] | None,
    since: date,
) -> dict[tuple[Any, ...], tuple[int, Any]]:
    """(id, the column `brings`) by leg and `key`, of rows that have not been taken back, from the day `since`
    on. One query. `key` begins with the day.
    """
    columns = [getattr(table, name) for name in key]
    rows = select(table.id, getattr(table, brings), table.leg_id, *columns).where(
        table.municipality_id == municipality_id, is_living, columns[0] >= since
    )
    if leg_ids is None:
        rows = rows.join(
            Leg, (Leg.municipality_id == table.municipality_id) & (Leg.id == table.leg_id)
        ).where(Leg.provider_id == provider_id)
    else:
        rows = rows.where(table.leg_id.in_(leg_ids))
    return {tuple(row[2:]): (row[0], row[1]) for row in session.execute(rows)}


def contents(
    session: Session, table: Any, names: Iterable[str], municipality_id: int, ids: Collection[int]
) -> dict[int, tuple[Any, ...]]:
    """What those rows say, by id, in the order of `names`. One query."""
    columns = [getattr(table, name) for name in names]
    rows = select(table.id, *columns).where(table.municipality_id == municipality_id, table.id.in_(ids))
    return {row[0]: tuple(row[1:]) for row in session.execute(rows)}
