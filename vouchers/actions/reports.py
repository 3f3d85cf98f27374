"""A provider reports a month; a guide approves or returns it; it can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch
from core.dates import first_of_month
from core.refusal import Refusal
from vouchers.actions.choices import own_leg
from vouchers.models import Report, Voucher
from vouchers.queries.terms import terms_of
from vouchers.rules import reporting, states


@dataclass(frozen=True)
class ReportForm:
    """A month as the provider tells it. Times in minutes."""

    month: date
    activity_minutes: int
    meetings: int
    physical_meetings: int
    progress: str
    next_step: str
    next_step_on: date


def submit_report(session: Session, leg_id: int, form: ReportForm, *, by: Actor, today: date) -> Report:
    """Hand in a month's report, or the mended one after a return. One living report a month."""
    leg = own_leg(session, leg_id, by)
    voucher = fetch(session, Voucher, by.municipality_id, leg.voucher_id)
    terms = terms_of(session, by.municipality_id, voucher.rulebook_id)
    month = first_of_month(form.month)
    reporting.may_report(
        month=month, started_on=leg.started_on, ended_on=leg.ended_on, terms=terms, today=today
    )
    _check_form(form)
    report = session.scalar(
        select(Report).where(
            Report.municipality_id == by.municipality_id,
            Report.leg_id == leg.id,
            Report.month == month,
            Report.state != "withdrawn",
        )
    )
    if report is None:
        report = Report(municipality_id=by.municipality_id, leg_id=leg.id, month=month, state="draft")
        session.add(report)
    elif report.state != "returned":
        raise Refusal(
            "report_exists",
            "Månaden är redan rapporterad. Ta tillbaka den rapporten först om något är fel i den.",
        )
    report.state = states.report.after(report.state, "submit")
    report.activity_minutes = form.activity_minutes
    report.meetings, report.physical_meetings = form.meetings, form.physical_meetings
    report.progress, report.next_step, report.next_step_on = form.progress, form.next_step, form.next_step_on
    report.submitted_by, report.submitted_on = by.account_id, today
    report.judged_by, report.judged_on = None, None
    report.is_late = today > reporting.due_on(month, terms)
    audit.record(session, "report.submitted", report, by=by, month=month, late=report.is_late)
    return report


def _check_form(form: ReportForm) -> None:
    if not 0 <= form.activity_minutes <= reporting.MOST_MINUTES:
        raise Refusal("hours_wrong", "En månad har inte så många timmar.", status=422)
    if not 0 <= form.physical_meetings <= form.meetings <= 500:
        raise Refusal("meetings_wrong", "Fysiska möten kan inte vara fler än alla möten.", status=422)
    if not form.progress.strip() or not form.next_step.strip():
        raise Refusal("report_incomplete", "Skriv hur det har gått och vad som är nästa steg.", status=422)
    if form.next_step_on < first_of_month(form.month):
        raise Refusal(
            "next_step_past", "Nästa steg måste ha en dag som inte ligger före månaden.", status=422
        )


def _judge(session: Session, report_id: int, event: str, by: Actor, today: date) -> Report:
    by.require(Role.GUIDE)
    report = fetch(session, Report, by.municipality_id, report_id)
    report.state = states.report.after(report.state, event)
    report.judged_by, report.judged_on = by.account_id, today
    return report


def approve_report(session: Session, report_id: int, *, by: Actor, today: date) -> Report:
    """A guide approves what the provider has reported; the month can be paid."""
    report = _judge(session, report_id, "approve", by, today)
    audit.record(session, "report.approved", report, by=by)
    return report


def return_report(session: Session, report_id: int, comment: str, *, by: Actor, today: date) -> Report:
    """A guide sends the report back with what is missing."""
    if not comment.strip():
        raise Refusal("comment_missing", "Skriv vad som behöver ändras.", status=422)
    report = _judge(session, report_id, "return", by, today)
    report.comment = comment
    audit.record(session, "report.returned", report, by=by)
    return report


def withdraw_report(session: Session, report_id: int, *, by: Actor, today: date) -> Report:
    """Take a report back: a provider its own, a guide any. The next run claws back what it paid."""
    by.require(Role.COACH, Role.MANAGER, Role.GUIDE)
    report = fetch(session, Report, by.municipality_id, report_id)
    if not by.has(Role.GUIDE):
        own_leg(session, report.leg_id, by)
    before = report.state
    report.state = states.report.after(before, "withdraw")
    report.withdrawn_by, report.withdrawn_on = by.account_id, today
    audit.record(session, "report.withdrawn", report, by=by, before=before)
    return report
