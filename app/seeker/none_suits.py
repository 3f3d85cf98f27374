"""The answer that none of them suits: why, and then that somebody gets in touch."""

from __future__ import annotations

from flask import redirect, url_for
from flask_babel import get_locale
from werkzeug.wrappers import Response

from app.seeker.door import my_way, participant_id, portal
from app.seeker.forms import NoneSuitsForm
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import dates
from core.actor import Role
from vouchers import actions
from vouchers.queries.none_suits import said


@portal.route("/vouchers/<int:voucher_id>/none-suits", methods=["GET", "POST"])
@open_to(Role.SEEKER)
def none_suits(voucher_id: int) -> tuple[str, int] | Response:
    """Say that none suits, and why; the guide gets in touch. Afterwards, what was said and what comes now."""
    participant_id()
    with reading() as look:
        person, mine = my_way(look, voucher_id)
        answers = said(look, municipality_id(), voucher_id)
    form, locale = NoneSuitsForm(), str(get_locale())
    form.why.choices = [(one.code, one.title(locale)) for one in mine.terms.none_suits]
    if not mine.terms.none_suits:
        del form.why
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                why = (form.why.data or ()) if "why" in form else ()
                actions.say_none_suits(
                    session, voucher_id, why, form.words.data or "", by=actor(), at=dates.now()
                )
            return redirect(url_for("seeker.none_suits", voucher_id=voucher_id))
    waiting = next((one for one in answers if one.followed_up_on is None), None)
    return shown(
        "seeker/none_suits.html",
        form,
        person=person,
        way=mine,
        waiting=waiting if mine.state == "choice_open" else None,
        answers=answers,
        titles={one.code: one.title(locale) for one in mine.terms.none_suits},
        today=dates.today(),
    )
