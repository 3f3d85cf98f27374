"""A batch: seen, signed by two, stopped or sent."""

from __future__ import annotations

import logging

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.finance.forms import AnswerForm, LookForm, VoidForm
from app.finance.views.door import portal
from app.web import actor, municipality_id, open_to, reading, refused, settings, shown, writing
from core import dates
from core.actor import Role
from core.database import Municipality, fetch
from core.refusal import Refusal
from payouts import actions
from payouts.actions.batches import Debtor
from payouts.models import Batch
from payouts.queries import batches, desk, review
from payouts.queries.waiting import waiting
from payouts.rules.batches import SENT_STATES
from payouts.rules.batches import batch as life

log = logging.getLogger(__name__)


@portal.route("/batches/<int:batch_id>")
@open_to(Role.MAKER, Role.SIGNER)
def batch(batch_id: int) -> str:
    """Sum, change and why, what is unusual, who has signed, and what may be done next."""
    return _page(batch_id, LookForm(formdata=None))[0]


def _page(batch_id: int, look_form: LookForm) -> tuple[str, int]:
    owner = municipality_id()
    with reading() as session:
        made = fetch(session, Batch, owner, batch_id)
        signed = batches.signatures(session, owner, batch_id)
        context = {
            "made": made,
            "maker": batches.maker(session, owner, made.made_by),
            "signed": signed,
            "turn": review.turn(made.state, made.made_by, [one.account_id for one in signed], actor()),
            "review": review.review(session, owner, made),
            "statements": batches.statements(session, owner, batch_id),
            "strange": desk.unmatched_answers(session, owner, batch_id),
            "examples": desk.shows_examples(session, owner),
            "gates": batches.gate_outcomes(session, owner, batch_id),
            "looker": batches.maker(session, owner, made.looked_by) if made.looked_by else "",
            "follows": session.get(Batch, (owner, made.follows_batch_id)) if made.follows_batch_id else None,
            "follow_ups": batches.follow_ups(session, owner, batch_id),
            "left_ore": _left(session, made),
        }
    may_answer = actor().has(Role.MAKER) and made.document is not None
    return shown(
        "finance/batch.html",
        look_form,
        answer_form=AnswerForm(formdata=None),
        may_answer=may_answer,
        may_follow=actor().has(Role.MAKER),
        **context,
    )


def _left(session: Session, made: Batch) -> int:
    """What a follow-up of the batch could pay, in öre; 0 for one that is not sent."""
    if made.state not in SENT_STATES:
        return 0
    rows = waiting(session, made.municipality_id, follows=made.id)
    return sum(row.net_ore for row in rows if not row.held and row.net_ore > 0)


@portal.post("/batches/<int:batch_id>/look-into")
@open_to(Role.MAKER, Role.SIGNER)
def look_into(batch_id: int) -> tuple[str, int] | Response:
    """Let a parked batch go on, with what one has found."""
    form = LookForm()
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                seen = request.form.get("seen", "")
                actions.look_into(
                    session, batch_id, form.reasons.data or "", seen, by=actor(), at=dates.now()
                )
            flash(_("Utbetalningen går vidare. Nu ska två personer skriva under."), "success")
            return redirect(url_for("finance.batch", batch_id=batch_id))
    return _page(batch_id, form)


@portal.post("/batches/<int:batch_id>/sign")
@open_to(Role.SIGNER)
def sign(batch_id: int) -> Response:
    """Sign what the page showed."""
    with writing() as session:
        made = actions.sign(session, batch_id, request.form.get("seen", ""), by=actor(), at=dates.now())
    if made.state == "approved":
        flash(_("Du har skrivit under. Nu kan utbetalningen skickas."), "success")
    else:
        flash(_("Du har skrivit under. Nu ska en person till göra det."), "success")
    return redirect(url_for("finance.batch", batch_id=batch_id))


@portal.route("/batches/<int:batch_id>/void", methods=["GET", "POST"])
@open_to(Role.MAKER, Role.SIGNER)
def void(batch_id: int) -> tuple[str, int] | Response:
    """Stop a batch before it is sent, with a reason."""
    with reading() as session:
        made = fetch(session, Batch, municipality_id(), batch_id)
        signed = batches.signatures(session, municipality_id(), batch_id)
    form = VoidForm()
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                actions.void(session, batch_id, form.reason.data or "", by=actor())
            flash(_("Utbetalningen är stoppad. Raderna väntar på nästa."), "success")
            return redirect(url_for("finance.batch", batch_id=batch_id))
    return shown("finance/void.html", form, made=made, signed=signed, may=life.can(made.state, "void"))


@portal.post("/batches/<int:batch_id>/send")
@open_to(Role.MAKER)
def send(batch_id: int) -> Response:
    """Write the bank's file and hand it over; should that fail, the timetable does it within a minute."""
    known = settings()
    with writing() as session:
        owner = session.get_one(Municipality, municipality_id())
        debtor = Debtor(owner.name, owner.organisation_number, known.debtor_iban, known.debtor_bic)
        made = actions.send(session, batch_id, debtor, by=actor(), at=dates.now())
    if made.document is None:
        flash(_("Utbetalningen är klar. Inget skulle betalas, så ingen fil skickades."), "success")
        return redirect(url_for("finance.batch", batch_id=batch_id))
    try:
        with writing() as session:
            actions.hand_over(session, batch_id, known.outbox, by=actor(), at=dates.now())
    except (OSError, Refusal):
        log.exception("the file of batch %s is made but not handed over; the timetable tries again", made.id)
        flash(_("Filen är gjord men inte överlämnad än. Ett nytt försök görs inom en minut."), "warning")
    else:
        flash(_("Filen är överlämnad till banken. Svaret kommer hit."), "success")
    return redirect(url_for("finance.batch", batch_id=batch_id))
