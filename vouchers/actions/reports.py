"""A provider reports a month; a guide approves or returns it; it can be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch
from core.dates import month_code
from core.refusal import Refusal
from vouchers.actions.choices import own_leg
from vouchers.actions.drafts import drop_draft
from vouchers.models import Report, Voucher
from vouchers.queries.terms import terms_of
from vouchers.rules import fields, reporting, states
from vouchers.rules.terms import Terms


@dataclass(frozen=True)
class ReportForm:
    """A month as the provider tells it, by the names of `fields.MONTHLY`; `ReportForm(**values)` of what
    `fields.read_all` found. Times in minutes.

    `booked_minutes` is None where nobody said it: then as long as the person was there. `via` is the door.
    """

    month: date
    activity_minutes: int
    meetings: int
    physical_meetings: int
    progress: str
    next_step: str
    next_step_on: date
    booked_minutes: int | None = None
    physical_minutes: int = 0
    activities: tuple[str, ...] = ()
    against_plan: str = "as_planned"
    via: str = "page"

    def checked(self, terms: Terms) -> Mapping[str, Any]:
        """The values by field. Raises the first of what the declared fields refuse."""
        told = {field.name: getattr(self, field.name) for field in fields.of("monthly", terms)}
        if self.booked_minutes is None:
            told["booked_minutes"] = self.activity_minutes
        values, faults = fields.read_all("monthly", told, terms)
        for refusal in faults.values():
            raise refusal
        return values


def submit_report(session: Session, leg_id: int, form: ReportForm, *, by: Actor, today: date) -> Report:
    """Hand in a month's report, or the mended one after a return. One living report a month."""
    leg = own_leg(session, leg_id, by)
    voucher = fetch(session, Voucher, by.municipality_id, leg.voucher_id)
    terms = terms_of(session, by.municipality_id, voucher.rulebook_id)
    values = form.checked(terms)
    month = values["month"]
    report = session.scalar(
        select(Report).where(
            Report.municipality_id == by.municipality_id,
            Report.leg_id == leg.id,
            Report.month == month,
            Report.state != "withdrawn",
        )
    )
    late = reporting.check_month(
        values,
        started_on=leg.started_on,
        ended_on=leg.ended_on,
        living=report.state if report else None,
        terms=terms,
        today=today,
    )
    if report is None:
        report = Report(municipality_id=by.municipality_id, leg_id=leg.id, month=month, state="draft")
        session.add(report)
    report.state = states.report.after(report.state, "submit")
    for name, value in values.items():
        setattr(report, name, " ".join(value) if isinstance(value, tuple) else value)
    report.via = form.via
    report.submitted_by, report.submitted_on = by.account_id, today
    report.judged_by, report.judged_on = None, None
    report.is_late = late
    drop_draft(session, by.municipality_id, leg.id, "monthly", month_code(month))
    audit.record(session, "report.submitted", report, by=by, month=month, late=late, via=form.via)
    return report


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
