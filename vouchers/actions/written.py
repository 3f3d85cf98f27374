"""A provider hands in a joint plan, an informative or a final report; a guide approves or returns it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch
from core.refusal import Missing, Refusal
from vouchers.actions.choices import own_leg
from vouchers.actions.drafts import drop_draft
from vouchers.models import Voucher, WrittenReport
from vouchers.queries.terms import terms_of
from vouchers.queries.written import given_of, stay_of
from vouchers.rules import fields, reports, states
from vouchers.rules.told import WRITTEN_KINDS


def submit_written(
    session: Session,
    leg_id: int,
    kind: str,
    raw: Mapping[str, object],
    *,
    by: Actor,
    today: date,
    report_id: int | None = None,
    via: str = "page",
) -> WrittenReport:
    """Hand in a report that is not of a month, or the mended one after a return. The only door for it.

    `raw` is by field, typed or read. One living joint plan and one final report a leg; informative ones may
    be many, and `report_id` says which is mended. Raises the first Refusal of the fields or of the rules.
    """
    leg = own_leg(session, leg_id, by)
    if kind not in WRITTEN_KINDS:
        raise Missing()
    voucher = fetch(session, Voucher, by.municipality_id, leg.voucher_id)
    terms = terms_of(session, by.municipality_id, voucher.rulebook_id)
    stay = stay_of(session, by.municipality_id, leg.id, today)
    report = _living(session, leg.id, kind, report_id, by)
    living = report.state if report else None
    reports.may_write(
        kind,
        stay=stay,
        living=living,
        terms=terms.reports,
        latest_months=terms.report_latest_months,
        today=today,
    )
    values, faults = fields.read_all(kind, raw, terms)
    for refusal in (faults or reports.against_stay(kind, values, stay, today)).values():
        raise refusal
    content = plain(values)
    _refuse_twice(session, leg.id, kind, content, report, by)
    about = reports.about_on(kind, values, stay)
    others = [
        one for one in given_of(session, by.municipality_id, leg.id) if not report or one.id != report.id
    ]
    due = reports.owed_on(kind, about, stay, others, terms.reports) if terms.reports else None
    late = reports.is_late(due, living=living, terms=terms.reports, today=today)
    if report is None:
        report = WrittenReport(municipality_id=by.municipality_id, leg_id=leg.id, kind=kind, state="draft")
        session.add(report)
    report.state = states.report.after(report.state, "submit")
    report.about_on, report.due_on, report.is_late = about, due, late
    report.content, report.via = content, via
    report.submitted_by, report.submitted_on = by.account_id, today
    report.judged_by, report.judged_on = None, None
    drop_draft(session, by.municipality_id, leg.id, kind, report_id or "")
    audit.record(session, "written_report.submitted", report, by=by, report=kind, late=late, via=via)
    return report


def plain(values: Mapping[str, Any]) -> dict[str, object]:
    """The values of a report as plain JSON: days as text, codes as lists."""
    return {
        name: value.isoformat()
        if isinstance(value, date)
        else list(value)
        if isinstance(value, tuple)
        else value
        for name, value in values.items()
    }


def _living(
    session: Session, leg_id: int, kind: str, report_id: int | None, by: Actor
) -> WrittenReport | None:
    """The report to mend: the one named, or the leg's only one of its kind. Raises Missing."""
    if report_id is not None:
        found = fetch(session, WrittenReport, by.municipality_id, report_id)
        if (found.leg_id, found.kind) != (leg_id, kind):
            raise Missing()
        return found
    if kind == "informative":
        return None
    return session.scalar(
        select(WrittenReport).where(
            WrittenReport.municipality_id == by.municipality_id,
            WrittenReport.leg_id == leg_id,
            WrittenReport.kind == kind,
            WrittenReport.state != "withdrawn",
        )
    )


def _refuse_twice(
    session: Session,
    leg_id: int,
    kind: str,
    content: dict[str, object],
    mended: WrittenReport | None,
    by: Actor,
) -> None:
    """A button that is pressed twice makes one informative report."""
    if kind != "informative":
        return
    same = select(WrittenReport).where(
        WrittenReport.municipality_id == by.municipality_id,
        WrittenReport.leg_id == leg_id,
        WrittenReport.kind == kind,
        WrittenReport.about_on == date.fromisoformat(str(content["happened_on"])),
        WrittenReport.state != "withdrawn",
    )
    if any(one.content == content and one is not mended for one in session.scalars(same)):
        raise Refusal("written_twice", "Samma rapport är redan inskickad.")


def _judge(session: Session, report_id: int, event: str, by: Actor, today: date) -> WrittenReport:
    by.require(Role.GUIDE)
    report = fetch(session, WrittenReport, by.municipality_id, report_id)
    report.state = states.report.after(report.state, event)
    report.judged_by, report.judged_on = by.account_id, today
    return report


def approve_written(session: Session, report_id: int, *, by: Actor, today: date) -> WrittenReport:
    """A guide approves a written report."""
    report = _judge(session, report_id, "approve", by, today)
    audit.record(session, "written_report.approved", report, by=by, report=report.kind)
    return report


def return_written(
    session: Session, report_id: int, comment: str, *, by: Actor, today: date
) -> WrittenReport:
    """A guide sends a written report back with what is missing."""
    if not comment.strip():
        raise Refusal("comment_missing", "Skriv vad som behöver ändras.", status=422)
    report = _judge(session, report_id, "return", by, today)
    report.comment = comment.strip()
    audit.record(session, "written_report.returned", report, by=by, report=report.kind)
    return report


def withdraw_written(session: Session, report_id: int, *, by: Actor, today: date) -> WrittenReport:
    """Take a written report back: a provider its own, a guide any. It is kept, and a new one may come."""
    by.require(Role.COACH, Role.MANAGER, Role.GUIDE)
    report = fetch(session, WrittenReport, by.municipality_id, report_id)
    if not by.has(Role.GUIDE):
        own_leg(session, report.leg_id, by)
    before = report.state
    report.state = states.report.after(before, "withdraw")
    report.withdrawn_by, report.withdrawn_on = by.account_id, today
    audit.record(session, "written_report.withdrawn", report, by=by, report=report.kind, before=before)
    return report
