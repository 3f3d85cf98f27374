"""A guide reads a joint plan, an informative or a final report, and approves it or sends it back."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import words
from app.casework import gate
from app.casework.forms import JudgeForm
from app.casework.titles import Titles
from app.casework.views.portal import portal
from app.declared import answered
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import dates
from core.actor import Role
from vouchers import actions
from vouchers.queries import case as one
from vouchers.queries import written as queries
from vouchers.queries.terms import terms_of
from vouchers.rules import states


@portal.route("/written/<int:report_id>", methods=["GET", "POST"])
@open_to(Role.GUIDE, Role.INSPECTOR)
def written(report_id: int) -> tuple[str, int] | Response:
    """Read a written report; approve it, or say what is missing."""
    today = dates.today()
    with reading() as session:
        found, voucher_id = queries.written_one(session, municipality_id(), report_id)
        head = one.head(session, municipality_id(), voucher_id)
    gate.enter(head.participant, head.guide, "written")
    form = JudgeForm()
    if form.validate_on_submit():
        approves = form.answer.data == "approve"
        with refused(form):
            with writing() as session:
                if approves:
                    actions.approve_written(session, report_id, by=actor(), today=today)
                else:
                    comment = form.comment.data or ""
                    actions.return_written(session, report_id, comment, by=actor(), today=today)
            report = words.word(found.kind, "written")
            flash(
                _("%(report)s: godkänd.", report=report)
                if approves
                else _("%(report)s är tillbaka hos anordnaren.", report=report),
                "success",
            )
            return redirect(url_for("casework.case", voucher_id=voucher_id))
    with reading() as session:
        parts = one.parts(session, municipality_id(), voucher_id)
        told = queries.written_of(session, municipality_id(), [leg.id for leg in parts.legs])
        terms = terms_of(session, municipality_id(), head.rulebook.id)
        service = Titles(session).of(head)
    plan = next((row for row in told if row.kind == "joint_plan" and row.state != "withdrawn"), None)
    return shown(
        "casework/written.html",
        form,
        head=head,
        voucher=head.voucher,
        participant=head.participant,
        report=found,
        said=answered(found.kind, found.content, terms),
        plan=answered("joint_plan", plan.content, terms) if plan and plan.id != report_id else [],
        leg=parts.leg(found.leg_id),
        may_judge=actor().has(Role.GUIDE) and states.report.can(found.state, "approve"),
        service=service,
        today=today,
    )
