"""To become a provider: the organisation, the list, the task list, sending, the receipt, the supplement."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.ids import LARGEST
from app.provider.applying_forms import OrganisationForm, SendForm, StartForm, SupplementForm
from app.provider.views.applicant import answers, mine, parts
from app.provider.views.door import portal, workplace
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import dates
from core.accounts import name_account
from core.actor import Role
from core.database import fetch
from core.refusal import Missing
from providers import actions
from providers.models import Accreditation, Provider
from providers.queries import applicants
from providers.queries import applying as asked
from providers.queries.applicants import Applied, Offer
from providers.queries.terms import accreditation_terms, newest_rulebooks
from providers.rules import APPLYING_STATES, TURNED_DOWN_STATES
from vouchers.queries.terms import terms_of

Choices = dict[str, tuple[str, Offer]]


@portal.route("/applications/organisation", methods=["GET", "POST"])
@open_to(Role.MANAGER)
def apply_organisation() -> tuple[str, int] | Response:
    """A newcomer enters the organisation they apply for."""
    if actor().provider_id is not None:
        return redirect(url_for("provider.applications"))
    form = OrganisationForm.of(actor().name)
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                if "person_name" in form:
                    name_account(session, form.person_name.data or "", by=actor())
                name, number = form.name.data or "", form.number.data or ""
                actions.register_own_provider(session, name, number, form.legal_form.data, by=actor())
            flash(_("Organisationen är inlagd. Börja nu en ansökan."), "success")
            return redirect(url_for("provider.applications"))
    return shown("provider/apply_organisation.html", form)


@portal.route("/applications")
@open_to(Role.COACH, Role.MANAGER)
def applications() -> tuple[str, int]:
    """Everything applied for, and a way to apply for more."""
    workplace()
    with reading() as session:
        choices = _choices(session, _own(session))
    return _list(StartForm.of(choices))


@portal.route("/applications", methods=["POST"])
@open_to(Role.MANAGER)
def apply_start() -> tuple[str, int] | Response:
    """Begin an application: for a service, or (`replaces`) under new conditions for one that we have."""
    if "replaces" in request.form:
        return _renewed(request.form.get("replaces", type=int))
    with reading() as session:
        choices = _choices(session, _own(session))
    form = StartForm.of(choices)
    if form.validate_on_submit():
        offer = choices[form.service.data][1]
        area = form.area.data if "area" in form else ""
        with refused(form):
            with writing() as session:
                provider = fetch(session, Provider, municipality_id(), workplace())
                begun = actions.start_application(
                    session, provider, offer.rulebook, offer.service, area=area or "", by=actor()
                )
            return redirect(url_for("provider.application", accreditation_id=begun.id))
    return _list(form)


def _renewed(accreditation_id: int | None) -> Response:
    """Begin an application for the same service under the newest rules."""
    if accreditation_id is None or not 0 < accreditation_id <= LARGEST:
        raise Missing()
    with writing() as session:
        old = fetch(session, Accreditation, municipality_id(), accreditation_id)
        if old.provider_id != workplace():
            raise Missing()
        begun = actions.start_application(
            session,
            fetch(session, Provider, municipality_id(), old.provider_id),
            newest_rulebooks(session, municipality_id())[old.scheme],
            old.service,
            capacity=old.capacity,
            area=old.area,
            replaces_id=old.id,
            by=actor(),
        )
    return redirect(url_for("provider.application", accreditation_id=begun.id))


def _own(session: Session) -> list[Applied]:
    return applicants.own(session, municipality_id(), workplace())


def _choices(session: Session, applied: list[Applied]) -> Choices:
    """What may be applied for and is not yet, by key, with its title."""
    found: Choices = {}
    for offer in applicants.offers(session, municipality_id()):
        areas = ("", *offer.application.areas)
        if not all(applicants.is_standing(offer, area, applied) for area in areas):
            found[f"{offer.rulebook.scheme}:{offer.service}"] = (_title(session, offer), offer)
    return found


def _title(session: Session, offer: Offer) -> str:
    language, book = str(get_locale()), offer.rulebook
    service = terms_of(session, municipality_id(), book.id).services[offer.service]
    return f"{service.title(language)} ({book.title_en if language == 'en' else book.title_sv})"


def _list(form: StartForm) -> tuple[str, int]:
    with reading() as session:
        rows = _own(session)
        services = {row.id: _service(session, row) for row in rows}
        promised = {row.id: _promised(session, row) for row in rows}
        provider = fetch(session, Provider, municipality_id(), workplace())
    applying = (*APPLYING_STATES, *TURNED_DOWN_STATES)
    return shown(
        "provider/apply_list.html",
        form,
        provider=provider,
        applied=[row for row in rows if row.state in applying],
        accredited=[row for row in rows if row.state not in applying],
        services=services,
        promised=promised,
        may_apply=actor().has(Role.MANAGER),
        today=dates.today(),
    )


def _promised(session: Session, row: Applied) -> date | None:
    """The day to decide by."""
    application = accreditation_terms(session, municipality_id(), row.rulebook_id).application
    return asked.decide_by(row.applied_on, application.decision_days) if application else None


def _service(session: Session, row: Applied) -> str:
    services = terms_of(session, municipality_id(), row.rulebook_id).services
    return services[row.service].title(str(get_locale())) + (f", {row.area}" if row.area else "")


@portal.route("/applications/<int:accreditation_id>")
@open_to(Role.COACH, Role.MANAGER)
def application(accreditation_id: int) -> tuple[str, int]:
    """The task list while it is written; what was told once it is sent."""
    today = dates.today()
    with reading() as session:
        found = mine(session, accreditation_id)
        tasks = parts(session, found, today)
        told = answers(session, found)
        refusal = applicants.turned_down(session, found.it)
        asked_before = asked.supplements(session, found.it)
    return shown(
        "provider/apply_tasks.html",
        found=found,
        tasks=tasks,
        told=told,
        refusal=refusal,
        questions=asked_before,
        may_write=found.may_write(actor()),
        may_change=actor().has(Role.MANAGER),
        today=today,
    )


@portal.route("/applications/<int:accreditation_id>/submit", methods=["GET", "POST"])
@open_to(Role.MANAGER)
def application_submit(accreditation_id: int) -> tuple[str, int] | Response:
    """Read it through, and send it."""
    today, form = dates.today(), SendForm()
    with reading() as session:
        found = mine(session, accreditation_id)
        tasks = parts(session, found, today)
        told = answers(session, found)
    if not found.is_draft:
        return redirect(url_for("provider.application", accreditation_id=accreditation_id))
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                actions.submit(session, accreditation_id, by=actor(), at=dates.now())
            return redirect(url_for("provider.application_receipt", accreditation_id=accreditation_id))
    return shown(
        "provider/apply_check.html",
        form,
        found=found,
        told=told,
        lacking=sum(not task.done for task in tasks),
        today=today,
    )


@portal.route("/applications/<int:accreditation_id>/receipt")
@open_to(Role.COACH, Role.MANAGER)
def application_receipt(accreditation_id: int) -> str:
    """What was sent, when, under which number, and what happens now; made for paper too."""
    with reading() as session:
        found = mine(session, accreditation_id)
        told = answers(session, found)
    if found.it.submitted_at is None:
        raise Missing()
    return render_template("provider/apply_receipt.html", found=found, told=told, today=dates.today())


@portal.route("/applications/<int:accreditation_id>/supplement", methods=["GET", "POST"])
@open_to(Role.MANAGER)
def application_supplement(accreditation_id: int) -> tuple[str, int] | Response:
    """Answer what the municipality asked for."""
    today, form = dates.today(), SupplementForm()
    with reading() as session:
        found = mine(session, accreditation_id)
        tasks = parts(session, found, today)
    if found.supplement is None:
        return redirect(url_for("provider.application", accreditation_id=accreditation_id))
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                answer = form.answer.data or ""
                actions.answer_supplement(session, accreditation_id, answer, by=actor(), today=today)
            flash(_("Svaret är skickat. Nu fortsätter kommunen att granska."), "success")
            return redirect(url_for("provider.application", accreditation_id=accreditation_id))
    return shown("provider/apply_supplement.html", form, found=found, tasks=tasks, today=today)
