"""Which links of the audit trail a provider's system is told of, whom they are about, and in what words."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.audit import AuditEntry
from core.database import Base
from vouchers.actions.closing import REVOKED
from vouchers.models import AttendanceAnswer, Check, Deviation, Leg, Outcome, Report, WrittenReport

EVENT_OF = {
    "voucher.chosen": "participant.arrived",
    "voucher.switched": "participant.arrived",
    "leg.left": "participant.left",
    "leg.not_begun": "participant.left",
    "leg.ended": "participant.left",
    "leg.planned": "participant.left",
    "voucher.revoked": "participant.left",
    "report.returned": "report.returned",
    "report.approved": "report.approved",
    "written_report.returned": "report.returned",
    "written_report.approved": "report.approved",
    "attendance.contested": "attendance.contested",
    "check.passed": "result.judged",
    "check.failed": "result.judged",
    "check.overridden": "result.judged",
    "check.opened": "follow_up.opened",
}
"""What is told of, by what the trail calls it."""
STAYS = ("leg.planned", "plan", "stay")
"""The one plan for an ended provider's customer by which the person does not leave."""
CALLED = {
    Leg.__tablename__: "participant",
    Report.__tablename__: "report",
    WrittenReport.__tablename__: "report",
    Outcome.__tablename__: "outcome",
    Check.__tablename__: "check",
    Deviation.__tablename__: "deviation",
    AttendanceAnswer.__tablename__: "answer",
}
"""What an event calls the id of what it is about."""
SAID = {
    "participant.arrived": ("how",),
    "participant.left": ("ended_on",),
    "report.returned": (),
    "report.approved": (),
    "attendance.contested": (),
    "result.judged": ("purpose", "part"),
    "follow_up.opened": ("purpose", "part", "until_on"),
}
"""Which of the trail's details go with an event: codes and days, never who did it."""


@dataclass(frozen=True)
class Happening:
    """One event about one person at one provider. `data` is what is said of it, ids and codes only."""

    sequence: int
    at: datetime
    event: str
    provider_id: int
    leg_id: int
    data: dict[str, Any]


def envelope(call_id: int, event: str, at: datetime, data: Mapping[str, object]) -> dict[str, object]:
    """What a call says: its id (the same at each try), what happened and when, and whom it is about.

    Ids are text, as everywhere in the API: they are larger than the whole numbers JavaScript keeps exactly.
    """
    moment = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return {"id": str(call_id), "type": event, "timestamp": moment, "data": dict(data)}


def told_after(
    session: Session, municipality_id: int, sequence: int, most: int
) -> tuple[list[Happening], int]:
    """What has happened after that link of the trail, the oldest first, and the link that was read up to.

    At most `most` links that may tell something are read, in a fixed number of queries.
    """
    rows = (
        select(AuditEntry)
        .where(
            AuditEntry.municipality_id == municipality_id,
            AuditEntry.sequence > sequence,
            AuditEntry.what.in_(EVENT_OF),
        )
        .order_by(AuditEntry.sequence)
        .limit(most)
    )
    entries = session.scalars(rows).all()
    if len(entries) == most:
        upto = entries[-1].sequence
    else:
        head = select(func.max(AuditEntry.sequence)).where(AuditEntry.municipality_id == municipality_id)
        upto = session.scalar(head) or sequence
    legs = _legs(session, municipality_id, entries)
    places = _places(session, municipality_id, {leg for found in legs.values() for leg in found})
    return [
        Happening(
            entry.sequence, entry.at, EVENT_OF[entry.what], places[leg_id], leg_id, _data(entry, leg_id)
        )
        for entry in entries
        for leg_id in legs.get(entry.sequence, ())
        if leg_id in places
    ], upto


