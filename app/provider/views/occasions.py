"""Meetings and activities of one person: what has been held, one more, one taken back."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import words
from app.declared import form_of
from app.provider.views.door import note_reading, own, portal, workplace
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import dates
from core.actor import Role
from core.refusal import Missing
from vouchers import actions
from vouchers.queries import clock, disclosure
from vouchers.queries import occasions as held

PER_PAGE = 50


@portal.route("/participants/<int:leg_id>/occasions", methods=["GET", "POST"])
@open_to(Role.COACH, Role.MANAGER)
def occasions(leg_id: int) -> tuple[str, int] | Response:
    """What has been held with the person, and one more."""
    today, here = dates.today(), municipality_id()
    with reading() as session:
        person = own(session, leg_id)
        seen = disclosure.seen_at(session, here, person, today)
        told = held.occasions(session, here, leg_id) if "reports" in seen else []
        clocks = clock.of_people(session, here, workplace(), [person], today, leg_id=leg_id)
    note_reading(person)
    form = form_of("occasion", person.terms, data={"held_on": today, "is_physical": True})
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                found = actions.record_occasion(
                    session, leg_id, actions.OccasionForm(**form.answers), by=actor(), today=today
                )
            flash(_("Sparat: %(day)s.", day=words.day(found.held_on)), "success")
            return redirect(url_for("provider.occasions", leg_id=leg_id))
    pages = max(1, -(-len(told) // PER_PAGE))
    page = min(max(request.args.get("page", 1, int), 1), pages)
    return shown(
        "provider/occasions.html",
        form,
        person=person,
        told=told[(page - 1) * PER_PAGE : page * PER_PAGE],
        may_see="reports" in seen,
        countdowns=clocks.get(leg_id, ()),
        contract=person.terms.contract,
        page=page,
        pages=pages,
        today=today,
    )


@portal.post("/occasions/<int:occasion_id>/withdraw")
@open_to(Role.COACH, Role.MANAGER)
def withdraw_occasion(occasion_id: int) -> Response:
    """Take back an occasion that was wrong."""
    with reading() as session:
        leg_id = held.occasion_leg(session, municipality_id(), occasion_id)
        if leg_id is None:
            raise Missing()
        own(session, leg_id)
    with writing() as session:
        actions.withdraw_occasion(session, occasion_id, by=actor(), today=dates.today())
    flash(_("Tillfället är tillbakataget."), "success")
    return redirect(url_for("provider.occasions", leg_id=leg_id))
