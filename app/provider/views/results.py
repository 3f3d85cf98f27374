"""How it ended: a result is claimed, or the service ends without one."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.provider.forms import EndForm, OutcomeForm
from app.provider.views.door import note_reading, own, portal
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import dates
from core.actor import Role
from payouts.queries.worth import Value, Wish, worth
from vouchers import actions
from vouchers.queries.workload import Served
from vouchers.rules import states


@portal.route("/participants/<int:leg_id>/outcome", methods=["GET", "POST"])
@open_to(Role.COACH, Role.MANAGER)
def outcome(leg_id: int) -> tuple[str, int] | Response:
    """Claim what the service led to."""
    today = dates.today()
    with reading() as session:
        person = own(session, leg_id)
        values = values_of(session, person, today)
    note_reading(person)
    form = OutcomeForm.about(person, starts_on=today, last_day=today)
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                claimed = actions.claim_outcome(session, leg_id, form.read(person), by=actor(), today=today)
            flash(_("Resultatet är anmält. Lämna nu ett underlag, så kan kommunen godkänna det."), "success")
            return redirect(url_for("provider.outcome_evidence", outcome_id=claimed.id))
    return shown("provider/outcome.html", form, person=person, values=values, today=today)


def values_of(session: Session, person: Served, began_on: date) -> tuple[Value, ...]:
    """What a result that began that day gives, with what may follow."""
    if person.started_on is None:
        return ()
    wish = Wish(
        rulebook_id=person.rulebook_id,
        service=person.service,
        level=person.level,
        months=person.months,
        first_on=person.first_on,
        started_on=person.started_on,
        ended_on=person.ended_on,
        began_on=began_on,
    )
    return worth(session, municipality_id(), [wish])[0]


@portal.route("/participants/<int:leg_id>/end", methods=["GET", "POST"])
@open_to(Role.COACH, Role.MANAGER)
def end(leg_id: int) -> tuple[str, int] | Response:
    """End the service."""
    today = dates.today()
    with reading() as session:
        person = own(session, leg_id)
    note_reading(person)
    form = EndForm(ended_on=today)
    if form.validate_on_submit() and form.ended_on.data:
        with refused(form):
            with writing() as session:
                actions.end_service(
                    session, leg_id, form.ended_on.data, form.reason.data, by=actor(), today=today
                )
            flash(_("Insatsen är avslutad. Rapportera månaderna som är kvar."), "success")
            return redirect(url_for("provider.participant", leg_id=leg_id))
    may_end = (
        person.ended_on is None and person.accepted_on is not None and states.voucher.can(person.state, "end")
    )
    return shown("provider/end.html", form, person=person, today=today, may_end=may_end)