def _data(entry: AuditEntry, leg_id: int) -> dict[str, Any]:
    details = json.loads(entry.details)
    event = EVENT_OF[entry.what]
    found: dict[str, Any] = {}
    if name := CALLED.get(entry.subject_kind):
        found[name] = str(entry.subject_id)
    found["participant"] = str(leg_id)
    if event.startswith("report."):
        found["kind"] = details.get("report", "monthly")
    if event == "attendance.contested":
        found[details["about"]] = str(details["id"])
    if event == "result.judged":
        found["passed"] = (
            details["passes"] if entry.what == "check.overridden" else entry.what == "check.passed"
        )
    return found | {key: details[key] for key in SAID[event] if details.get(key) is not None}


# ── whom it is about ─────────────────────────────────────────────────────────────────────────────


def _legs(session: Session, municipality_id: int, entries: Sequence[AuditEntry]) -> dict[int, list[int]]:
    """Leg ids by the number of the link."""
    found: dict[int, list[int]] = {}
    asked: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for entry in entries:
        details = json.loads(entry.details)
        what, key, value = STAYS
        if entry.what == what and details.get(key) == value:
            continue
        if entry.subject_kind == Leg.__tablename__:
            found[entry.sequence] = [entry.subject_id]
        elif isinstance(details.get("leg"), int):
            found[entry.sequence] = [details["leg"]]
        else:
            asked[entry.subject_kind][entry.subject_id].append(entry.sequence)
    for kind, subjects in asked.items():
        if kind not in LEGS_OF:
            continue
        for subject_id, leg_id in LEGS_OF[kind](session, municipality_id, list(subjects)):
            for sequence in subjects[subject_id]:
                found.setdefault(sequence, []).append(leg_id)
    return found


def _places(session: Session, municipality_id: int, leg_ids: set[int]) -> dict[int, int]:
    """The provider of each leg."""
    rows = select(Leg.id, Leg.provider_id).where(Leg.municipality_id == municipality_id, Leg.id.in_(leg_ids))
    return {row.id: row.provider_id for row in session.execute(rows)}


Pairs = list[tuple[int, int]]


def _by_column(table: type[Base], leg: Any) -> Callable[[Session, int, list[int]], Pairs]:
    columns: Any = table

    def asked(session: Session, municipality_id: int, ids: list[int]) -> Pairs:
        rows = select(columns.id, leg).where(columns.municipality_id == municipality_id, columns.id.in_(ids))
        return [(subject, leg_id) for subject, leg_id in session.execute(rows)]

    return asked


def _of_answers(session: Session, municipality_id: int, ids: list[int]) -> Pairs:
    """An answer is about a report or a deviation."""
    rows = (
        select(AttendanceAnswer.id, func.coalesce(Report.leg_id, Deviation.leg_id))
        .outerjoin(Report, _same(AttendanceAnswer.report_id, Report))
        .outerjoin(Deviation, _same(AttendanceAnswer.deviation_id, Deviation))
        .where(AttendanceAnswer.municipality_id == municipality_id, AttendanceAnswer.id.in_(ids))
    )
    return [(subject, leg_id) for subject, leg_id in session.execute(rows)]


def _same(column: Any, table: Any) -> Any:
    return (table.municipality_id == AttendanceAnswer.municipality_id) & (table.id == column)


def _of_revoked(session: Session, municipality_id: int, ids: list[int]) -> Pairs:
    """A voucher that was taken back was with those who were let go then."""
    rows = select(Leg.voucher_id, Leg.id).where(
        Leg.municipality_id == municipality_id, Leg.voucher_id.in_(ids), Leg.end_reason == REVOKED
    )
    return [(subject, leg_id) for subject, leg_id in session.execute(rows)]


LEGS_OF: dict[str, Callable[[Session, int, list[int]], Pairs]] = {
    Report.__tablename__: _by_column(Report, Report.leg_id),
    WrittenReport.__tablename__: _by_column(WrittenReport, WrittenReport.leg_id),
    Outcome.__tablename__: _by_column(Outcome, Outcome.leg_id),
    Check.__tablename__: _by_column(Check, Check.leg_id),
    Deviation.__tablename__: _by_column(Deviation, Deviation.leg_id),
    AttendanceAnswer.__tablename__: _of_answers,
    "voucher": _of_revoked,
}
"""(subject, leg) of the subjects of one kind."""
