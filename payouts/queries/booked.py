"""What the ledger holds for some vouchers: the last line of each key."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sqlalchemy import case, select
from sqlalchemy.orm import Session

from core.columns import Column, Query, among, columns, columns_of, distinct
from payouts.models import LedgerLine
from payouts.rules.columns import Facts, Legs, Whole, whole
from payouts.rules.fees import COMPONENTS
from payouts.rules.settlement import REASONS, Lines
from vouchers.models import Leg
from vouchers.queries.facts import legs_of, vouchers

COMPONENT = case({name: place for place, name in enumerate(COMPONENTS)}, value=LedgerLine.component)
REASON = case({name: place for place, name in enumerate(REASONS)}, value=LedgerLine.reason)
WHOLE = (
    LedgerLine.scope_id,
    COMPONENT.label("category"),
    LedgerLine.part,
    LedgerLine.sequence,
    LedgerLine.voucher_id,
    LedgerLine.leg_id,
    LedgerLine.provider_id,
    LedgerLine.rulebook_id,
    LedgerLine.period_on,
    LedgerLine.unit_price_ore,
    LedgerLine.quantity,
    LedgerLine.of_quantity,
    LedgerLine.amount_ore,
    REASON.label("why"),
    LedgerLine.evidence_id,
)


def booked_of(session: Session, municipality_id: int, ids: Sequence[int] | Whole) -> Lines:
    """The last line of every key of those vouchers, in the order of the keys."""
    rows = select(LedgerLine.voucher_id, *WHOLE)
    return last_of_each(Lines(*_of(session, municipality_id, whole(ids), rows)[1:]))


def sums_of(session: Session, municipality_id: int, ids: Whole, facts: Facts) -> Lines:
    """The same without what only a line that is taken back needs (see `filled`): that is nought.

    The provider is there while anything is held, rulebook and period where a clawback does not reach all.
    """
    asked = {
        "voucher_id": LedgerLine.voucher_id,
        "scope": LedgerLine.scope_id,
        "component": COMPONENT.label("category"),
        "part": LedgerLine.part,
        "sequence": LedgerLine.sequence,
        "leg_id": LedgerLine.leg_id,
        "amount": LedgerLine.amount_ore,
    }
    if any(deal.tariff.policy.clawback_months for deal in facts.deals):
        asked["rulebook_id"] = LedgerLine.rulebook_id
        asked["period"] = LedgerLine.period_on
    rows = select(*asked.values())
    found = dict(zip(asked, _of(session, municipality_id, ids, rows), strict=True))
    if len(facts.holds.providers):
        found["provider_id"] = _providers(session, municipality_id, found["leg_id"], facts.legs)
    count = len(found["scope"])
    nothing = np.zeros(count, dtype=np.int64)
    found.setdefault("period", np.zeros(count, dtype="datetime64[D]"))
    return last_of_each(Lines(**{name: found.get(name, nothing) for name in Lines.__dataclass_fields__}))


def _providers(session: Session, municipality_id: int, leg: Column, legs: Legs) -> Whole:
    """The provider of each leg: nearly all are known, and need not be read again for each line."""
    at, known = legs.places(leg)
    found = np.zeros(len(leg), dtype=np.int64)
    found[known] = legs.provider_id[at[known]]
    if not known.all():
        rows = select(Leg.id, Leg.provider_id).where(
            Leg.municipality_id == municipality_id, Leg.id.in_(among(session, distinct(leg[~known])))
        )
        ids, providers = columns(session, rows)
        order = np.argsort(ids)
        found[~known] = providers[order][np.searchsorted(ids[order], leg[~known])]
    return found


def filled(session: Session, municipality_id: int, lines: Lines) -> Lines:
    """Lines in which those that take back have all that the line before them has."""
    back = np.flatnonzero(lines.sequence % 2 == 1)
    if not len(back):
        return lines
    booked = booked_of(session, municipality_id, distinct(lines.voucher_id[back]))
    places = {key: place for place, key in enumerate(_keys(booked))}
    source = whole([places[key] for key in _keys(lines.where(back))])
    values = {}
    for name in Lines.__dataclass_fields__:
        values[name] = getattr(lines, name).copy()
        if name not in {"sequence", "amount", "reason"}:
            values[name][back] = getattr(booked, name)[source]
    return Lines(**values)


def _keys(lines: Lines) -> list[tuple[int, int, int]]:
    return list(zip(lines.scope.tolist(), lines.component.tolist(), lines.part.tolist(), strict=True))


def _of(session: Session, municipality_id: int, ids: Whole, rows: Query) -> list[Column]:
    """The lines of those vouchers, whose ids are the first column.

    A run writes its lines in the order of the vouchers, so those of many lie together. Those of a few are
    looked up by the primary key, for which alone PostgreSQL has an index of each line.
    """
    rows = rows.where(LedgerLine.municipality_id == municipality_id)
    mine = vouchers(session, municipality_id, ids)
    if mine.is_dense or session.get_bind().dialect.name != "postgresql":
        return columns_of(session, rows, LedgerLine.voucher_id, mine)
    scopes = np.concatenate([mine.ids, legs_of(session, municipality_id, mine)])
    return columns(session, rows.where(LedgerLine.scope_id.in_(among(session, scopes))))


def last_of_each(lines: Lines) -> Lines:
    """The line with the highest sequence of each key."""
    order = np.lexsort((lines.sequence, lines.part, lines.component, lines.scope))
    keys = [getattr(lines, name)[order] for name in ("scope", "component", "part")]
    is_last = np.ones(len(order), dtype=bool)
    is_last[:-1] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    return lines.where(order[is_last])


def nothing_booked() -> Lines:
    """No line."""
    found: list[Column] = [whole([])] * len(WHOLE)
    return Lines(*found)
