"""The month's report: written in two minutes, mended when it comes back, taken back when it was wrong."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.declared import answered, form_of
from app.provider.views.door import month_of, note_reading, own, portal, workplace
from app.provider.views.drafting import fresh, keep, typed, wants_draft
from app.web import actor, municipality_id, open_to, reading, refused, sentence, shown, writing
from core import dates
from core.actor import Role
from core.database import Rows
from core.refusal import Missing, Refusal
from payouts.queries.worth import Wish, if_withdrawn, worth
from vouchers import actions
from vouchers.queries import attendance, served, workload, written
from vouchers.queries.month import Known, month_known
from vouchers.queries.workload import Served, Task
from vouchers.queries.written import Draft
from vouchers.rules import reporting, states


@portal.route("/participants/<int:leg_id>/report/<int:month>", methods=["GET", "POST"])
@open_to(Role.COACH, Role.MANAGER)
def report(leg_id: int, month: int) -> tuple[str, int] | Response:
    """Report one month of one person, or keep what has been typed until later."""
    today, first_day = dates.today(), month_of(month)
    with reading() as session:
        person = own(session, leg_id)
        told = served.reports(session, municipality_id(), leg_id)
        tasks = workload.week(session, municipality_id(), workplace(), today, viewer=actor()).tasks
        values = worth(session, municipality_id(), [_wish(person, first_day)] if person.started_on else [])
        draft = written.draft_of(session, municipality_id(), leg_id, "monthly", month)
        known = month_known(session, municipality_id(), leg_id, first_day)
        found_wrong = attendance.found_wrong(session, municipality_id(), leg_id, first_day)
    note_reading(person)
    here = _living(told, first_day)
    draft = fresh(draft, here)
    form = form_of("monthly", person.terms, data=_filled(draft, here, known), fixed={"month": first_day})
    following = _next(tasks, leg_id, first_day)
    refusal = _refusal(person, first_day, here, today)
    if wants_draft():
        if keep(form, leg_id, "monthly", month, refusal):
            return redirect(url_for("provider.report", leg_id=leg_id, month=month))
    elif form.validate_on_submit():
        with refused(form):
            with writing() as session:
                told_now = actions.ReportForm(**form.answers)
                actions.submit_report(session, leg_id, told_now, by=actor(), today=today)
            flash(_("Rapporten är inskickad. Nu granskas den."), "success")
            return redirect(_onwards(leg_id, following))
    elif refusal and request.method == "POST":
        form.form_errors.append(sentence(refusal))
    return shown(
        "provider/report.html",
        form,
        person=person,
        month=first_day,
        due_on=reporting.due_on(first_day, person.terms),
        today=today,
        here=here,
        said=answered("monthly", here._asdict(), person.terms) if here else [],
        draft=draft,
        known=known,
        found_wrong=found_wrong,
        may_write=refusal is None,
        refusal=sentence(refusal) if refusal else None,
        before=_before(told, first_day),
        values=values[0] if values else (),
        following=following,
        left=sum(task.kind in ("report", "mend") for task in tasks),
    )


def _wish(person: Served, month: date) -> Wish:
    return Wish(
        rulebook_id=person.rulebook_id,
        service=person.service,
        level=person.level,
        months=person.months,
        first_on=person.first_on,
        started_on=person.started_on or month,
        ended_on=person.ended_on,
        month=month,
        paused=person.pauses,
    )


def _refusal(person: Served, month: date, here: Any, today: date) -> Refusal | None:
    """Why the month cannot be handed in today, whatever is said of it; None when it can."""
    if here is not None and not states.report.can(here.state, "submit"):
        return reporting.already()
    return workload.refusal_to_report(person, month, today)


def _living(told: Rows, month: date) -> Any:
    """The month's report that has not been taken back, or None."""
    return next((row for row in told if row.month == month and row.state != "withdrawn"), None)


def _before(told: Rows, month: date) -> Any:
    """The report before this month's, with the next step it promised, or None."""
    return next((row for row in told if row.month < month and row.state != "withdrawn"), None)


def _filled(draft: Draft | None, here: Any, known: Known) -> dict[str, Any]:
    """What stands in the form from the start: the draft, else the report that came back to be mended, else
    what the month's meetings come to."""
    if draft is not None:
        return typed(draft.content)
    if here is not None and here.state == "returned":
        return {**here._asdict(), "activities": here.activities.split()}
    return asdict(known) if known.held else {}


def _next(tasks: tuple[Task, ...], leg_id: int, month: date) -> Task | None:
    """The report to write after this one."""
    reports = [task for task in tasks if task.kind in ("report", "mend")]
    place = next(
        (n for n, task in enumerate(reports) if (task.served.leg_id, task.month) == (leg_id, month)), -1
    )
    others = reports[place + 1 :] + reports[: max(place, 0)]
    return others[0] if others else None


def _onwards(leg_id: int, following: Task | None) -> str:
    if "next" in request.form and following and following.month:
        code = dates.month_code(following.month)
        return url_for("provider.report", leg_id=following.served.leg_id, month=code)
    return url_for("provider.participant", leg_id=leg_id)


@portal.route("/reports/<int:report_id>/withdraw", methods=["GET", "POST"])
@open_to(Role.COACH, Role.MANAGER)
def withdraw_report(report_id: int) -> str | Response:
    """Say what taking a report back does to the money, and do it."""
    today = dates.today()
    with reading() as session:
        leg_id = served.report_leg(session, municipality_id(), report_id)
        if leg_id is None:
            raise Missing()
        person = own(session, leg_id)
        told = served.reports(session, municipality_id(), leg_id)
        effect = if_withdrawn(session, municipality_id(), person.voucher_id, report_id, today)
    note_reading(person)
    here = next(row for row in told if row.id == report_id)
    if request.method == "POST":
        with writing() as session:
            actions.withdraw_report(session, report_id, by=actor(), today=today)
        flash(_("Rapporten är tillbakatagen."), "success")
        return redirect(url_for("provider.participant", leg_id=leg_id))
    return render_template(
        "provider/withdraw_report.html",
        person=person,
        here=here,
        effect=effect,
        may=states.report.can(here.state, "withdraw"),
        again=workload.refusal_to_report(person, here.month, today) is None,
    )
