"""The steps of a review: jäv, a judgement a condition, a question back, a proposal, a decision."""

from __future__ import annotations

from datetime import date, timedelta

from flask import flash, redirect, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.casework import dossier
from app.casework.application_forms import (
    DecisionForm,
    DeclareForm,
    ProposalForm,
    SupplementForm,
    VerdictForm,
)
from app.casework.dossier import DECISION_OF, OUTCOMES, Dossier
from app.casework.views.applications import names_of
from app.casework.views.portal import portal
from app.web import actor, open_to, reading, refused, shown, writing
from app.words import word
from core import dates
from core.actor import Role
from core.refusal import Missing
from providers import actions
from providers.models import Decision
from providers.rules import accreditation as life


def _back(accreditation_id: int) -> Response:
    return redirect(url_for("casework.application", accreditation_id=accreditation_id))


@portal.route("/applications/<int:accreditation_id>/take-up", methods=["POST"])
@open_to(Role.INSPECTOR)
def application_take_up(accreditation_id: int) -> Response:
    """Begin to review."""
    with writing() as session:
        dossier.entered(session, accreditation_id)
        actions.take_up(session, accreditation_id, by=actor())
    flash(_("Nu granskas ansökan. Svara först på frågan om jäv."), "success")
    return _back(accreditation_id)


@portal.route("/applications/<int:accreditation_id>/declare", methods=["GET", "POST"])
@open_to(Role.INSPECTOR, Role.SECRETARY)
def application_declare(accreditation_id: int) -> tuple[str, int] | Response:
    """Say whether there is a conflict of interest, before anything is judged."""
    today = dates.today()
    with reading() as session:
        told = dossier.opened(session, accreditation_id)
        names = names_of(session, told)
    form = DeclareForm()
    if form.validate_on_submit():
        has_conflict = form.conflict.data == "yes"
        with refused(form):
            with writing() as session:
                actions.declare(session, accreditation_id, has_conflict=has_conflict, by=actor(), today=today)
            if not has_conflict:
                flash(_("Tack. Ditt svar är sparat."), "success")
            return _back(accreditation_id)
    return shown("casework/application_declare.html", form, **dossier.context(told, today), **names)


@portal.route("/applications/<int:accreditation_id>/conditions/<code>", methods=["GET", "POST"])
@open_to(Role.INSPECTOR)
def application_judge(accreditation_id: int, code: str) -> tuple[str, int] | Response:
    """One condition: what is asked, what is shown, and this reviewer's own finding."""
    today, by = dates.today(), actor()
    with reading() as session:
        told = dossier.opened(session, accreditation_id)
        names = names_of(session, told)
    condition = next((one for one in told.conditions if one.code == code), None)
    if condition is None:
        raise Missing()
    if told.accreditation.state == "under_review" and not told.declared(by.account_id):
        return redirect(url_for("casework.application_declare", accreditation_id=accreditation_id))
    own = told.judgements.get(code, {}).get(by.account_id)
    form = VerdictForm(
        verdict=own.verdict if own else None,
        control=own.control if own else condition.control,
        note=own.note if own else "",
    )
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                actions.judge(
                    session,
                    accreditation_id,
                    code,
                    form.verdict.data,
                    form.control.data,
                    form.note.data or "",
                    by=by,
                    today=today,
                )
            return _onward(accreditation_id, told, code)
    return shown(
        "casework/application_judge.html",
        form,
        **dossier.context(told, today),
        **names,
        condition=condition,
        own=own,
        number=[one.code for one in told.conditions].index(code) + 1,
        is_open=told.accreditation.state == "under_review",
    )


def _onward(accreditation_id: int, told: Dossier, judged: str) -> Response:
    """To the next condition that this person has left, or back to the application."""
    left = [code for code in told.left_for(actor().account_id) if code != judged]
    if not left:
        flash(_("Bedömningen är sparad. Du har granskat alla villkor."), "success")
        return _back(accreditation_id)
    flash(_("Bedömningen är sparad. Här är nästa villkor."), "success")
    return redirect(url_for("casework.application_judge", accreditation_id=accreditation_id, code=left[0]))


