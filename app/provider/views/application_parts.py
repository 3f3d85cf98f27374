"""The parts of an application: about us, whom to call, where, how many, and each condition."""

from __future__ import annotations

from flask import Response as FileResponse
from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import evidence as files
from app.provider.applying_forms import (
    AboutForm,
    CapacityForm,
    ContactForm,
    EvidenceForm,
    SiteForm,
    kept_file,
)
from app.provider.views.applicant import Mine, mine
from app.provider.views.door import portal, workplace
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import dates
from core.actor import Role
from core.database import fetch
from core.refusal import Missing
from providers import actions
from providers.models import Accreditation, Evidence, Site
from providers.queries import applicants
from providers.queries import applying as asked
from providers.rules.applying import Shown, is_shown
from providers.rules.conditions import Condition, valid_until


@portal.route("/applications/<int:accreditation_id>/about", methods=["GET", "POST"])
@open_to(Role.MANAGER)
def application_about(accreditation_id: int) -> tuple[str, int] | Response:
    """Who we are and what we do; the public sees it when we are accredited."""
    with reading() as session:
        found = mine(session, accreditation_id)
        form = AboutForm.of(found.provider, applicants.orientations(session, municipality_id()))
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                actions.describe_provider(session, found.provider.id, form.read(), by=actor())
            return _saved(found)
    return shown("provider/apply_about.html", form, found=found)


@portal.route("/applications/<int:accreditation_id>/contacts", methods=["GET", "POST"])
@open_to(Role.MANAGER)
def application_contacts(accreditation_id: int) -> tuple[str, int] | Response:
    """Whom the municipality may call."""
    form = ContactForm()
    with reading() as session:
        found = mine(session, accreditation_id)
        contacts = asked.contacts(session, municipality_id(), found.provider.id)
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                actions.add_contact(session, found.provider.id, form.read(), by=actor(), today=dates.today())
            flash(_("Kontaktpersonen är tillagd."), "success")
            return redirect(url_for("provider.application_contacts", accreditation_id=accreditation_id))
    return shown("provider/apply_contacts.html", form, found=found, contacts=contacts)


@portal.route("/applications/<int:accreditation_id>/contacts/<int:contact_id>/remove", methods=["POST"])
@open_to(Role.MANAGER)
def application_contact_remove(accreditation_id: int, contact_id: int) -> Response:
    """Take a person off the list."""
    with writing() as session:
        mine(session, accreditation_id)
        actions.remove_contact(session, contact_id, by=actor(), today=dates.today())
    flash(_("Kontaktpersonen är borttagen."), "success")
    return redirect(url_for("provider.application_contacts", accreditation_id=accreditation_id))


@portal.route("/applications/<int:accreditation_id>/sites", methods=["GET", "POST"])
@open_to(Role.MANAGER)
def application_sites(accreditation_id: int) -> tuple[str, int] | Response:
    """Where people are received."""
    form = SiteForm()
    with reading() as session:
        found = mine(session, accreditation_id)
        sites = applicants.sites(session, municipality_id(), found.provider.id)
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                actions.add_site(session, found.provider.id, form.read(), by=actor())
            flash(_("Platsen är tillagd."), "success")
            return redirect(url_for("provider.application_sites", accreditation_id=accreditation_id))
    return shown("provider/apply_sites.html", form, found=found, sites=sites)


@portal.route("/applications/<int:accreditation_id>/sites/<int:site_id>", methods=["GET", "POST"])
@open_to(Role.MANAGER)
def application_site(accreditation_id: int, site_id: int) -> tuple[str, int] | Response:
    """Correct one place."""
    with reading() as session:
        found = mine(session, accreditation_id)
        site = fetch(session, Site, municipality_id(), site_id)
    if site.provider_id != found.provider.id:
        raise Missing()
    form = SiteForm.of(site)
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                actions.change_site(session, site_id, form.read(), by=actor())
            flash(_("Platsen är ändrad."), "success")
            return redirect(url_for("provider.application_sites", accreditation_id=accreditation_id))
    return shown("provider/apply_site.html", form, found=found, site=site)


