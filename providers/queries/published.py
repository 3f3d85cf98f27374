"""Published results as they stand: the newest revision of each period."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from core.refusal import Refusal
from providers.models import PublishedContract, PublishedPeriod, PublishedResult
from providers.rules.published import Review, Row, is_flagged, weighted_result


def _newest(municipality_id: int) -> Any:
    return (
        select(PublishedPeriod.period, func.max(PublishedPeriod.revision).label("revision"))
        .where(PublishedPeriod.municipality_id == municipality_id)
        .group_by(PublishedPeriod.period)
        .subquery()
    )


def latest_rows(session: Session, municipality_id: int, period: date) -> dict[str, dict[str, Any]]:
    """A period's figures in force, by contract."""
    newest = _newest(municipality_id)
    table = PublishedResult.__table__
    rows = session.execute(
        select(table)
        .join(newest, and_(newest.c.period == table.c.period, newest.c.revision == table.c.revision))
        .where(table.c.municipality_id == municipality_id, table.c.period == period)
    ).mappings()
    return {row["contract_no"]: dict(row) for row in rows}


def standing(
    session: Session, municipality_id: int, period: date | None = None
) -> Iterator[tuple[Row, tuple[int, int, int]]]:
    """Every row in force with its period's weights, by period and contract."""
    newest = _newest(municipality_id)
    table, names = PublishedResult.__table__.c, PublishedContract.__table__.c
    query = (
        select(PublishedResult.__table__, names.provider, names.delivery_area, names.region, names.started_on)
        .add_columns(PublishedPeriod.weight_a, PublishedPeriod.weight_b, PublishedPeriod.weight_c)
        .join(newest, and_(newest.c.period == table.period, newest.c.revision == table.revision))
        .join(
            PublishedContract,
            and_(names.municipality_id == table.municipality_id, names.contract_no == table.contract_no),
        )
        .join(
            PublishedPeriod,
            and_(
                PublishedPeriod.municipality_id == table.municipality_id,
                PublishedPeriod.period == table.period,
                PublishedPeriod.revision == table.revision,
            ),
        )
        .where(table.municipality_id == municipality_id)
        .order_by(table.period, table.contract_no)
    )
    if period is not None:
        query = query.where(table.period == period)
    for row in session.execute(query):
        told = Row(
            period=row.period,
            contract_no=row.contract_no,
            provider=row.provider,
            delivery_area=row.delivery_area,
            region=row.region,
            contract_start=row.started_on,
            active_22_months=row.active_22_months,
            participants=(row.people_a, row.people_b, row.people_c),
            first=(row.first_a, row.first_b, row.first_c),
            second=(row.second_a, row.second_b, row.second_c),
            rating=row.rating,
            weighted=row.weighted,
            flagged=row.flagged,
        )
        yield told, (row.weight_a, row.weight_b, row.weight_c)


@dataclass
class Agreement:
    """How far our own computing agrees with what was published."""

    rows: int = 0
    weighted_result_agrees: int = 0
    flags_published: int = 0
    flags_agree: int = 0
    false_flags: int = 0


def check(session: Session, municipality_id: int, review: Review) -> Agreement:
    """Recompute the weighted result and the flag of every row in force; flags where they are published."""
    found = Agreement()
    for row, weights in standing(session, municipality_id):
        ours = weighted_result(row, weights)
        flagged = is_flagged(row, ours, review)
        found.rows += 1
        found.weighted_result_agrees += ours == row.weighted
        if row.flagged is not None:
            found.flags_published += row.flagged
            found.flags_agree += row.flagged and flagged
            found.false_flags += flagged and not row.flagged
    return found


@dataclass(frozen=True)
class Flagged:
    """A contract's figures at a follow-up; `weighted` in thousandths, as we compute it."""

    contract_no: str
    provider: str
    delivery_area: str
    rating: int | None
    weighted: int


@dataclass(frozen=True)
class Reviewed:
    """A follow-up: who is flagged at it, and who has been at enough of them in a row, up to this one.

    `periods` are the follow-ups looked at, the newest first; with fewer than the rulebook asks for, nobody
    has been flagged in a row.
    """

    periods: tuple[date, ...]
    flagged: dict[str, Flagged]
    in_a_row: tuple[str, ...]


def periods(session: Session, municipality_id: int, until: date | None = None) -> list[date]:
    """The imported follow-ups, the newest first."""
    rows = (
        select(PublishedPeriod.period)
        .where(PublishedPeriod.municipality_id == municipality_id)
        .distinct()
        .order_by(PublishedPeriod.period.desc())
    )
    return list(session.scalars(rows if until is None else rows.where(PublishedPeriod.period <= until)))


def review(session: Session, municipality_id: int, period: date, rules: Review) -> Reviewed:
    """Whom the rulebook's thresholds flag at a follow-up, and at those before it. Raises Refusal.

    The follow-ups before are the imported ones; the figures are recomputed, so that a period whose file had
    no column for the flag counts too.
    """
    looked_at = periods(session, municipality_id, period)[: rules.in_a_row]
    if not looked_at or looked_at[0] != period:
        raise Refusal(
            "period_missing",
            "Det finns inga publicerade resultat för {period}. Läs in filen först.",
            period=f"{period:%Y-%m}",
            status=404,
        )
    found = {day: _flagged(session, municipality_id, day, rules) for day in looked_at}
    at_all = set(found[period]).intersection(*found.values()) if len(looked_at) == rules.in_a_row else set()
    return Reviewed(tuple(looked_at), found[period], tuple(sorted(at_all)))


def _flagged(session: Session, municipality_id: int, period: date, rules: Review) -> dict[str, Flagged]:
    found = {}
    for row, weights in standing(session, municipality_id, period):
        weighted = weighted_result(row, weights)
        if is_flagged(row, weighted, rules):
            found[row.contract_no] = Flagged(
                row.contract_no, row.provider, row.delivery_area, row.rating, weighted
            )
    return found
