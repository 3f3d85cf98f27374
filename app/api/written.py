"""Joint plans, informative and final reports: each kind has its own properties, and so its own address."""

from __future__ import annotations

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from app.api import answers, shapes
from app.api.door import part
from app.api.schemas import N_, ListQuery, form
from app.api.telling import Said, row_of, rows_of, taken_back, told_of
from core import dates
from core.actor import Actor
from vouchers.actions.written import submit_written
from vouchers.actions.written import withdraw_written as take_back
from vouchers.models import WrittenReport
from vouchers.queries.workload import Served

TAG = N_("Planer och rapporter")
STATE = (
    "kind", "state", "about_on", "due_on", "submitted_on", "is_late", "judged_on", "via", "updated_at",
)  # fmt: skip


def _plain(row: WrittenReport, *columns: str) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in (*STATE, *columns)}
    return {"id": str(row.id), "participant": str(row.leg_id), **told}


@part.operation(
    "/written-reports", "read", N_("Planer och rapporter"),
    query=ListQuery, gives=shapes.page_of(shapes.Written), tag=TAG,
)  # fmt: skip
def written_reports(said: Said) -> dict[str, Any]:
    """The joint plans, informative and final reports, without their words."""
    return rows_of(WrittenReport, said, _plain)


@part.operation(
    "/written-reports/<int:report_id>",
    "read",
    N_("En plan eller rapport"),
    gives=shapes.WrittenWhole,
    tag=TAG,
)
def written_report(report_id: int) -> dict[str, Any]:
    """One of them, with its words and what the municipality wants changed."""
    return _plain(row_of(WrittenReport, report_id), "content", "comment")


def _submit(kind: str, said: Said, leg_id: int) -> Response:
    def tell(session: Session, person: Served, by: Actor) -> WrittenReport:
        answers.read_report(kind, said, person.terms)
        return submit_written(session, leg_id, kind, said, by=by, today=dates.today(), via="api")

    return told_of(leg_id, tell)


@part.operation(
    "/participants/<int:leg_id>/joint-plan", "report", N_("Lämna den gemensamma planen"),
    sends=form("joint_plan"), gives=shapes.Receipt, status=201, tag=TAG,
)  # fmt: skip
def tell_joint_plan(said: Said, leg_id: int) -> Response:
    """Hand in the joint plan, or mend one that came back."""
    return _submit("joint_plan", said, leg_id)


@part.operation(
    "/participants/<int:leg_id>/informative-reports", "report", N_("Lämna en informativ rapport"),
    sends=form("informative"), gives=shapes.Receipt, status=201, tag=TAG,
)  # fmt: skip
def tell_informative(said: Said, leg_id: int) -> Response:
    """Tell the municipality of something it needs to know."""
    return _submit("informative", said, leg_id)


@part.operation(
    "/participants/<int:leg_id>/final-report", "report", N_("Lämna slutrapporten"),
    sends=form("final"), gives=shapes.Receipt, status=201, tag=TAG,
)  # fmt: skip
def tell_final(said: Said, leg_id: int) -> Response:
    """Hand in the final report, or mend one that came back."""
    return _submit("final", said, leg_id)


@part.operation(
    "/written-reports/<int:report_id>/withdraw", "report", N_("Ta tillbaka en plan eller rapport"),
    gives=shapes.Receipt, tag=TAG,
)  # fmt: skip
def withdraw_written(report_id: int) -> Response:
    """Take one of them back."""
    return taken_back(WrittenReport, report_id, take_back)
