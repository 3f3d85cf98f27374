"""Absences of one person: what has been told, one more, one taken back."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import words
from app.declared import form_of
from app.provider.views.door import note_reading, own, portal
from app.web import actor, municipality_id, open_to, reading, refused, sentence, shown, writing
from core import dates
from core.actor import Role
from core.refusal import Missing, Refusal
from vouchers import actions
from vouchers.queries import attendance, disclosure
from vouchers.queries.workload import Served
from vouchers.rules import deviations as rules
from vouchers.rules import states


@portal.route("/participants/<int:leg_id>/deviations", methods=["GET", "POST"])
@open_to(Role.COACH, Role.MANAGER)
def deviations(leg_id: int) -> tuple[str, int] | Response:
    """What has been told of the person's absence, and one more."""
    today = dates.today()
    with reading() as session:
        person = own(session, leg_id)
        seen = disclosure.seen_at(session, municipality_id(), person, today)
        told = attendance.absences(session, municipality_id(), [leg_id]) if "reports" in seen else []
    note_reading(person)
    form = form_of("deviation", person.terms)
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                found = actions.tell_deviation(
                    session, leg_id, actions.DeviationForm(**form.answers), by=actor(), today=today
                )
            flash(_("Frånvaron %(day)s är anmäld.", day=words.day(found.happened_on)), "success")
            return redirect(url_for("provider.deviations", leg_id=leg_id))
    terms = person.terms.reports
    return shown(
        "provider/deviations.html",
        form,
        person=person,
        told=[(one, answer, states.deviation.can(one.state, "withdraw")) for one, answer in told],
        closed=_closed(person),
        minutes=terms.deviation_minutes if terms else 0,
        due_on=rules.due_on(today, terms) if terms else today,
        today=today,
    )


def _closed(person: Served) -> str | None:
    """Why nothing can be told of the person at all, or None."""
    try:
        rules.is_open(person.started_on, person.terms)
    except Refusal as refusal:
        return sentence(refusal)
    return None


@portal.post("/deviations/<int:deviation_id>/withdraw")
@open_to(Role.COACH, Role.MANAGER)
def withdraw_deviation(deviation_id: int) -> Response:
    """Take back an absence that was told wrongly."""
    with reading() as session:
        leg_id = attendance.deviation_leg(session, municipality_id(), deviation_id)
        if leg_id is None:
            raise Missing()
        own(session, leg_id)
    with writing() as session:
        actions.withdraw_deviation(session, deviation_id, by=actor(), today=dates.today())
    flash(_("Anmälan är tillbakatagen."), "success")
    return redirect(url_for("provider.deviations", leg_id=leg_id))
