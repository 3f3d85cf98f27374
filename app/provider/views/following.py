"""Later on, and how it has gone: what a provider answers when a case opens, and its own results."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.definitions import PARTS, TEXTS, TITLES, gathered
from app.oversight import telling
from app.provider.following_forms import FollowUpForm
from app.provider.views.door import note_reading, own, portal, workplace
from app.provider.views.results import values_of
from app.timeline import check_title
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import dates
from core.actor import Role
from payouts.queries.worth import of_check
from vouchers.actions.following import answer_follow_up
from vouchers.queries import following, proof
from vouchers.queries.following import FollowUp
from vouchers.rules import disclosure
from vouchers.rules.outcomes import figure

PER_PAGE = 50
MINIMUM = 10
"""Fewer people than this say nothing, where no rulebook is there to ask."""


@portal.route("/checks/<int:check_id>", methods=["GET", "POST"])
@open_to(Role.COACH, Role.MANAGER)
def follow_up(check_id: int) -> tuple[str, int] | Response:
    """Say whether it held until the case's day; what shows it is put with the result."""
    today = dates.today()
    with reading() as session:
        ours = workplace()
        person = own(session, following.leg_of(session, municipality_id(), check_id))
        found = following.own_follow_up(session, municipality_id(), ours, check_id, today, viewer=actor())
        values = values_of(session, person, found.starts_on)
        evidence = [
            row for row in proof.evidence(session, municipality_id(), found.outcome_id) if row.is_ours == ours
        ]
    note_reading(person)
    form = FollowUpForm.about(
        {"still": _("Ja"), "ended": _("Nej, det hade slutat")}, answer=found.answer, last_on=found.last_on
    )
    if form.validate_on_submit():
        with refused(form):
            answer, last_on = form.read()
            with writing() as session:
                answer_follow_up(session, check_id, answer, last_on, by=actor(), today=today)
            flash(_("Svaret är sparat. Kommunen prövar det."), "success")
            return redirect(url_for("provider.follow_up", check_id=check_id))
    return shown(
        "provider/follow_up.html",
        form,
        person=person,
        found=found,
        title=check_title(found.purpose, found.part),
        value=of_check(values, found.purpose, found.part),
        evidence=evidence,
        may_answer=found.state == "due" and found.stands and found.opens_on <= today,
        today=today,
    )


@portal.route("/results")
@open_to(Role.COACH, Role.MANAGER)
def results() -> str:
    """The provider's own results by three definitions, and the dated cases that come."""
    today, place = dates.today(), workplace()
    with reading() as session:
        cases = [
            one
            for one in following.follow_ups(session, municipality_id(), place, today, viewer=actor())
            if one.waits or _may_see(one, today)
        ]
        found = gathered(session, municipality_id(), today, provider_id=place)
    which = "done" if request.args.get("show") == "done" else "open"
    chosen = [one for one in cases if (one.state == "due") == (which == "open")]
    if which == "done":
        chosen.reverse()
    pages = max(1, -(-len(chosen) // PER_PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    minimum = min((one.terms.minimum_count for one in cases), default=MINIMUM)
    return render_template(
        "provider/results.html",
        cases=chosen[(page - 1) * PER_PAGE : page * PER_PAGE],
        which=which,
        waiting=sum(one.waits for one in cases),
        check_title=check_title,
        page=page,
        pages=pages,
        lines=found.by_year(),
        chances={name: figure(found.tally(name), minimum).chance for name in PARTS},
        tallies={name: found.tally(name) for name in PARTS},
        parts=PARTS,
        names=TITLES,
        texts=TEXTS,
        said=telling.said,
        today=today,
    )


def _may_see(one: FollowUp, today: date) -> bool:
    """Whether the agreement still lets the provider see results of somebody who has left."""
    ground = disclosure.may_see(
        "results", one.terms.disclosure, consent_stands=False, left_on=one.left_on, today=today
    )
    return ground is not None
