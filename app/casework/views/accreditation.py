"""An accreditation's whole life on one page, and the steps that staff and the chair take with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import lives, timeline
from app.casework import life_forms as forms
from app.casework.door import entered
from app.casework.steps import mine, steps
from app.casework.views.portal import portal
from app.lives import Life
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import dates
from core.actor import Role
from core.audit import AuditEntry
from core.money import kronor
from core.refusal import Refusal
from providers import actions
from providers.rules import OPEN_STATES
from providers.rules import accreditation as life
from vouchers.queries import winding

Page = tuple[str, int] | Response
READERS = (Role.INSPECTOR, Role.SECRETARY, Role.CHAIR, Role.GUIDE)


@portal.route("/accreditations/<int:accreditation_id>")
@open_to(*READERS)
def accreditation(accreditation_id: int) -> str:
    """One accreditation: what can be done now, what it rests on, and all that has happened."""
    by = actor()
    with reading() as session:
        told = lives.opened(session, entered(session, accreditation_id))
        entries = _since_accredited(timeline.of_accreditation(session, municipality_id(), accreditation_id))
        return render_template(
            "casework/accreditation.html",
            told=told,
            accreditation=told.accreditation,
            steps=mine(steps(told.accreditation, told.stoppers, bool(told.terms.penalties)), by),
            proposal_facts=lives.facts_in_words(told.proposal.facts) if told.proposal else [],
            running=winding.running(session, municipality_id(), accreditation_id),
            unplanned=winding.unplanned(session, municipality_id(), accreditation_id),
            unchecked=winding.unchecked(session, municipality_id(), accreditation_id),
            history=timeline.tell(session, municipality_id(), entries),
            opens_files=by.has(Role.INSPECTOR, Role.SECRETARY),
            opens_decisions=by.has(Role.INSPECTOR, Role.SECRETARY, Role.CHAIR),
            opens_board=by.has(Role.INSPECTOR, Role.SECRETARY, Role.CHAIR),
            opens_register=by.has(Role.INSPECTOR, Role.SECRETARY, Role.GUIDE, Role.CHAIR),
            opens_voice=by.has(Role.GUIDE, Role.INSPECTOR),
            today=dates.today(),
        )


def _since_accredited(entries: Sequence[AuditEntry]) -> list[AuditEntry]:
    """Without the application, which has a page of its own. The entries come with the newest first."""
    found = []
    for entry in entries:
        found.append(entry)
        if entry.what in ("accreditation.accredited", "accreditation.entered"):
            break
    return found


def back(accreditation_id: int) -> Response:
    """To the accreditation's page."""
    return redirect(url_for("casework.accreditation", accreditation_id=accreditation_id))


def look(accreditation_id: int, may: Callable[[Life], bool]) -> Life:
    """The life for a step's page. Refuses when the step cannot be taken now."""
    with reading() as session:
        told = lives.opened(session, entered(session, accreditation_id))
    if not may(told):
        raise Refusal(
            "accreditation_step_not_possible",
            "Det steget går inte att ta nu. Någon kan ha hunnit före. Läs in sidan igen.",
        )
    return told


def _step(
    told: Life,
    form: FlaskForm,
    act: Callable[[Session], object],
    said: str,
    *,
    title: str,
    lead: str,
    do: str,
    variant: str = "primary",
    **context: Any,
) -> Page:
    """A step's page: a form, and what it leads to."""
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                entered(session, told.accreditation.id)
                act(session)
            flash(said, "success")
            return back(told.accreditation.id)
    return shown(
        "casework/accreditation_step.html",
        form,
        told=told,
        accreditation=told.accreditation,
        title=title,
        lead=lead,
        do=do,
        variant=variant,
        today=dates.today(),
        **{"after": None, "descriptions": {}, **context},
    )


@portal.route("/accreditations/<int:accreditation_id>/intake", methods=["GET", "POST"])
@open_to(Role.INSPECTOR)
def accreditation_intake(accreditation_id: int) -> Page:
    """The municipality stops the intake, or opens what it has stopped."""
    told = look(accreditation_id, lambda told: told.accreditation.state in OPEN_STATES)
    is_stopped, form = "municipality" in told.stoppers, forms.ReasonsForm()
    change = actions.open_intake if is_stopped else actions.stop_intake
    own = _("Anordnaren har själv stoppat sitt intag. Det stoppet står kvar.")
    return _step(
        told,
        form,
        lambda session: change(
            session, accreditation_id, reasons=form.reasons.data or "", by=actor(), today=dates.today()
        ),
        _("Intaget är öppnat.") if is_stopped else _("Intaget är stoppat."),
        title=_("Öppna intaget") if is_stopped else _("Stoppa intaget"),
        lead=_("Kommunens stopp upphör från och med i dag.")
        if is_stopped
        else _("Från och med i dag kan ingen ny välja anordnaren. De som går där fortsätter."),
        do=_("Öppna intaget") if is_stopped else _("Stoppa intaget"),
        variant="primary" if is_stopped else "danger",
        after=own if "provider" in told.stoppers else None,
    )


