"""Which time with a provider a row is about, however many steps away: for histories, secrecy and my data."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from core.database import Base
from vouchers.models import (
    AttendanceAnswer,
    Check,
    Deviation,
    EmployerQuestion,
    Leg,
    Occasion,
    Outcome,
    OutcomeEvidence,
    Override,
    QualityReview,
    Report,
    ReportDraft,
    Verification,
    WrittenReport,
)

ABOUT: Mapping[type[Base], Mapping[str, type[Base]]] = {
    Report: {"leg_id": Leg},
    Occasion: {"leg_id": Leg},
    WrittenReport: {"leg_id": Leg},
    ReportDraft: {"leg_id": Leg},
    Deviation: {"leg_id": Leg},
    Outcome: {"leg_id": Leg},
    Check: {"leg_id": Leg},
    AttendanceAnswer: {"report_id": Report, "deviation_id": Deviation},
    OutcomeEvidence: {"outcome_id": Outcome},
    Verification: {"check_id": Check},
    EmployerQuestion: {"check_id": Check},
    Override: {"check_id": Check},
    QualityReview: {"check_id": Check},
}
"""By which column each table points on, towards a leg. With several, one of them is filled."""
OF_PROVIDERS = (Report, WrittenReport, Deviation, AttendanceAnswer, Outcome, OutcomeEvidence, Check)
"""What a provider reads the history of: its own words, and what was found of them."""
OF_STAFF = (*OF_PROVIDERS, Verification, EmployerQuestion, Override, QualityReview)
"""What staff read the history of. Single meetings are too many to tell, and a draft is nobody's word yet."""


def ids_of(table: type[Base], municipality_id: int, legs: Collection[int] | Select[Any]) -> Select[Any]:
    """The ids of the table's rows about those legs."""
    columns = table.__table__.c
    ways = [
        columns[name].in_(legs if parent is Leg else ids_of(parent, municipality_id, legs))
        for name, parent in ABOUT[table].items()
    ]
    return select(columns.id).where(columns.municipality_id == municipality_id, or_(*ways))


def legs_of(
    session: Session, municipality_id: int, ids: Mapping[str, Collection[int]]
) -> dict[tuple[str, int], int]:
    """The leg of each (name of a table, id) that is about one; a query a table."""
    found: dict[tuple[str, int], int] = {}
    for table in ABOUT:
        wanted = ids.get(table.__tablename__)
        if wanted:
            columns = table.__table__.c
            rows = select(columns.id, _leg(table, municipality_id)).where(
                columns.municipality_id == municipality_id, columns.id.in_(wanted)
            )
            found |= {(table.__tablename__, row[0]): row[1] for row in session.execute(rows)}
    return found


def _leg(table: type[Base], municipality_id: int) -> Any:
    """The leg's id as an expression over a row of the table."""
    columns = table.__table__.c
    if "leg_id" in columns:
        return columns.leg_id
    ways = []
    for name, parent in ABOUT[table].items():
        of = parent.__table__.c
        rows = select(of.leg_id).where(of.municipality_id == municipality_id, of.id == columns[name])
        ways.append(rows.correlate(table.__table__).scalar_subquery())
    return func.coalesce(*ways) if len(ways) > 1 else ways[0]