@portal.route("/applications/<int:accreditation_id>/sites/<int:site_id>/remove", methods=["POST"])
@open_to(Role.MANAGER)
def application_site_remove(accreditation_id: int, site_id: int) -> Response:
    """Take a place away."""
    with writing() as session:
        mine(session, accreditation_id)
        actions.remove_site(session, site_id, by=actor())
    flash(_("Platsen är borttagen."), "success")
    return redirect(url_for("provider.application_sites", accreditation_id=accreditation_id))


@portal.route("/applications/<int:accreditation_id>/capacity", methods=["GET", "POST"])
@open_to(Role.MANAGER)
def application_capacity(accreditation_id: int) -> tuple[str, int] | Response:
    """How many people at the same time."""
    with reading() as session:
        found = mine(session, accreditation_id)
    if not found.is_open:
        return redirect(url_for("provider.application", accreditation_id=accreditation_id))
    form = CapacityForm(capacity=found.it.capacity or None)
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                actions.set_capacity(session, accreditation_id, form.capacity.data or 0, by=actor())
            return _saved(found)
    return shown("provider/apply_capacity.html", form, found=found)


@portal.route("/applications/<int:accreditation_id>/conditions/<code>", methods=["GET", "POST"])
@open_to(Role.MANAGER)
@files.takes_files
def application_condition(accreditation_id: int, code: str) -> tuple[str, int] | Response:
    """One condition: what it asks, and what we show for it."""
    today = dates.today()
    with reading() as session:
        found = mine(session, accreditation_id)
        condition = found.condition(code)
        shown_so_far = asked.evidence(session, found.it).get(code, [])
        elsewhere = applicants.shown_elsewhere(session, found.it, code)
    if not found.takes_evidence:
        return redirect(url_for("provider.application", accreditation_id=accreditation_id))
    form = EvidenceForm.of(condition, shown_so_far)
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                actions.add_evidence(session, accreditation_id, code, form.read(), by=actor(), at=dates.now())
            return _saved(found)
    return shown(
        "provider/apply_condition.html",
        form,
        found=found,
        condition=condition,
        evidence=shown_so_far,
        elsewhere=elsewhere if elsewhere and _holds(elsewhere, condition) else None,
        latest=valid_until(today, condition),
        largest_mb=files.LARGEST_FILE // 1_000_000,
        accepted=files.ACCEPTED,
        today=today,
    )


def _holds(row: Evidence, condition: Condition) -> bool:
    """Whether what was shown elsewhere would do for the condition here, today."""
    today, told = dates.today(), Shown(row.digest is not None, bool(row.statement), row.valid_to)
    latest = valid_until(today, condition)
    too_long = row.valid_to is not None and latest is not None and row.valid_to > latest
    return is_shown(told, condition, today) and not too_long


@portal.route("/applications/<int:accreditation_id>/conditions/<code>/reuse", methods=["POST"])
@open_to(Role.MANAGER)
def application_condition_reuse(accreditation_id: int, code: str) -> Response:
    """Show the same here as in another of our applications."""
    with writing() as session:
        found = mine(session, accreditation_id)
        found.condition(code)
        row = applicants.shown_elsewhere(session, found.it, code)
        if row is None:
            raise Missing()
        form = actions.EvidenceForm(row.statement, kept_file(row), row.valid_to)
        actions.add_evidence(session, accreditation_id, code, form, by=actor(), at=dates.now())
    return _saved(found)


@portal.route("/evidence/<int:evidence_id>")
@open_to(Role.COACH, Role.MANAGER)
def evidence(evidence_id: int) -> FileResponse:
    """A file that we have shown ourselves."""
    with reading() as session:
        row = fetch(session, Evidence, municipality_id(), evidence_id)
        theirs = fetch(session, Accreditation, municipality_id(), row.accreditation_id)
        if theirs.provider_id != workplace():
            raise Missing()
    return files.download(row)


def _saved(found: Mine) -> Response:
    flash(_("Sparat."), "success")
    page = "provider.accreditation" if found.is_accredited else "provider.application"
    return redirect(url_for(page, accreditation_id=found.it.id))
