"""The decision on a voucher: what it rests on, what runs beside it, what it means, and then the decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import flash, redirect, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import words
from app.casework import gate
from app.casework.forms import DecideForm
from app.casework.titles import Titles
from app.casework.views.portal import portal
from app.casework.worth import Worth, at_most
from app.web import actor, municipality_id, open_to, reading, refused, sentence, shown, writing
from core import dates
from core.actor import Role
from core.refusal import Refusal
from core.rulebooks import Rulebook
from vouchers import actions
from vouchers.actions.people import VoucherForm
from vouchers.models import Assessment, Voucher
from vouchers.queries import assessments, beside
from vouchers.queries import case as one
from vouchers.queries import cases as many
from vouchers.rules import choice, deciding
from vouchers.rules.terms import Service


@dataclass(frozen=True)
class Option:
    """A service and level that can be decided on. `code` is rulebook:service:level; `closed` is why it cannot
    be decided today, in a sentence, and `rests_on` the assessment that it would rest on."""

    code: str
    title: str
    about: str
    most_months: int
    worth: Worth
    choose_by: date
    version: str
    scheme: str
    closed: str | None
    rests_on: Assessment | None
    groups: tuple[str, ...]


@portal.route("/people/<int:participant_id>/decide", methods=["GET", "POST"])
@open_to(Role.GUIDE)
def decide(participant_id: int) -> tuple[str, int] | Response:
    """A guide decides on a voucher: first what it means, then the decision. A person decides (KL 6:38)."""
    today = dates.today()
    with reading() as session:
        participant, guide = one.person(session, municipality_id(), participant_id)
    gate.enter(participant, guide, "decide")
    with reading() as session:
        options = _options(session, participant_id, today)
        titles = Titles(session)
        vouchers = [
            (row, titles(row.rulebook_id, row.service, row.level))
            for row in one.vouchers_of(session, municipality_id(), participant_id)
        ]
        form = _form(options, titles)
    chosen = next((option for option in options if option.code == form.service.data), None)
    asked = request.form.get("step")
    preview = None
    if asked != "change" and form.validate_on_submit() and chosen:
        months = form.months.data or 0
        if months > chosen.most_months:
            form.months.errors = [_("Insatsen kan vara 1 till %(most)s månader.", most=chosen.most_months)]
        elif chosen.closed:
            form.service.errors = [chosen.closed]
        elif asked == "decide":
            with refused(form):
                with writing() as session:
                    voucher = _decide(session, participant_id, form, chosen, today)
                flash(_("Beslutet är fattat. Nu kan personen välja anordnare."), "success")
                return redirect(url_for("casework.letter", voucher_id=voucher.id))
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


def _form(options: list[Option], titles: Titles) -> DecideForm:
    """The form with what today's rulebooks offer; on the first sight filled in from the assessment."""
    form, locale = DecideForm(), str(get_locale() or "sv")
    books = [titles.terms(int(option.code.split(":")[0])) for option in options]
    form.service.choices = [(option.code, option.title) for option in options]
    groups = {group.code: group.title(locale) for terms in books for group in terms.target_groups}
    form.target_group.choices = list(groups.items())
    studies = dict.fromkeys(["none", *(code for terms in books for code in terms.studies)])
    form.studies.choices = [(code, words.word(code, "studies")) for code in studies]
    if not groups:
        del form.target_group
    if request.method == "GET":
        wanted = request.args.get("assessment", type=int)
        on = [option for option in options if option.rests_on and not option.closed]
        named = [option for option in on if option.rests_on and option.rests_on.id == wanted] or on
        fitting = [option for option in named if option.rests_on and option.code == _found(option.rests_on)]
        form.service.data = fitting[0].code if fitting else None
    return form


def _found(assessment: Assessment) -> str:
    return f"{assessment.rulebook_id}:{assessment.service}:{assessment.level}"


def _decide(session: Session, participant_id: int, form: DecideForm, chosen: Option, today: date) -> Voucher:
    rulebook_id, service, level = chosen.code.split(":")
    group = form.target_group.data if chosen.groups else None
    asked = VoucherForm(
        rulebook_id=int(rulebook_id),
        service=service,
        level=level,
        months=form.months.data or 0,
        reasons=form.reasons.data or "",
        assessment_id=chosen.rests_on.id if chosen.rests_on else None,
        target_group=group,
        studies=form.studies.data or "none",
    )
    return actions.decide_voucher(session, participant_id, asked, by=actor(), today=today)


def _options(session: Session, participant_id: int, today: date) -> list[Option]:
    """Every service and level of the rulebook in force in each kundval."""
    titles = Titles(session)
    running = beside.running(session, municipality_id(), participant_id)
    found = []
    for rulebook in one.rulebooks_in_force(session, municipality_id(), today):
        newest = assessments.newest(session, municipality_id(), participant_id, rulebook.scheme)
        closed = _closed(titles, rulebook, running, newest, today)
        found += [
            _option(session, titles, rulebook, service, level.code, closed, newest, today)
            for service in titles.terms(rulebook.id).services.values()
            for level in service.levels
        ]
    return found


def _closed(
    titles: Titles,
    rulebook: Rulebook,
    running: list[deciding.Running],
    newest: Assessment | None,
    today: date,
) -> str | None:
    """Why nothing can be decided in the kundval today, in a sentence; None when something can."""
    terms = titles.terms(rulebook.id)
    try:
        deciding.may_run_beside(rulebook.scheme, terms.also, running)
        deciding.may_rest_on(newest.met_on if newest else None, terms, today)
    except Refusal as refusal:
        return sentence(refusal)
    return None


def _option(
    session: Session,
    titles: Titles,
    rulebook: Rulebook,
    service: Service,
    level: str,
    closed: str | None,
    newest: Assessment | None,
    today: date,
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
        closed=closed,
        rests_on=newest if closed is None and titles.terms(rulebook.id).instrument else None,
        groups=tuple(group.code for group in titles.terms(rulebook.id).target_groups),
    )


def _worth(session: Session, code: str, months: int, today: date) -> Worth:
    rulebook_id, service, level = code.split(":")
    return at_most(session, municipality_id(), int(rulebook_id), service, level, months, today)
