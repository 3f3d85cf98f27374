"""Joint plan, informative and final report: written, kept as a draft, sent, mended, taken back."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import words
from app.declared import answered, form_of
from app.provider.views.door import note_reading, own, portal
from app.provider.views.drafting import fresh, keep, typed, wants_draft
from app.web import actor, municipality_id, open_to, reading, refused, sentence, shown, writing
from core import dates
from core.actor import Role
from core.database import Rows
from core.refusal import Missing, Refusal
from vouchers import actions
from vouchers.queries import disclosure
from vouchers.queries import written as queries
from vouchers.queries.workload import Served
from vouchers.queries.written import Draft
from vouchers.rules import reports, states
from vouchers.rules.reports import Stay
from vouchers.rules.told import WRITTEN_KINDS


@portal.route("/participants/<int:leg_id>/written/<kind>", methods=["GET", "POST"])
@open_to(Role.COACH, Role.MANAGER)
def written(leg_id: int, kind: str) -> tuple[str, int] | Response:
    """Write one of the reports that are not of a month. With `n` an informative one is read or mended."""
    if kind not in WRITTEN_KINDS:
        raise Missing()
    today, number = dates.today(), request.args.get("n", type=int)
    with reading() as session:
        person = own(session, leg_id)
        told = queries.written_of(session, municipality_id(), [leg_id])
        here = _here(told, kind, number)
        about = str(number or "")
        draft = fresh(queries.draft_of(session, municipality_id(), leg_id, kind, about), here)
        stay = queries.stay_of(session, municipality_id(), leg_id, today)
        seen = disclosure.seen_at(session, municipality_id(), person, today)
    note_reading(person)
    form = form_of(kind, person.terms, data=_filled(kind, draft, here, stay))
    refusal = _refusal(kind, person, stay, here)
    if wants_draft():
        if keep(form, leg_id, kind, about, refusal):
            return redirect(url_for("provider.written", leg_id=leg_id, kind=kind, n=number))
    elif form.validate_on_submit():
        with refused(form):
            faults = reports.against_stay(kind, form.answers, stay, today) if stay.started_on else {}
            for name, fault in faults.items():
                form.fault(name, fault)
            if not faults:
                with writing() as session:
                    actions.submit_written(
                        session, leg_id, kind, form.answers, by=actor(), today=today, report_id=number
                    )
                flash(
                    _("%(report)s är inskickad. Nu läser kommunen.", report=words.word(kind, "written")),
                    "success",
                )
                return redirect(url_for("provider.participant", leg_id=leg_id))
    elif refusal and request.method == "POST":
        form.form_errors.append(sentence(refusal))
    return shown(
        "provider/written.html",
        form,
        person=person,
        kind=kind,
        here=here if "reports" in seen else None,
        said=answered(kind, here.content, person.terms) if here and "reports" in seen else [],
        draft=draft,
        due_on=_due_on(kind, person, stay, today),
        last_on=stay.planned_on,
        may_write=refusal is None,
        refusal=sentence(refusal) if refusal else None,
        others=[row for row in told if row.kind == kind and (here is None or row.id != here.id)],
        today=today,
    )


def _here(told: Rows, kind: str, number: int | None) -> Any:
    """The report that is read or mended: the one with that number, or the only one of its kind."""
    if number is not None:
        found = [row for row in told if row.id == number and row.kind == kind]
        if not found:
            raise Missing()
        return found[0]
    if kind == "informative":
        return None
    return next((row for row in told if row.kind == kind and row.state != "withdrawn"), None)


def _filled(kind: str, draft: Draft | None, here: Any, stay: Stay) -> dict[str, Any]:
    """What stands in the form from the start: the draft, what came back, or the last day that is known."""
    if draft is not None:
        return typed(draft.content)
    if here is not None and here.state == "returned":
        return typed(here.content)
    return {"ended_on": stay.ended_on} if kind == "final" and stay.ended_on else {}


def _due_on(kind: str, person: Served, stay: Stay, today: date) -> date | None:
    """The last day, from when the report is asked for."""
    due = reports.due_on(kind, stay, person.terms.reports) if person.terms.reports else None
    return due if due and reports.opens_on(kind, stay, due) <= today else None


def _refusal(kind: str, person: Served, stay: Stay, here: Any) -> Refusal | None:
    """Why it cannot be written today, or None when it can."""
    try:
        reports.may_write(
            kind,
            stay=stay,
            living=here.state if here else None,
            terms=person.terms.reports,
            latest_months=person.terms.report_latest_months,
            today=dates.today(),
        )
    except Refusal as refusal:
        return refusal
    return None


@portal.route("/written/<int:report_id>/withdraw", methods=["GET", "POST"])
@open_to(Role.COACH, Role.MANAGER)
def withdraw_written(report_id: int) -> str | Response:
    """Say what taking a written report back means, and do it."""
    with reading() as session:
        leg_id = queries.written_leg(session, municipality_id(), report_id)
        if leg_id is None:
            raise Missing()
        person = own(session, leg_id)
        told = queries.written_of(session, municipality_id(), [leg_id])
    note_reading(person)
    here = next(row for row in told if row.id == report_id)
    if request.method == "POST":
        with writing() as session:
            actions.withdraw_written(session, report_id, by=actor(), today=dates.today())
        flash(_("Rapporten är tillbakatagen."), "success")
        return redirect(url_for("provider.participant", leg_id=leg_id))
    return render_template(
        "provider/withdraw_written.html",
        person=person,
        here=here,
        may=states.report.can(here.state, "withdraw"),
        today=dates.today(),
    )
