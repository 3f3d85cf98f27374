"""How many people each coach has, against the rulebook's ceiling for the time that the coach works."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from core.actor import Account, AccountRole, Role
from core.database import Rows
from providers.models import Provider, ProviderMember
from vouchers.models import Leg, Voucher
from vouchers.queries.clock import there
from vouchers.queries.occasions import same
from vouchers.queries.terms import terms_of
from vouchers.rules.contract import ceiling, load_state


@dataclass(frozen=True)
class Load:
    """A coach's people. `percent` is of full time; `most` the ceiling for it, None where no rulebook gives
    one; `state` is one of broken (above), soon (at it) and well."""

    provider_id: int
    provider: str
    account_id: int
    name: str
    percent: int
    count: int
    most: int | None
    state: str


@dataclass(frozen=True)
class Loads:
    """The coaches by name, and how many people have no coach who works there."""

    coaches: tuple[Load, ...]
    without: int


def caseload(session: Session, municipality_id: int, today: date, *, provider_id: int | None = None) -> Loads:
    """The coaches of a provider, or of all. Those count who have begun and not left, in a pause too, under a
    rulebook with a ceiling; of two ceilings the lower holds. Two queries, and one a rulebook."""
    here = [Leg.provider_id == provider_id] if provider_id is not None else []
    counts: dict[tuple[int, int | None], int] = {}
    mosts: dict[tuple[int, int | None], int] = {}
    houses: dict[int, int] = {}
    for row in _counted(session, municipality_id, here, today):
        contract = terms_of(session, municipality_id, row.rulebook_id).contract
        if contract is None:
            continue
        key = (row.provider_id, row.coach_id)
        counts[key] = counts.get(key, 0) + row.count
        mosts[key] = min(contract.per_coach, mosts.get(key, contract.per_coach))
        houses[row.provider_id] = min(contract.per_coach, houses.get(row.provider_id, contract.per_coach))
    coaches = []
    for row in _members(session, municipality_id, provider_id, [key[1] for key in counts if key[1]]):
        key = (row.provider_id, row.id)
        count, per_coach = counts.pop(key, 0), mosts.get(key, houses.get(row.provider_id))
        most = ceiling(per_coach, row.percent) if per_coach is not None else None
        state = load_state(count, most) if most is not None else "well"
        coaches.append(Load(row.provider_id, row.provider, row.id, row.name, row.percent, count, most, state))
    return Loads(tuple(coaches), sum(counts.values()))


def _counted(
    session: Session, municipality_id: int, here: Sequence[ColumnElement[bool]], today: date
) -> Rows:
    rows = (
        select(Leg.provider_id, Leg.coach_id, Voucher.rulebook_id, func.count().label("count"))
        .join_from(Leg, Voucher, same(Voucher, Voucher.id == Leg.voucher_id))
        .where(Leg.municipality_id == municipality_id, *there(today), *here)
        .group_by(Leg.provider_id, Leg.coach_id, Voucher.rulebook_id)
    )
    return session.execute(rows).all()


def _members(
    session: Session, municipality_id: int, provider_id: int | None, busy: Sequence[int | None]
) -> Rows:
    """Those who can sign in for a provider and are coaches by their role or by having people."""
    is_coach: Any = and_(
        AccountRole.municipality_id == Account.municipality_id,
        AccountRole.account_id == Account.id,
        AccountRole.role == Role.COACH.value,
    )
    rows = (
        select(
            Account.id,
            Account.name,
            ProviderMember.percent,
            ProviderMember.provider_id,
            Provider.name.label("provider"),
        )
        .join(
            ProviderMember,
            and_(
                ProviderMember.municipality_id == Account.municipality_id,
                ProviderMember.account_id == Account.id,
            ),
        )
        .join(
            Provider,
            and_(
                Provider.municipality_id == ProviderMember.municipality_id,
                Provider.id == ProviderMember.provider_id,
            ),
        )
        .outerjoin(AccountRole, is_coach)
        .where(
            Account.municipality_id == municipality_id,
            Account.is_active.is_(True),
            or_(AccountRole.role.is_not(None), Account.id.in_(busy)),
        )
        .order_by(Provider.name, Account.name, Account.id)
    )
    if provider_id is not None:
        rows = rows.where(ProviderMember.provider_id == provider_id)
    return session.execute(rows).all()
