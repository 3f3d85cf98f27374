"""What the ledger holds for some vouchers: the last line of each key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import BigInteger, case, cast, literal, select
from sqlalchemy.orm import Session

from core.columns import Chosen, Column, Query, among, columns, columns_of, distinct
from payouts.models import LedgerLine
from payouts.rules.columns import BASE, Facts, Legs, Whole, whole
from payouts.rules.fees import COMPONENTS
from payouts.rules.settlement import REASONS, Lines
from vouchers.models import Leg
from vouchers.queries.facts import legs_of, vouchers

COMPONENT = case({name: place for place, name in enumerate(COMPONENTS)}, value=LedgerLine.component)
PART, SEQUENCE = 47, 16
"""By how many bits component and part stand before the sequence in a line's key without its scope."""
PACKED = (
    cast(COMPONENT, BigInteger) * literal(1 << PART, BigInteger)
    + cast(LedgerLine.part, BigInteger) * literal(1 << SEQUENCE, BigInteger)
    + LedgerLine.sequence
)
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


def booked_of(session: Session, municipality_id: int, ids: Sequence[int] | Whole | Chosen) -> Lines:
    """The last line of every key of those vouchers, in the order of the keys."""
    lines = Lines(*_of(session, municipality_id, ids, select(*WHOLE)))
    return lines.where(_last(lines.scope, lines.component << PART | lines.part << SEQUENCE | lines.sequence))


def sums_of(session: Session, municipality_id: int, ids: Whole | Chosen, facts: Facts) -> Lines:
    """The same without what only a line that is taken back needs (see `filled`): that is nought.

    Rulebook and period are there where a clawback does not reach all.
    """
    asked: dict[str, Any] = {"leg_id": LedgerLine.leg_id, "key": PACKED, "amount": LedgerLine.amount_ore}
    if any(deal.tariff.policy.clawback_months for deal in facts.deals):
        asked["rulebook_id"] = LedgerLine.rulebook_id
        asked["period"] = LedgerLine.period_on
    found = dict(zip(asked, _of(session, municipality_id, ids, select(*asked.values())), strict=True))
    key = found.pop("key")
    count = len(key)
    nothing = np.zeros(count, dtype=np.int64)
    found.setdefault("period", np.zeros(count, dtype="datetime64[D]"))
    found["component"] = key >> PART
    found["part"] = key >> SEQUENCE & (1 << PART - SEQUENCE) - 1
    found["sequence"] = key & (1 << SEQUENCE) - 1
    of_legs = _of_legs(session, municipality_id, found["leg_id"], facts.legs)
    found["voucher_id"], found["provider_id"] = of_legs
    found["scope"] = np.where(found["component"] == BASE, found["leg_id"], found["voucher_id"])
    lines = Lines(**{name: found.get(name, nothing) for name in Lines.__dataclass_fields__})
    return lines.where(_last(lines.scope, key))


def _of_legs(session: Session, municipality_id: int, leg: Column, legs: Legs) -> tuple[Whole, Whole]:
    """The voucher and the provider of each leg: nearly all are known, and need not be read for each line."""
    at, known = legs.places(leg)
    found = np.zeros((2, len(leg)), dtype=np.int64)
    if len(legs):
        found[:, known] = legs.voucher_id[at[known]], legs.provider_id[at[known]]
    if not known.all():
        rows = select(Leg.id, Leg.voucher_id, Leg.provider_id).where(
            Leg.municipality_id == municipality_id, Leg.id.in_(among(session, distinct(leg[~known])))
        )
        ids, *others = columns(session, rows)
        order = np.argsort(ids)
        found[:, ~known] = np.array(others)[:, order][:, np.searchsorted(ids[order], leg[~known])]
    return found[0], found[1]


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


def _of(
    session: Session, municipality_id: int, ids: Sequence[int] | Whole | Chosen, rows: Query
) -> list[Column]:
    """The lines of those vouchers.

    A run writes its lines in the order of the vouchers, so those of many lie together. Those of a few are
    looked up by the primary key, for which alone PostgreSQL has an index of each line.
    """
    rows = rows.where(LedgerLine.municipality_id == municipality_id)
    mine = vouchers(session, municipality_id, ids)
    if mine.is_dense or session.get_bind().dialect.name != "postgresql":
        return columns_of(session, rows, LedgerLine.voucher_id, mine)
    scopes = np.concatenate([mine.ids, legs_of(session, municipality_id, mine)])
    return columns(session, rows.where(LedgerLine.scope_id.in_(among(session, scopes))))


def _last(scope: Whole, key: Whole) -> Whole:
    """Where the line with the highest sequence of each key stands, in the order of the keys."""
    order = np.lexsort((key, scope))
    scopes, keys = scope[order], key[order] >> SEQUENCE
    is_last = np.ones(len(order), dtype=bool)
    is_last[:-1] = (scopes[1:] != scopes[:-1]) | (keys[1:] != keys[:-1])
    return order[is_last]


def nothing_booked() -> Lines:
    """No line."""
    found: list[Column] = [whole([])] * len(WHOLE)
    return Lines(*found)
