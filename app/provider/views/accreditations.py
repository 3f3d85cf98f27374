"""The provider's own accreditations: how they stand, what is asked, intake and places, and to leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import lives
from app.lives import Life
from app.provider.life_forms import IntakeForm, PlacesForm, PlanForm, WithdrawForm
from app.provider.views.door import portal, workplace
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import dates
from core.actor import Role
from core.database import fetch
from core.refusal import Missing, Refusal
from providers import actions
from providers.models import Accreditation, Evidence
from providers.queries import life as told_of
from providers.rules import APPLYING_STATES, OPEN_STATES, TURNED_DOWN_STATES
from providers.rules import accreditation as life
from providers.rules.conditions import Condition, asked_again_on
from vouchers.queries import winding

Page = tuple[str, int] | Response
NOT_POSSIBLE = "Det steget går inte att ta nu. Någon kan ha hunnit före. Läs in sidan igen."


@dataclass(frozen=True)
class Shown:
    """A condition with its newest evidence. `kind` says how it stands: fine, soon, ended or missing."""

    condition: Condition
    evidence: Evidence | None
    kind: str


def _own(session: Session, accreditation_id: int) -> Life:
    """One of the provider's own accreditations; to others, and for applications: Missing."""
    found = fetch(session, Accreditation, municipality_id(), accreditation_id)
    if found.provider_id != workplace() or found.state in (*APPLYING_STATES, *TURNED_DOWN_STATES):
        raise Missing()
    return lives.opened(session, found)


def _conditions(told: Life, today: date) -> list[Shown]:
    return [
        Shown(one, newest, _how(told, newest, today))
        for one in told.conditions
        for newest in [next(iter(told.evidence.get(one.code, ())), None)]
    ]


def _how(told: Life, newest: Evidence | None, today: date) -> str:
    if newest is None:
        return "missing"
    if newest.valid_to is None or told.terms.application is None:
        return "fine"
    if newest.valid_to < today:
        return "ended"
    return "soon" if asked_again_on(newest.valid_to, told.terms.application) <= today else "fine"


@portal.route("/accreditations")
@open_to(Role.COACH, Role.MANAGER)
def accreditations() -> str:
    """Every accreditation the provider has had, those in force first."""
    provider_id, today = workplace(), dates.today()
    with reading() as session:
        rows = told_of.of_provider(session, municipality_id(), provider_id)
        told = [lives.opened(session, row) for row in rows]
        running = winding.running_by(session, municipality_id(), [row.id for row in rows])
        asked = {
            one.accreditation.id: sum(shown.kind in ("soon", "ended") for shown in _conditions(one, today))
            for one in told
        }
    return render_template(
        "provider/accreditations.html", told=told, running=running, asked=asked, today=today
    )


@portal.route("/accreditations/<int:accreditation_id>")
@open_to(Role.COACH, Role.MANAGER)
def accreditation(accreditation_id: int) -> str:
    """One accreditation: what is asked of us, what we can change, and what has been decided about us."""
    today = dates.today()
    with reading() as session:
        told = _own(session, accreditation_id)
        begun = told_of.renewal_of(session, told.accreditation, drafts=True)
        running = winding.running(session, municipality_id(), accreditation_id)
    state = told.accreditation.state
    return render_template(
        "provider/accreditation.html",
        told=told,
        accreditation=told.accreditation,
        conditions=_conditions(told, today),
        begun=begun,
        running=running,
        is_open=state in OPEN_STATES,
        may_withdraw=life.can(state, "withdraw"),
        is_manager=actor().has(Role.MANAGER),
        today=today,
    )


def _back(accreditation_id: int) -> Response:
    return redirect(url_for("provider.accreditation", accreditation_id=accreditation_id))


def _look(accreditation_id: int, *states: str) -> Life:
    with reading() as session:
        told = _own(session, accreditation_id)
    if told.accreditation.state not in states:
        raise Refusal("accreditation_step_not_possible", NOT_POSSIBLE)
    return told


@portal.route("/accreditations/<int:accreditation_id>/intake", methods=["GET", "POST"])
@open_to(Role.MANAGER)
def accreditation_intake(accreditation_id: int) -> Page:
    """Take nobody new for a time, or take people again."""
    told = _look(accreditation_id, *OPEN_STATES)
    form, is_stopped = IntakeForm(), "provider" in told.stoppers
    if form.validate_on_submit():
        change = actions.open_intake if request.form.get("change") == "open" else actions.stop_intake
        with refused(form):
            with writing() as session:
                change(
                    session,
                    accreditation_id,
                    reasons=form.reasons.data or "",
                    by=actor(),
                    today=dates.today(),
                )
            opened = change is actions.open_intake
            flash(_("Intaget är öppnat.") if opened else _("Intaget är stoppat."), "success")
            return _back(accreditation_id)
    return shown("provider/accreditation_intake.html", form, told=told, is_stopped=is_stopped)


@portal.route("/accreditations/<int:accreditation_id>/places", methods=["GET", "POST"])
@open_to(Role.MANAGER)
def accreditation_places(accreditation_id: int) -> Page:
    """How many we take at the same time."""
    told = _look(accreditation_id, *OPEN_STATES)
    form = PlacesForm(capacity=told.accreditation.capacity)
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                actions.set_places(session, accreditation_id, form.capacity.data or 0, by=actor())
            flash(_("Antalet platser är ändrat."), "success")
            return _back(accreditation_id)
    with reading() as session:
        running = winding.running(session, municipality_id(), accreditation_id)
    return shown("provider/accreditation_places.html", form, told=told, running=running)


@portal.route("/accreditations/<int:accreditation_id>/plan", methods=["GET", "POST"])
@open_to(Role.MANAGER)
def accreditation_plan(accreditation_id: int) -> Page:
    """Answer a warning: what we will do, and by when."""
    told = _look(accreditation_id, "warned")
    form = PlanForm()
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                actions.hand_in_plan(
                    session,
                    accreditation_id,
                    words=form.words.data or "",
                    done_by=form.done_by.data or dates.today(),
                    by=actor(),
                    today=dates.today(),
                )
            flash(_("Åtgärdsplanen är lämnad. Kommunen läser den."), "success")
            return _back(accreditation_id)
    warning = next(row for row in told.decisions if row.kind == "warned")
    return shown("provider/accreditation_plan.html", form, told=told, warning=warning, today=dates.today())


@portal.route("/accreditations/<int:accreditation_id>/withdraw", methods=["GET", "POST"])
@open_to(Role.MANAGER)
def accreditation_withdraw(accreditation_id: int) -> Page:
    """Leave: first what it means, then it is done."""
    told, today = _look(accreditation_id, *_leaving()), dates.today()
    form, asked, check = WithdrawForm(), request.form.get("step"), False
    if asked != "change" and form.validate_on_submit() and form.last_day.data:
        with refused(form):
            with writing() as session:
                actions.withdraw(
                    session,
                    accreditation_id,
                    last_day=form.last_day.data,
                    reasons=form.reasons.data or "",
                    by=actor(),
                    today=today,
                )
                if asked != "leave":
                    session.rollback()
            if asked == "leave":
                flash(_("Ni har lämnat kundvalet. Kommunen planerar för era deltagare."), "success")
                return _back(accreditation_id)
            check = True
    with reading() as session:
        running = winding.running(session, municipality_id(), accreditation_id)
    return shown(
        "provider/accreditation_withdraw.html", form, told=told, check=check, running=running, today=today
    )


def _leaving() -> list[str]:
    return [state for state in OPEN_STATES if life.can(state, "withdraw")]