@portal.route("/accreditations/<int:accreditation_id>/warn", methods=["GET", "POST"])
@open_to(Role.INSPECTOR)
def accreditation_warn(accreditation_id: int) -> Page:
    """Warn the provider, with a deadline."""
    told = look(accreditation_id, lambda told: life.can(told.accreditation.state, "warn"))
    form = forms.WarnForm()
    return _step(
        told,
        form,
        lambda session: actions.warn(
            session,
            accreditation_id,
            reasons=form.reasons.data or "",
            due_on=form.due_on.data or dates.today(),
            by=actor(),
            today=dates.today(),
        ),
        _("Varningen är beslutad. Anordnaren ser den nu."),
        title=_("Varna"),
        lead=_("Anordnaren ser varningen på en gång och kan lämna en åtgärdsplan."),
        do=_("Besluta om varning"),
        variant="danger",
    )


@portal.route("/accreditations/<int:accreditation_id>/lift-warning", methods=["GET", "POST"])
@open_to(Role.INSPECTOR)
def accreditation_lift_warning(accreditation_id: int) -> Page:
    """What was wrong has been put right."""
    told = look(accreditation_id, lambda told: life.can(told.accreditation.state, "lift_warning"))
    form = forms.ReasonsForm()
    return _step(
        told,
        form,
        lambda session: actions.lift_warning(
            session, accreditation_id, reasons=form.reasons.data or "", by=actor(), today=dates.today()
        ),
        _("Varningen är hävd."),
        title=_("Häv varningen"),
        lead=_("Det som var fel är rättat. Skriv hur du har kontrollerat det."),
        do=_("Häv varningen"),
    )


@portal.route("/accreditations/<int:accreditation_id>/penalty", methods=["GET", "POST"])
@open_to(Role.INSPECTOR)
def accreditation_penalty(accreditation_id: int) -> Page:
    """Decide a penalty; the amount comes from the rulebook."""
    told = look(accreditation_id, lambda told: bool(told.terms.penalties))
    form = forms.PenaltyForm()
    form.code.choices = [(code, one["title"]) for code, one in told.penalties.items()]
    return _step(
        told,
        form,
        lambda session: actions.penalty(
            session,
            accreditation_id,
            form.code.data,
            reasons=form.reasons.data or "",
            by=actor(),
            today=dates.today(),
        ),
        _("Vitet är beslutat. Anordnaren ser det nu."),
        title=_("Besluta om vite"),
        lead=_("Beloppet står i kundvalets regler och kan inte ändras här."),
        do=_("Besluta om vite"),
        variant="danger",
        descriptions={code: _price(one) for code, one in told.penalties.items()},
    )


def _price(penalty: dict[str, Any]) -> str:
    amount = kronor(penalty["ore"])
    return _("%(amount)s (exempelbelopp)", amount=amount) if penalty["is_example"] else amount


@portal.route("/accreditations/<int:accreditation_id>/propose", methods=["GET", "POST"])
@open_to(Role.INSPECTOR)
def accreditation_propose(accreditation_id: int) -> Page:
    """Propose to the board that the accreditation is revoked."""
    told = look(accreditation_id, lambda told: life.can(told.accreditation.state, "propose_revocation"))
    form = forms.RevocationForm()
    form.reason.choices = forms.reason_choices(forms.URGENT)
    return _step(
        told,
        form,
        lambda session: actions.propose_revocation(
            session,
            accreditation_id,
            form.reason.data,
            words=form.reasons.data or "",
            by=actor(),
            today=dates.today(),
        ),
        _("Förslaget ligger på nämndens lista."),
        title=_("Föreslå återkallelse"),
        lead=_("Nämnden beslutar. Till dess kan anordnaren väljas som vanligt."),
        do=_("Lägg förslaget"),
        after=_("Att ingen har kommit på tolv månader föreslår bevakningen själv."),
    )


@portal.route("/accreditations/<int:accreditation_id>/suspend", methods=["GET", "POST"])
@open_to(Role.CHAIR)
def accreditation_suspend(accreditation_id: int) -> Page:
    """The chair revokes until the board has met."""
    told = look(accreditation_id, lambda told: life.can(told.accreditation.state, "revoke_provisionally"))
    form = forms.RevocationForm()
    form.reason.choices = forms.reason_choices(forms.URGENT)
    return _step(
        told,
        form,
        lambda session: actions.revoke_provisionally(
            session,
            accreditation_id,
            form.reason.data,
            reasons=form.reasons.data or "",
            by=actor(),
            today=dates.today(),
        ),
        _("Auktorisationen är tillfälligt återkallad. Nämnden tar upp den på nästa möte."),
        title=_("Återkalla tillfälligt"),
        lead=_("Bara när det inte går att vänta på nämnden. Ingen ny kan välja anordnaren eller börja där."),
        do=_("Återkalla tillfälligt"),
        variant="danger",
        after=_("De som går där fortsätter tills nämnden har beslutat."),
    )
