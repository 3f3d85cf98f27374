"""Published results are taken in, whole or not at all; a later revision of a period replaces it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor
from core.refusal import Refusal
from providers.models import PublishedContract, PublishedPeriod, PublishedResult
from providers.queries.published import latest_rows
from providers.rules.published import Row

Weights = dict[date, tuple[int, int, int]]


@dataclass(frozen=True)
class PeriodImport:
    """What an import did to one period: `revision` 0 when it was the same as before."""

    period: date
    revision: int
    contracts: int
    added: int
    removed: int
    changed: int


def import_results(
    session: Session, rows: Sequence[Row], weights: Weights, *, by: Actor, at: datetime
) -> list[PeriodImport]:
    """Take in checked rows. A period that is here already gets a new revision, if anything has changed.

    Refuses a period without weights. Rows of one period are of different contracts; the reader sees to it.
    """
    periods = sorted({row.period for row in rows})
    missing = [period.isoformat()[:7] for period in periods if period not in weights]
    if missing:
        raise Refusal(
            "weights_missing",
            "Vikter saknas för {periods}. Ange dem.",
            periods=", ".join(missing),
            status=422,
        )
    _contracts(session, by.municipality_id, rows)
    done = [
        _period(session, [row for row in rows if row.period == period], weights[period], by, at)
        for period in periods
    ]
    audit.record(
        session,
        "published_results.imported",
        audit.Subject("published_results", 0),
        by=by,
        rows=len(rows),
        periods=[f"{one.period.isoformat()}:{one.revision}" for one in done],
        digest=audit.digest(rows),
    )
    return done


def _contracts(session: Session, municipality_id: int, rows: Sequence[Row]) -> None:
    """Keep the names of the newest period told, whatever order the periods come in."""
    known = {
        contract.contract_no: contract
        for contract in session.scalars(
            select(PublishedContract).where(PublishedContract.municipality_id == municipality_id)
        )
    }
    for row in sorted(rows, key=lambda row: row.period):
        contract = known.get(row.contract_no)
        if contract is None:
            contract = PublishedContract(municipality_id=municipality_id, contract_no=row.contract_no)
            known[row.contract_no] = contract
            session.add(contract)
        contract.provider, contract.delivery_area = row.provider, row.delivery_area
        contract.region, contract.started_on = row.region, row.contract_start
    session.flush()


def _period(
    session: Session, rows: list[Row], weights: tuple[int, int, int], by: Actor, at: datetime
) -> PeriodImport:
    period = rows[0].period
    figures = {row.contract_no: _figures(row) for row in rows}
    standing = latest_rows(session, by.municipality_id, period)
    before = {
        no: {key: values[key] for key in next(iter(figures.values()))} for no, values in standing.items()
    }
    latest = session.scalar(
        select(PublishedPeriod)
        .where(PublishedPeriod.municipality_id == by.municipality_id, PublishedPeriod.period == period)
        .order_by(PublishedPeriod.revision.desc())
        .limit(1)
    )
    changed = sum(no in before and before[no] != told for no, told in figures.items())
    added, removed = len(figures.keys() - before.keys()), len(before.keys() - figures.keys())
    same_weights = latest is not None and (latest.weight_a, latest.weight_b, latest.weight_c) == weights
    if latest is not None and same_weights and not (added or removed or changed):
        return PeriodImport(period, 0, len(rows), 0, 0, 0)
    revision = latest.revision + 1 if latest else 1
    session.add(
        PublishedPeriod(
            municipality_id=by.municipality_id,
            period=period,
            revision=revision,
            digest=audit.digest(sorted(figures.items())),
            imported_at=at,
            contracts=len(rows),
            weight_a=weights[0],
            weight_b=weights[1],
            weight_c=weights[2],
        )
    )
    session.flush()
    key = {"municipality_id": by.municipality_id, "period": period, "revision": revision}
    session.execute(
        insert(PublishedResult),
        [{**key, "contract_no": contract_no, **told} for contract_no, told in figures.items()],
    )
    return PeriodImport(period, revision, len(rows), added, removed, changed)


def _figures(row: Row) -> dict[str, int | bool | None]:
    levels = {
        f"{name}_{level}": counts[place]
        for name, counts in (("people", row.participants), ("first", row.first), ("second", row.second))
        for place, level in enumerate("abc")
    }
    return {
        **levels,
        "active_22_months": row.active_22_months,
        "rating": row.rating,
        "weighted": row.weighted,
        "flagged": row.flagged,
    }
