"""The provider's own rows, a page at a time: what the API's lists are made of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from app.ids import LARGEST
from core import dates
from core.actor import Actor, Role
from core.database import Rows
from core.identity import Protection
from vouchers.models import AttendanceAnswer, Leg, Participant, Voucher

OVERLAP = timedelta(minutes=10)
"""What is written while a page is read may carry an earlier moment; whoever asks from so much earlier misses
nothing."""


@dataclass(frozen=True)
class Asked:
    """Which rows: those after an id, as many at most, changed since a moment, about one of the people."""

    after: int = 0
    limit: int = 50
    since: datetime | None = None
    leg_id: int | None = None

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Asked:
        """What the query said, read by `schemas.ListQuery`."""
        participant = said.get("participant")
        return cls(
            min(int(said.get("after", "0")), LARGEST),
            said.get("limit", 50),
            said.get("updated_since"),
            None if participant is None else min(int(participant), LARGEST),
        )


@dataclass(frozen=True)
class Page:
    """Rows, the id to go on after (None at the end), and the moment to ask for changes since next time."""

    items: Rows
    next: int | None
    as_of: datetime


def page(session: Session, table: Any, asked: Asked, *, by: Actor) -> Page:
    """The provider's own rows of a table that belongs to legs, or of the legs themselves, by id.

    Each row is (it, its Leg, its Voucher, its Participant). One query. Whose person the account may not know
    is not there.
    """
    is_leg = table is Leg
    rows: Any = select(Leg, Leg, Voucher, Participant) if is_leg else select(table, Leg, Voucher, Participant)
    if not is_leg:
        rows = rows.join(Leg, and_(Leg.municipality_id == table.municipality_id, Leg.id == table.leg_id))
    rows = _own(rows, by).where(table.municipality_id == by.municipality_id, table.id > asked.after)
    if asked.leg_id is not None:
        rows = rows.where(Leg.id == asked.leg_id)
    if asked.since is not None:
        changed = table.updated_at >= asked.since
        rows = rows.where(or_(changed, Voucher.updated_at >= asked.since) if is_leg else changed)
    as_of = dates.now() - OVERLAP
    found = session.execute(rows.order_by(table.id).limit(asked.limit + 1)).all()
    items = found[: asked.limit]
    return Page(items, items[-1][0].id if len(found) > asked.limit else None, as_of)


def _own(rows: Select[Any], by: Actor) -> Select[Any]:
    """Only the provider's people, whom the account may know."""
    rows = (
        rows.join(Voucher, and_(Voucher.municipality_id == Leg.municipality_id, Voucher.id == Leg.voucher_id))
        .join(
            Participant,
            and_(
                Participant.municipality_id == Voucher.municipality_id,
                Participant.id == Voucher.participant_id,
            ),
        )
        .where(
            Leg.municipality_id == by.municipality_id,
            Leg.provider_id == by.provider_id,
            Leg.declined_on.is_(None),
            Voucher.state.not_in(("revoked", "lapsed")),
        )
    )
    if by.has(Role.MANAGER):
        return rows
    return rows.where(or_(Participant.protection == Protection.NONE.value, Leg.coach_id == by.account_id))


def attendance(session: Session, municipality_id: int, report_ids: Collection[int]) -> dict[int, str]:
    """What the person says of each month, by report: confirmed or contested, or the verdict of a contest."""
    newest = (
        select(func.max(AttendanceAnswer.id))
        .where(
            AttendanceAnswer.municipality_id == municipality_id, AttendanceAnswer.report_id.in_(report_ids)
        )
        .group_by(AttendanceAnswer.report_id)
    )
    rows = select(AttendanceAnswer.report_id, AttendanceAnswer.said, AttendanceAnswer.verdict).where(
        AttendanceAnswer.municipality_id == municipality_id, AttendanceAnswer.id.in_(newest)
    )
    return {row.report_id: row.verdict or row.said for row in session.execute(rows)}
