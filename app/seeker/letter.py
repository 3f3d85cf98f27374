"""The person's own letter, and the door from its code to the choice."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import codes, letters
from app.seeker.door import my_way, portal
from app.web import actor, municipality_id, open_to, reading, sentence, shown, writing
from core import dates
from core.actor import Role
from core.refusal import Refusal
from vouchers.actions.letters import open_letter as opened_by
from vouchers.queries import case
from vouchers.queries import letters as kept
from vouchers.queries.choices import code_of
from vouchers.rules.letter import read_code


@portal.route("/vouchers/<int:voucher_id>/letter")
@open_to(Role.SEEKER)
def letter(voucher_id: int) -> tuple[str, int]:
    """The letter that tells of the voucher, to read and to print."""
    today = dates.today()
    with reading() as look:
        person, _mine = my_way(look, voucher_id)
        head = case.head(look, municipality_id(), voucher_id)
        found = kept.paper(look, municipality_id(), voucher_id)
        spoken = letters.language(request.args.get("in"), str(get_locale() or "sv"))
        paper = letters.written(look, head, found, spoken, today) if found else None
    may_choose = head.voucher.state == "choice_open" and today <= head.voucher.choose_by
    return shown(
        "seeker/letter.html",
        person=person,
        paper=paper,
        service=code_of(head.voucher.scheme, head.voucher.service),
        may_choose=may_choose,
    )


@portal.route("/letters/<code>")
@open_to(Role.SEEKER)
def open_letter(code: str) -> tuple[str, int] | Response:
    """Somebody has signed in with a letter's code: straight on to the choice, if the letter is theirs."""
    at, form = dates.now(), codes.CodeForm()
    try:
        codes.refuse_locked(at)
        spelled = read_code(code)
        with writing() as session:
            opened = opened_by(session, spelled, by=actor(), at=at) if spelled else None
        if opened is None or opened.voucher_id is None:
            codes.missed(at)
            raise codes.wrong()
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        form.code.errors = [sentence(refusal)]
        return shown("public/letter.html", form)
    with reading() as look:
        person, mine = my_way(look, opened.voucher_id)
    if not opened.is_good:
        service = code_of(mine.scheme, mine.service.code)
        return shown(
            "seeker/letter_over.html", person=person, way=mine, service=service, today=dates.day_of(at)
        )
    if mine.state != "choice_open":
        flash(_("Du har redan valt. Här ser du vad som händer nu."), "info")
        return redirect(url_for("seeker.home"))
    if dates.day_of(at) > mine.choose_by:
        return redirect(url_for("seeker.home"))
    return redirect(url_for("public.compare", service=code_of(mine.scheme, mine.service.code)))
