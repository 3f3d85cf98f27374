"""The files that prove a result, and the organisations that a provider counts as its own group."""

from __future__ import annotations

from flask import Response as FileResponse
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import evidence as files
from app.provider.proof_forms import AffiliateForm, EvidenceForm
from app.provider.views.door import note_reading, own, portal, workplace
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import dates
from core.actor import Role
from core.refusal import Missing
from providers import actions as registry
from providers.queries import group as groups
from vouchers import actions
from vouchers.models import Outcome
from vouchers.queries import proof
from vouchers.queries.workload import Served
from vouchers.rules import states


def _whose(session: Session, outcome: Outcome) -> Served:
    """The person whose result it is; the result of another leg of theirs is as if it were not there."""
    return own(session, outcome.leg_id)


@portal.route("/outcomes/<int:outcome_id>/evidence", methods=["GET", "POST"])
@open_to(Role.COACH, Role.MANAGER)
@files.takes_files
def outcome_evidence(outcome_id: int) -> tuple[str, int] | Response:
    """What proves a result: show a file, see those that have been shown."""
    with reading() as session:
        found = proof.outcome(session, municipality_id(), outcome_id)
        person = _whose(session, found)
        shown_so_far = proof.evidence(session, municipality_id(), outcome_id)
    note_reading(person)
    form = EvidenceForm.of(person.terms.sources)
    if form.validate_on_submit() and form.stored is not None:
        with refused(form):
            with writing() as session:
                actions.add_outcome_evidence(
                    session, outcome_id, form.source.data, form.stored, by=actor(), at=dates.now()
                )
            flash(_("Filen är mottagen. Kommunen ser den när resultatet kontrolleras."), "success")
            return redirect(url_for("provider.outcome_evidence", outcome_id=outcome_id))
    return shown(
        "provider/outcome_evidence.html",
        form,
        person=person,
        outcome=found,
        evidence=shown_so_far,
        stands=found.state not in ("withdrawn", "rejected"),
        largest_mb=files.LARGEST_FILE // 1_000_000,
        accepted=files.ACCEPTED,
        ours=workplace(),
    )


@portal.route("/outcomes/<int:outcome_id>/withdraw", methods=["GET", "POST"])
@open_to(Role.COACH, Role.MANAGER)
def withdraw_outcome(outcome_id: int) -> str | Response:
    """Take a claim back, and say what that does."""
    with reading() as session:
        found = proof.outcome(session, municipality_id(), outcome_id)
        person = _whose(session, found)
    note_reading(person)
    if request.method == "POST":
        with writing() as session:
            actions.withdraw_outcome(session, outcome_id, by=actor(), today=dates.today())
        flash(_("Resultatet är tillbakataget. Ni kan anmäla det på nytt."), "success")
        return redirect(url_for("provider.participant", leg_id=person.leg_id))
    may = states.outcome.can(found.state, "withdraw")
    return render_template("provider/withdraw_outcome.html", person=person, outcome=found, may=may)


@portal.route("/outcome-evidence/<int:evidence_id>")
@open_to(Role.COACH, Role.MANAGER)
def outcome_evidence_file(evidence_id: int) -> FileResponse:
    """A file that we have shown for a result ourselves."""
    with reading() as session:
        row, found = proof.evidence_file(session, municipality_id(), evidence_id)
        person = _whose(session, found)
        ours = {one.id for one in proof.evidence(session, municipality_id(), found.id) if one.is_ours}
    if row.id not in ours:
        raise Missing()
    note_reading(person)
    return files.download(row)


@portal.route("/group", methods=["GET", "POST"])
@open_to(Role.MANAGER)
def group() -> tuple[str, int] | Response:
    """Which organisations are of our own group, so that a job at one of them is seen for what it is."""
    form, place = AffiliateForm(), workplace()
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                registry.declare_affiliate(
                    session, form.name.data or "", form.number.data or "", by=actor(), today=dates.today()
                )
            flash(_("Organisationen står nu på listan."), "success")
            return redirect(url_for("provider.group"))
    with reading() as session:
        rows = groups.declared(session, municipality_id(), place)
    return shown(
        "provider/group.html",
        form,
        standing=[row for row in rows if row.removed_on is None],
        removed=[row for row in rows if row.removed_on is not None],
    )


@portal.post("/group/<int:affiliate_id>/remove")
@open_to(Role.MANAGER)
def remove_affiliate(affiliate_id: int) -> Response:
    """Take an organisation off the list."""
    workplace()
    with writing() as session:
        registry.remove_affiliate(session, affiliate_id, by=actor(), today=dates.today())
    flash(_("Organisationen är borttagen från listan. Det som stod där sparas."), "success")
    return redirect(url_for("provider.group"))
