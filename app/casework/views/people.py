"""A person is registered, and chooses with the guide at their side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import flash, redirect, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.casework import gate
from app.casework.forms import ChooseForm, PersonForm
from app.casework.titles import Titles
from app.casework.views.portal import portal
from app.seeker import seals
from app.web import actor, municipality_id, open_to, reading, refused, sentence, shown, writing
from core import dates
from core.accounts import AccountForm, open_account
from core.actor import Role
from core.refusal import Missing, Refusal
from vouchers import actions
from vouchers.models import Participant
from vouchers.queries import case as one
from vouchers.queries import cases as many
from vouchers.queries import choices
from vouchers.queries.terms import terms_of
from vouchers.rules import choice


@portal.route("/person", methods=["GET", "POST"])
@open_to(Role.GUIDE)
def person() -> tuple[str, int] | Response:
    """Write down a person at the first meeting."""
    form, today = PersonForm(), dates.today()
    known = None
    if form.validate_on_submit():
        try:
            with writing() as session:
                participant = _register(session, form, today)
            flash(_("%(name)s är registrerad. Nästa steg är bedömningen.", name=participant.name), "success")
            return redirect(url_for("casework.assess", participant_id=participant.id))
        except Refusal as refusal:
            known = _explained(form, refusal, today)
    return shown("casework/person.html", form, known=known)


def _register(session: Session, form: PersonForm, today: date) -> Participant:
    account_id = None
    if form.has_eid.data:
        row = many.by_number(session, municipality_id(), form.identity_number.data or "", today=today)
        if row is None:  # a person who is here already gets no second account before being refused
            account = AccountForm(
                name=f"{form.given_name.data} {form.family_name.data}",
                roles=(Role.SEEKER,),
                identity_number=form.identity_number.data,
                email=form.email.data,
                language=form.language.data if form.language.data in ("sv", "en") else "sv",
            )
            account_id = open_account(session, account, by=actor(), today=today).id
    return actions.register_participant(session, form.read(account_id), by=actor(), today=today)


@dataclass(frozen=True)
class Here:
    """Somebody who is registered already, and where."""

    href: str


def _explained(form: PersonForm, refusal: Refusal, today: date) -> Here | None:
    """Put the refusal at the field it is about. Gives the way to the case of somebody who is here already."""
    if refusal.code == "identity_number_wrong":
        form.identity_number.errors = [*form.identity_number.errors, sentence(refusal)]
        return None
    if refusal.code not in ("participant_exists", "registration_refused"):
        form.form_errors.append(sentence(refusal))
        return None
    with reading() as session:
        row = many.by_number(session, municipality_id(), form.identity_number.data or "", today=today)
    if row is None or not gate.may_find(row):
        form.form_errors.append(sentence(refusal))
        return None
    form.identity_number.errors = [*form.identity_number.errors, _("Personen är redan registrerad.")]
    if row.voucher_id is None:
        return Here(url_for("casework.assess", participant_id=row.participant_id))
    return Here(url_for("casework.case", voucher_id=row.voucher_id))


# ── the choice, at the person's side ─────────────────────────────────────────────────────────────


@portal.route("/cases/<int:voucher_id>/choose", methods=["GET", "POST"])
@open_to(Role.GUIDE)
def choose_for(voucher_id: int) -> tuple[str, int] | Response:
    """For somebody without e-ID: all who may be chosen, then the check, then the choice and its receipt."""
    today = dates.today()
    with reading() as session:
        head = one.head(session, municipality_id(), voucher_id)
    gate.enter(head.participant, head.guide, "choose_for")
    with reading() as session:
        offer = choices.code_of(head.voucher.scheme, head.voucher.service)
        comparison = choices.compare(
            session, municipality_id(), choices.Wishes(service=offer), seed=str(voucher_id), today=today
        )
        terms = terms_of(session, municipality_id(), head.rulebook.id)
        service = Titles(session).of(head)
    provider_id = request.args.get("provider", type=int)
    candidate = comparison.candidate(provider_id) if provider_id else None
    form = ChooseForm()
    context = {
        "head": head,
        "voucher": head.voucher,
        "participant": head.participant,
        "service": service,
        "offer": offer,
        "comparison": comparison,
        "obstacle": _obstacle(head, today),
        "start_by": choice.start_by(today, terms),
        "today": today,
    }
    if candidate is None:
        context["none_marked"] = "provider" in request.args
        return shown("casework/choose_for.html", None, **context)
    seen = seals.opened(form.shown.data or "", head.participant.id, voucher_id, candidate.provider.id)
    if form.validate_on_submit():
        if seen is None:
            form.form_errors.append(
                _("Sidan har legat öppen för länge. Läs den en gång till och välj sedan.")
            )
        else:
            with refused(form):
                with writing() as session:
                    leg = actions.choose(
                        session, voucher_id, candidate.provider.id, seen, by=actor(), at=dates.now()
                    )
                return redirect(url_for("seeker.receipt", leg_id=leg.id))
    if offer not in comparison.offers:
        raise Missing()
    what = seen or choices.snapshot(
        comparison, candidate, comparison.offers[offer], locale=str(get_locale()), today=today
    )
    form.shown.data = seals.sealed(what, head.participant.id, voucher_id, candidate.provider.id)
    return shown("casework/choose_check.html", form, candidate=candidate, what=what, **context)


def _obstacle(head: one.Head, today: date) -> str | None:
    """Why nobody can be chosen today, in a sentence; None when somebody can."""
    try:
        choice.may_choose(
            state=head.voucher.state,
            last_day=head.voucher.choose_by,
            accredited=True,
            intake_open=True,
            today=today,
        )
    except Refusal as refusal:
        return sentence(refusal)
    return None
