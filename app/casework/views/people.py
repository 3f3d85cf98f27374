"""A person is registered, gets a voucher, and chooses with the guide at their side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import flash, redirect, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.casework import gate
from app.casework.forms import ChooseForm, DecideForm, PersonForm
from app.casework.titles import Titles
from app.casework.views.portal import portal
from app.casework.worth import Worth, at_most
from app.seeker import seals
from app.web import actor, municipality_id, open_to, reading, refused, sentence, shown, writing
from core import dates
from core.accounts import AccountForm, open_account
from core.actor import Role
from core.refusal import Missing, Refusal
from core.rulebooks import Rulebook
from vouchers import actions
from vouchers.actions.people import VoucherForm
from vouchers.models import Participant, Voucher
from vouchers.queries import case as one
from vouchers.queries import cases as many
from vouchers.queries import choices
from vouchers.queries.cases import may_know
from vouchers.queries.terms import terms_of
from vouchers.rules import choice
from vouchers.rules.terms import Service


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
            flash(
                _("%(name)s är registrerad. Nu kan du besluta om insats.", name=participant.name), "success"
            )
            return redirect(url_for("casework.decide", participant_id=participant.id))
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
    """Somebody who is registered already: where, or whom to ask."""

    href: str | None
    guide: str


def _explained(form: PersonForm, refusal: Refusal, today: date) -> Here | None:
    """Put the refusal at the field it is about. Gives the way to the case of somebody who is here already."""
    if refusal.code == "identity_number_wrong":
        form.identity_number.errors = [*form.identity_number.errors, sentence(refusal)]
        return None
    if refusal.code != "participant_exists":
        form.form_errors.append(sentence(refusal))
        return None
    with reading() as session:
        row = many.by_number(session, municipality_id(), form.identity_number.data or "", today=today)
    form.identity_number.errors = [*form.identity_number.errors, _("Personen är redan registrerad.")]
    if row is None or not may_know(actor().account_id, row.guide_id, row.protection):
        return Here(None, row.guide if row else "")
    if row.voucher_id is None:
        return Here(url_for("casework.decide", participant_id=row.participant_id), row.guide)
    return Here(url_for("casework.case", voucher_id=row.voucher_id), row.guide)


# ── the decision ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Option:
    """A service and level that can be decided on. `code` is rulebook:service:level."""

    code: str
    title: str
    about: str
    most_months: int
    worth: Worth
    choose_by: date
    version: str
    scheme: str


@portal.route("/people/<int:participant_id>/decide", methods=["GET", "POST"])
@open_to(Role.GUIDE)
def decide(participant_id: int) -> tuple[str, int] | Response:
    """A guide decides on a voucher: first what it means, then the decision. A person decides (KL 6:38)."""
    today = dates.today()
    with reading() as session:
        participant, guide = one.person(session, municipality_id(), participant_id)
    gate.enter(participant, guide, "decide")
    with reading() as session:
        options = _options(session, today)
        titles = Titles(session)
        vouchers = [
            (row, titles(row.rulebook_id, row.service, row.level))
            for row in one.vouchers_of(session, municipality_id(), participant_id)
        ]
    form = DecideForm()
    form.service.choices = [(option.code, option.title) for option in options]
    chosen = next((option for option in options if option.code == form.service.data), None)
    asked = request.form.get("step")
    preview = None
    if asked != "change" and form.validate_on_submit() and chosen:
        months = form.months.data or 0
        if months > chosen.most_months:
            form.months.errors = [_("Insatsen kan vara 1 till %(most)s månader.", most=chosen.most_months)]
        elif asked == "decide":
            with refused(form):
                with writing() as session:
                    voucher = _decide(session, participant_id, form, today)
                flash(_("Beslutet är fattat. Nu kan personen välja anordnare."), "success")
                return redirect(url_for("casework.case", voucher_id=voucher.id))
        else:
            with reading() as session:
                preview = _worth(session, chosen.code, months, today)
    return shown(
        "casework/decide.html",
        form,
        participant=participant,
        options=options,
        chosen=chosen,
        preview=preview,
        vouchers=vouchers,
        running=[pair for pair in vouchers if pair[0].state in many.RUNNING],
        today=today,
        back=_way_back(vouchers[0][0].id if vouchers else None),
    )


def _way_back(voucher_id: int | None) -> str:
    return url_for("casework.case", voucher_id=voucher_id) if voucher_id else url_for("casework.cases")


def _decide(session: Session, participant_id: int, form: DecideForm, today: date) -> Voucher:
    rulebook_id, service, level = str(form.service.data).split(":")
    asked = VoucherForm(
        rulebook_id=int(rulebook_id),
        service=service,
        level=level,
        months=form.months.data or 0,
        reasons=form.reasons.data or "",
    )
    return actions.decide_voucher(session, participant_id, asked, by=actor(), today=today)


def _options(session: Session, today: date) -> list[Option]:
    """Every service and level of the rulebook in force in each kundval."""
    titles = Titles(session)
    return [
        _option(session, titles, rulebook, service, level.code, today)
        for rulebook in one.rulebooks_in_force(session, municipality_id(), today)
        for service in titles.terms(rulebook.id).services.values()
        for level in service.levels
    ]


def _option(
    session: Session, titles: Titles, rulebook: Rulebook, service: Service, level: str, today: date
) -> Option:
    english = str(get_locale()) == "en"
    code = f"{rulebook.id}:{service.code}:{level}"
    return Option(
        code=code,
        title=titles(rulebook.id, service.code, level),
        about=service.plain_en if english else service.plain_sv,
        most_months=service.months,
        worth=_worth(session, code, service.months, today),
        choose_by=choice.choose_by(today, titles.terms(rulebook.id)),
        version=rulebook.version,
        scheme=rulebook.title_en if english else rulebook.title_sv,
    )


def _worth(session: Session, code: str, months: int, today: date) -> Worth:
    rulebook_id, service, level = code.split(":")
    return at_most(session, municipality_id(), int(rulebook_id), service, level, months, today)


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
