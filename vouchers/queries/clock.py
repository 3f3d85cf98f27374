"""The contract clock of people who are somewhere: one person's, a provider's, the whole municipality's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from core.actor import Account
from core.database import Rows
from core.identity import Protection
from providers.models import Provider
from vouchers.models import Leg, Participant, Pause, Voucher
from vouchers.queries.occasions import Only, same, told
from vouchers.queries.terms import terms_of
from vouchers.queries.workload import Served
from vouchers.rules.contract import STATES, Countdown, Time, Told, countdowns, to_do, worst
from vouchers.rules.pauses import Span
from vouchers.rules.secrecy import may_know

Clocks: TypeAlias = dict[int, tuple[Countdown, ...]]
"""How every requirement stands, by leg."""


@dataclass(frozen=True)
class Ticking:
    """Somebody who is at a provider, and how every requirement stands.

    `name` and `provider` are None for a protected person who is somebody else's to know.
    """

    leg_id: int
    voucher_id: int
    name: str | None
    is_protected: bool
    provider_id: int
    provider: str | None
    guide_id: int
    guide: str
    coach_id: int | None
    rulebook_id: int
    service: str
    level: str
    countdowns: tuple[Countdown, ...]

    @property
    def state(self) -> str:
        """The worst of its requirements' states."""
        return worst(self.countdowns)

    @property
    def due_on(self) -> date | None:
        """The first last day of what is broken or soon to break and can still be met."""
        return next((one.last_on for one in to_do(self.countdowns)), None)


def of_people(
    session: Session,
    municipality_id: int,
    provider_id: int,
    people: Sequence[Served],
    today: date,
    *,
    leg_id: int | None = None,
) -> Clocks:
    """How every requirement stands for a provider's people, by leg, in two queries; with `leg_id` for one.

    Those without a contract's clock in their rulebook, or who are not there, have no place.
    """
    ticking = [one for one in people if one.terms.contract and one.started_on is not None]
    only = [Leg.provider_id == provider_id, *([Leg.id == leg_id] if leg_id is not None else [])]
    least = {one.rulebook_id: one.terms for one in ticking}
    known = told(session, municipality_id, [*only, *there(today)], least, today) if ticking else {}
    found = {}
    for one in ticking:
        if one.terms.contract is None or one.started_on is None:
            continue
        time = Time(one.first_on or one.started_on, one.started_on, one.ended_on, one.pauses)
        if time.runs(today):
            found[one.leg_id] = countdowns(one.terms.contract, time, known.get(one.leg_id, Told()), today)
    return found


def of_municipality(
    session: Session,
    municipality_id: int,
    today: date,
    *,
    viewer_id: int,
    guide_id: int | None = None,
    voucher_id: int | None = None,
) -> list[Ticking]:
    """Everybody who is at a provider, the worst first; of one guide's people with `guide_id`, of one voucher
    with `voucher_id`. Four queries, and one a rulebook."""
    only = [Participant.guide_id == guide_id] if guide_id is not None else []
    only += [Voucher.id == voucher_id] if voucher_id is not None else []
    rows = _running(session, municipality_id, only, today)
    terms = {key: terms_of(session, municipality_id, key) for key in {row.rulebook_id for row in rows}}
    clocks = {key: one for key, one in terms.items() if one.contract is not None}
    known = told(session, municipality_id, [*only, *there(today)], clocks, today) if clocks else {}
    paused = _paused(session, municipality_id, only) if clocks else {}
    found = []
    for row in rows:
        contract = terms[row.rulebook_id].contract
        if contract is None:
            continue
        time = Time(row.first_on, row.started_on, row.ended_on, tuple(paused.get(row.id, ())))
        found.append(_ticking(row, viewer_id, countdowns(contract, time, known.get(row.id, Told()), today)))
    return sorted(found, key=_urgency)


def _urgency(one: Ticking) -> tuple[int, date, str, int]:
    return STATES.index(one.state), one.due_on or date.max, (one.name or "~").casefold(), one.leg_id


def _ticking(row: Any, viewer_id: int, found: tuple[Countdown, ...]) -> Ticking:
    known = may_know(viewer_id, row.guide_id, row.protection)
    return Ticking(
        leg_id=row.id,
        voucher_id=row.voucher_id,
        name=f"{row.given_name} {row.family_name}" if known else None,
        is_protected=row.protection != Protection.NONE.value,
        provider_id=row.provider_id,
        provider=row.provider if known else None,
        guide_id=row.guide_id,
        guide=row.guide,
        coach_id=row.coach_id if known else None,
        rulebook_id=row.rulebook_id,
        service=row.service,
        level=row.level,
        countdowns=found,
    )


def _running(session: Session, municipality_id: int, only: Only, today: date) -> Rows:
    earlier, guide = aliased(Leg), aliased(Account)
    first_on = (
        select(func.min(earlier.started_on))
        .where(earlier.municipality_id == Leg.municipality_id, earlier.voucher_id == Leg.voucher_id)
        .correlate(Leg)
        .scalar_subquery()
    )
    rows = (
        select(
            Leg.id,
            Leg.voucher_id,
            Leg.provider_id,
            Leg.coach_id,
            Leg.started_on,
            Leg.ended_on,
            first_on.label("first_on"),
            Voucher.rulebook_id,
            Voucher.service,
            Voucher.level,
            Participant.given_name,
            Participant.family_name,
            Participant.protection,
            Participant.guide_id,
            Provider.name.label("provider"),
            guide.name.label("guide"),
        )
        .join_from(Leg, Voucher, same(Voucher, Voucher.id == Leg.voucher_id))
        .join(Participant, same(Participant, Participant.id == Voucher.participant_id))
        .join(Provider, same(Provider, Provider.id == Leg.provider_id))
        .join(guide, and_(guide.municipality_id == Leg.municipality_id, guide.id == Participant.guide_id))
        .where(Leg.municipality_id == municipality_id, *there(today), *only)
    )
    return session.execute(rows).all()


def there(today: date) -> list[ColumnElement[bool]]:
    """The conditions on `Leg` that somebody is there today."""
    return [
        Leg.declined_on.is_(None),
        Leg.started_on <= today,
        or_(Leg.ended_on.is_(None), Leg.ended_on >= today),
    ]


def _paused(session: Session, municipality_id: int, only: Only) -> dict[int, list[Span]]:
    rows = (
        select(Pause.leg_id, Pause.from_on, Pause.resumed_on)
        .join(Leg, and_(Leg.municipality_id == Pause.municipality_id, Leg.id == Pause.leg_id))
        .join(Voucher, same(Voucher, Voucher.id == Leg.voucher_id))
        .join(Participant, same(Participant, Participant.id == Voucher.participant_id))
        .where(Pause.municipality_id == municipality_id, *only)
        .order_by(Pause.from_on, Pause.id)
    )
    found: dict[int, list[Span]] = {}
    for row in session.execute(rows):
        found.setdefault(row.leg_id, []).append(Span(row.from_on, row.resumed_on))
    return found
