"""The bank: the file that left, and the answer that came back."""

from __future__ import annotations

from flask import Response as FileResponse
from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.finance.forms import AnswerForm
from app.finance.views.door import portal
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import dates
from core.actor import Role
from core.database import fetch
from core.refusal import Missing
from payouts import actions
from payouts.actions.answers import Read
from payouts.models import Batch


@portal.route("/batches/<int:batch_id>/document")
@open_to(Role.MAKER, Role.SIGNER)
def document(batch_id: int) -> FileResponse:
    """The bank's file as it was sent."""
    with reading() as session:
        made = fetch(session, Batch, municipality_id(), batch_id)
    if made.document is None:
        raise Missing()
    name = f'attachment; filename="{batch_id}.xml"'
    return FileResponse(made.document, mimetype="application/xml", headers={"Content-Disposition": name})


@portal.route("/answer", methods=["GET", "POST"])
@open_to(Role.MAKER)
def answer() -> tuple[str, int] | Response:
    """Read the bank's answer from a file. The same answer twice changes nothing."""
    form = AnswerForm()
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                read = actions.read_answer(session, form.document, by=actor(), at=dates.now())
            flash(_said(read), _kind(read))
            return redirect(url_for("finance.batch", batch_id=read.batch_id))
    return shown("finance/answer.html", form)


def _said(read: Read) -> str:
    if not read.is_new:
        return _("Svaret är redan läst. Inget har ändrats.")
    told = _(
        "Svaret är läst: %(yes)s godkända, %(no)s nekade, %(wait)s utan besked.",
        yes=read.accepted,
        no=read.rejected,
        wait=read.pending,
    )
    strange = _("%(count)s passar inte på någon betalning.", count=read.unmatched)
    return f"{told} {strange}" if read.unmatched else told


def _kind(read: Read) -> str:
    if not read.is_new:
        return "info"
    return "warning" if read.rejected or read.unmatched else "success"
