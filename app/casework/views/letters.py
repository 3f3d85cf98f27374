"""The voucher's letter: shown, printed, made anew, and found by its code."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app import codes, letters
from app.casework import gate
from app.casework.views.portal import portal
from app.web import actor, municipality_id, open_to, reading, refused, sentence, shown, writing
from core import dates
from core.actor import Role
from core.refusal import Refusal
from vouchers.actions.letters import find_by_code, make_letter
from vouchers.queries import case as one
from vouchers.queries import letters as kept
from vouchers.rules.deciding import OVER
from vouchers.rules.letter import read_code


@portal.route("/cases/<int:voucher_id>/letter", methods=["GET", "POST"])
@open_to(Role.GUIDE)
def letter(voucher_id: int) -> tuple[str, int] | Response:
    """The letter as it prints, in the person's language; a press makes it, or makes a new one."""
    today, form = dates.today(), FlaskForm()
    with reading() as session:
        head = one.head(session, municipality_id(), voucher_id)
    gate.enter(head.participant, head.guide, "letter")
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                make_letter(session, voucher_id, by=actor(), at=dates.now())
            flash(_("Brevet är klart. Skriv ut det, eller visa det för personen."), "success")
            return redirect(url_for("casework.letter", voucher_id=voucher_id))
    spoken = letters.language(request.args.get("in"), head.participant.language)
    with reading() as session:
        found = kept.paper(session, municipality_id(), voucher_id)
        paper = letters.written(session, head, found, spoken, today) if found else None
        is_locked = kept.is_locked(session, municipality_id(), voucher_id)
    return shown(
        "casework/letter.html",
        form,
        head=head,
        participant=head.participant,
        found=found,
        paper=paper,
        spoken=spoken,
        is_locked=is_locked,
        is_over=head.voucher.state in OVER,
        today=today,
    )


@portal.route("/letters", methods=["GET", "POST"])
@open_to(Role.GUIDE)
def find_letter() -> tuple[str, int] | Response:
    """Type the code of a letter with the person present, and choose together."""
    form = codes.CodeForm()
    if form.validate_on_submit():
        try:
            with writing() as session:
                voucher = find_by_code(session, form.code.data or "", by=actor(), today=dates.today())
        except Refusal as refusal:
            _note(form.code.data or "")
            form.code.errors = [sentence(refusal)]
        else:
            return redirect(url_for("casework.choose_for", voucher_id=voucher.id))
    return shown("casework/find_letter.html", form)


def _note(typed: str) -> None:
    """Note that somebody tried the letter of a protected person who is not theirs."""
    code = read_code(typed)
    with reading() as session:
        row = kept.whose(session, municipality_id(), code) if code else None
    if row is not None:
        gate.may_find(row)
