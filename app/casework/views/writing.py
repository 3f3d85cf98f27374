"""Messages between a person and the guide: what waits for an answer, and one thread."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.casework import gate
from app.casework.forms import ReplyForm
from app.casework.views.portal import portal
from app.casework.waits import waited
from app.fields import plain
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import dates
from core.actor import Role
from vouchers.actions.writing import read_messages, settle_messages, write_message
from vouchers.queries import case as one
from vouchers.queries import messages as letters

PER_PAGE = 50


@portal.route("/messages")
@open_to(Role.GUIDE)
def messages() -> tuple[str, int]:
    """Who has written, what has waited longest first."""
    whose = "all" if request.args.get("whose") == "all" else "mine"
    guide_id = actor().account_id if whose == "mine" else None
    with reading() as session:
        threads = letters.inbox(session, municipality_id(), viewer_id=actor().account_id, guide_id=guide_id)
    pages = max(1, -(-len(threads) // PER_PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    return shown(
        "casework/messages.html",
        threads=threads[(page - 1) * PER_PAGE : page * PER_PAGE],
        waiting=sum(thread.since is not None for thread in threads),
        whose=whose,
        page=page,
        pages=pages,
        waited=waited,
        today=dates.today(),
    )


@portal.route("/people/<int:participant_id>/messages", methods=["GET", "POST"])
@open_to(Role.GUIDE)
def message(participant_id: int) -> tuple[str, int] | Response:
    """What one person and the guides have written, the newest last; an answer, or that none is needed."""
    with reading() as session:
        participant, guide = one.person(session, municipality_id(), participant_id)
    gate.enter(participant, guide, "message")
    form = ReplyForm()
    shown_last = form.seen.data or ""
    seen = int(shown_last) if shown_last.isdecimal() else None
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                if request.form.get("step") == "settle":
                    settle_messages(session, participant_id, by=actor(), at=dates.now(), seen=seen)
                else:
                    text = form.text.data or ""
                    write_message(session, participant_id, text, by=actor(), at=dates.now(), seen=seen)
            settled = request.form.get("step") == "settle"
            flash(_("Klart. Inget svar behövs.") if settled else _("Svaret är skickat."), "success")
            return redirect(url_for("casework.message", participant_id=participant_id))
    form.text.data = plain(form.text.data)
    with reading() as session:
        told = letters.thread(session, municipality_id(), participant_id)
        answer_by = letters.answered_by(session, municipality_id(), participant_id)
        vouchers = one.vouchers_of(session, municipality_id(), participant_id)
    waiting = [letter for letter in told if letter.from_person and letter.answered_at is None]
    form.seen.data = str(waiting[-1].id) if waiting else ""
    if any(letter.from_person and letter.read_at is None for letter in told):
        with writing() as session:
            read_messages(session, participant_id, by=actor(), at=dates.now())
    return shown(
        "casework/message.html",
        form,
        participant=participant,
        guide=guide,
        own=participant.guide_id == actor().account_id,
        told=told,
        answer_by=answer_by,
        voucher_id=vouchers[0].id if vouchers else None,
        today=dates.today(),
    )