@portal.route("/applications/<int:accreditation_id>/supplement", methods=["GET", "POST"])
@open_to(Role.INSPECTOR)
def application_supplement(accreditation_id: int) -> tuple[str, int] | Response:
    """Ask the applicant for more, with a last day to answer."""
    today = dates.today()
    with reading() as session:
        told = dossier.opened(session, accreditation_id)
        names = names_of(session, told)
    form = SupplementForm(due_on=today + timedelta(days=told.application.supplement_days))
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                actions.request_supplement(
                    session,
                    accreditation_id,
                    form.wanted.data or "",
                    form.due_on.data or today,
                    by=actor(),
                    today=today,
                )
            flash(_("Frågan är skickad till anordnaren."), "success")
            return _back(accreditation_id)
    return shown(
        "casework/application_supplement.html",
        form,
        **dossier.context(told, today),
        **names,
        may_ask=life.can(told.accreditation.state, "request_supplement"),
        failing=_failing(told),
    )


def _failing(told: Dossier) -> list[str]:
    """Titles of the conditions that somebody has not found to be met."""
    english = str(get_locale()) == "en"
    return [
        one.title_en if english else one.title_sv
        for one in told.conditions
        if any(verdict != "met" for verdict in told.verdicts.get(one.code, {}).values())
    ]


@portal.route("/applications/<int:accreditation_id>/propose", methods=["GET", "POST"])
@open_to(Role.INSPECTOR)
def application_propose(accreditation_id: int) -> tuple[str, int] | Response:
    """Propose to accredit, refuse or dismiss; what cannot be proposed says why."""
    today = dates.today()
    with reading() as session:
        told = dossier.opened(session, accreditation_id)
        names = names_of(session, told)
    hindrances = told.hindrances()
    form = ProposalForm()
    form.kind.choices = [(kind, word(kind, "proposal")) for kind in OUTCOMES]
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                actions.propose_outcome(
                    session, accreditation_id, form.kind.data, form.words.data or "", by=actor(), today=today
                )
            flash(_("Förslaget är lagt. En annan person beslutar."), "success")
            return _back(accreditation_id)
    return shown(
        "casework/application_propose.html",
        form,
        **dossier.context(told, today),
        **names,
        hindrances=hindrances,
        may_propose=life.can(told.accreditation.state, "propose"),
    )


@portal.route("/applications/<int:accreditation_id>/decide", methods=["GET", "POST"])
@open_to(Role.INSPECTOR, Role.SECRETARY)
def application_decide(accreditation_id: int) -> tuple[str, int] | Response:
    """Decide what was proposed. Another person than the one who proposed it; a person, by law (KL 6:38)."""
    today, by = dates.today(), actor()
    with reading() as session:
        told = dossier.opened(session, accreditation_id)
        names = names_of(session, told)
    proposal = told.proposal
    form = DecisionForm(from_on=today, reasons=proposal.words if proposal else "")
    if told.declared(by.account_id):
        del form.conflict
    if proposal is None or proposal.kind != "accredit" or told.accreditation.replaces_id is not None:
        del form.from_on
    if form.validate_on_submit():
        if proposal is None:
            form.form_errors.append(_("Det finns inget förslag att besluta om. Läs in sidan igen."))
        else:
            with refused(form):
                with writing() as session:
                    decision = _decided(session, told, form, today)
                if decision is None:
                    return _back(accreditation_id)
                flash(_("Beslutet är fattat."), "success")
                return redirect(url_for("casework.decision", decision_id=decision.id))
    return shown(
        "casework/application_decide.html",
        form,
        **dossier.context(told, today),
        **names,
        is_own=proposal is not None and proposal.made_by == by.account_id,
    )


def _decided(session: Session, told: Dossier, form: DecisionForm, today: date) -> Decision | None:
    """The decision, with the answer about conflict of interest noted first; none when there is one."""
    by, proposal = actor(), told.proposal
    if "conflict" in form:
        has_conflict = form.conflict.data == "yes"
        actions.declare(session, told.accreditation.id, has_conflict=has_conflict, by=by, today=today)
        if has_conflict:
            return None
    accreditation = dossier.entered(session, told.accreditation.id)
    reasons, kind = form.reasons.data or "", DECISION_OF[proposal.kind] if proposal else ""
    if kind == "accredited":
        from_on = (form.from_on.data or today) if "from_on" in form else today
        return actions.accredit(session, accreditation, reasons=reasons, from_on=from_on, by=by, today=today)
    return actions.turn_down(session, accreditation, kind, reasons=reasons, by=by, today=today)


@portal.route("/applications/<int:accreditation_id>/reopen", methods=["POST"])
@open_to(Role.INSPECTOR, Role.SECRETARY)
def application_reopen(accreditation_id: int) -> Response:
    """Send the proposal back for more review."""
    with writing() as session:
        dossier.entered(session, accreditation_id)
        actions.reopen(session, accreditation_id, by=actor(), today=dates.today())
    flash(_("Förslaget är tillbaka hos granskarna."), "success")
    return _back(accreditation_id)
