"""The end: a plan for every running customer in one step, and the closing."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any, cast

from flask import flash, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from wtforms import RadioField

from app.casework.door import entered
from app.casework.life_forms import PlanForm, ReasonsForm, for_customers
from app.casework.titles import Titles
from app.casework.views.accreditation import Page, back, look
from app.casework.views.portal import portal
from app.lives import Life
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from app.wording import WORDS
from core import dates
from core.actor import Role
from core.database import fetch
from payouts.queries.batches import waiting
from providers import actions as registry
from providers.models import Accreditation
from providers.rules import ENDED_STATES
from providers.rules import accreditation as life
from providers.rules.sanctions import WINDING_PLANS
from vouchers import actions
from vouchers.actions import Plan
from vouchers.queries import winding
from vouchers.queries.winding import Customer

SAME = "same"


@portal.route("/accreditations/<int:accreditation_id>/wind-down", methods=["GET", "POST"])
@open_to(Role.INSPECTOR)
def accreditation_wind_down(accreditation_id: int) -> Page:
    """Every running customer with a plan each: first what it means, then it is done for all at once."""
    told = look(
        accreditation_id,
        lambda told: told.accreditation.state in ENDED_STATES and told.accreditation.state != "closed",
    )
    with reading() as session:
        people = winding.customers(session, municipality_id(), accreditation_id, viewer_id=actor().account_id)
        titles = Titles(session)
        services = {one.leg_id: titles(one.rulebook_id, one.service, one.level) for one in people}
    form = _form(people)
    asked, preview = request.form.get("step"), None
    if asked != "change" and form.validate_on_submit():
        plans = _plans(form, people)
        if not form.errors:
            with refused(form):
                with writing() as session:
                    _do(session, told, plans, dates.today())
                    if asked != "decide":
                        session.rollback()
                if asked == "decide":
                    flash(_said(plans), "success")
                    return back(accreditation_id)
                preview = [(one, plans[one.leg_id]) for one in people]
    return shown(
        "casework/accreditation_wind_down.html",
        form,
        told=told,
        accreditation=told.accreditation,
        people=people,
        services=services,
        preview=preview,
        counts=Counter(plan.kind for _one, plan in preview or ()),
        today=dates.today(),
    )


def _form(people: list[Customer]) -> PlanForm:
    form = for_customers([one.leg_id for one in people])()
    words = {code: WORDS[f"winding_plan.{code}"] for code in WINDING_PLANS}
    form.every.choices = list(words.items())
    for one in people:
        field = cast("RadioField", form[f"plan_{one.leg_id}"])
        own = [(code, text) for code, text in words.items() if one.started_on or code != "stay"]
        field.choices = [(SAME, _("Samma som för alla")), *own] if len(people) > 1 else own
        if not request.form:
            field.data = one.plan or SAME
            form[f"to_on_{one.leg_id}"].data = one.plan_to_on
    return form


def _plans(form: PlanForm, people: list[Customer]) -> dict[int, Plan]:
    """What was chosen for each; the fields say what is missing."""
    plans: dict[int, Plan] = {}
    for one in people:
        own, day = form[f"plan_{one.leg_id}"], form[f"to_on_{one.leg_id}"]
        kind = own.data if own.data in WINDING_PLANS else form.every.data
        to_on = day.data if own.data in WINDING_PLANS else (day.data or form.every_to_on.data)
        if kind not in WINDING_PLANS:
            own.errors = [*own.errors, _("Välj en plan.")]
        elif kind == "stay" and one.started_on is None:
            own.errors = [*own.errors, _("Den som inte har börjat kan inte stanna. Välj något annat.")]
        elif kind == "stay" and to_on is None:
            day.errors = [*day.errors, _("Skriv vilken dag personen går där till.")]
        else:
            plans[one.leg_id] = Plan(kind, to_on if kind == "stay" else None)
    return plans


def _do(session: Session, told: Life, plans: dict[int, Plan], today: date) -> None:
    accreditation = entered(session, told.accreditation.id)
    if plans:
        actions.plan_for_customers(session, accreditation.id, plans, by=actor(), today=today)
    if life.can(accreditation.state, "wind_down"):
        left = winding.unplanned(session, municipality_id(), accreditation.id)
        registry.wind_down(session, accreditation.id, unplanned=left, by=actor())


def _said(plans: dict[int, Plan]) -> str:
    if not plans:
        return _("Avvecklingen har börjat. Ingen går där.")
    return _("Alla har en plan. Avvecklingen har börjat.")


@portal.route("/accreditations/<int:accreditation_id>/close", methods=["GET", "POST"])
@open_to(Role.INSPECTOR)
def accreditation_close(accreditation_id: int) -> Page:
    """Close for good, when nobody is left and nothing can come."""
    told = look(accreditation_id, lambda told: life.can(told.accreditation.state, "close"))
    form = ReasonsForm()
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                entered(session, accreditation_id)
                registry.close(
                    session,
                    accreditation_id,
                    reasons=form.reasons.data or "",
                    by=actor(),
                    today=dates.today(),
                    **_left(session, accreditation_id),
                )
            flash(_("Auktorisationen är stängd. Allt finns kvar att läsa."), "success")
            return back(accreditation_id)
    with reading() as session:
        left = _left(session, accreditation_id)
    return shown(
        "casework/accreditation_close.html",
        form,
        told=told,
        accreditation=told.accreditation,
        today=dates.today(),
        **left,
    )


def _left(session: Session, accreditation_id: int) -> dict[str, Any]:
    return {
        "running": winding.running(session, municipality_id(), accreditation_id),
        "unchecked": winding.unchecked(session, municipality_id(), accreditation_id),
        "unpaid": _unpaid(session, accreditation_id),
    }


def _unpaid(session: Session, accreditation_id: int) -> int:
    """Lines booked for the provider that no statement holds yet."""
    provider_id = fetch(session, Accreditation, municipality_id(), accreditation_id).provider_id
    return sum(row.lines for row in waiting(session, municipality_id()) if row.provider_id == provider_id)
