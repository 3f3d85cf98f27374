"""Saying no to somebody who has chosen the provider: for the rulebook's reasons, and no other."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import words
from app.provider.forms import DeclineForm
from app.provider.views.door import note_reading, own, portal
from app.web import actor, municipality_id, open_to, reading, refused, sentence, shown, writing
from core import dates
from core.actor import Role
from core.database import fetch
from vouchers import actions
from vouchers.actions.choices import grounds
from vouchers.models import Leg
from vouchers.rules import choice, declining, states


@portal.route("/participants/<int:leg_id>/decline", methods=["GET", "POST"])
@open_to(Role.COACH, Role.MANAGER)
def decline(leg_id: int) -> tuple[str, int] | Response:
    """Why, of the reasons that go today; the person is told, and chooses again."""
    today = dates.today()
    with reading() as session:
        person = own(session, leg_id)
        leg = fetch(session, Leg, municipality_id(), leg_id)
        known = grounds(session, leg, person.terms, today)
    locale = str(get_locale())
    form = DeclineForm()
    form.reason.choices = [(one.code, one.title(locale)) for one in person.terms.refusal_reasons]
    if not person.terms.refusal_reasons:
        del form.reason
    if form.validate_on_submit():
        reason = str(form.reason.data) if "reason" in form else None
        with refused(form):
            with writing() as session:
                actions.decline(session, leg_id, reason, by=actor(), today=today)
            flash(_("Ni har tackat nej. %(name)s får välja på nytt.", name=person.name), "success")
            return redirect(url_for("provider.week"))
    note_reading(person)
    return shown(
        "provider/decline.html",
        form,
        person=person,
        may_answer=person.ended_on is None and states.voucher.can(person.state, "decline"),
        needs={code: words.word(code, "decline_needs") for code in known.reasons},
        closed={code: sentence(why) for code, why in declining.closed_reasons(known).items()},
        new_window=choice.choose_by(today, person.terms),
        today=today,
    )
