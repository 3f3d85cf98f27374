"""What a guide and a person have found at a meeting: written down, and read beside the one before."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import words
from app.casework import assess_forms, assessed, gate
from app.casework.assess_forms import MeetingForm
from app.casework.assessed import Link
from app.casework.titles import Titles
from app.casework.views.portal import portal
from app.web import actor, municipality_id, open_to, reading, refused, sentence, shown, writing
from core import dates
from core.actor import Role
from core.refusal import Missing, Refusal
from core.rulebooks import Rulebook
from vouchers import actions
from vouchers.queries import assessments
from vouchers.queries import case as one
from vouchers.rules import instrument as rule
from vouchers.rules.terms import Terms

LATER = ("finding", "reasons")
"""What is asked on the second page."""


@portal.route("/people/<int:participant_id>/assess", methods=["GET", "POST"])
@open_to(Role.GUIDE)
def assess(participant_id: int) -> tuple[str, int] | Response:
    """First the rulebook's questions, then what they suggest and why, and the guide's own finding."""
    today = dates.today()
    with reading() as session:
        participant, guide = one.person(session, municipality_id(), participant_id)
    gate.enter(participant, guide, "assess")
    with reading() as session:
        books = _books(session, today)
        if not books:
            flash(_("Inget kundval har frågor för bedömning. Du kan besluta direkt."), "info")
            return redirect(url_for("casework.decide", participant_id=participant_id))
        book = _asked_for(books)
        titles = Titles(session)
        terms = titles.terms(book.id)
        newest = assessments.newest(session, municipality_id(), participant_id, book.scheme)
        links = chain(session, participant_id, titles)
    if terms.instrument is None:
        raise AssertionError("only rulebooks with an instrument are offered")
    locale = str(get_locale() or "sv")
    form, step = assess_forms.of(terms.instrument, locale), request.form.get("step")
    form.finding.choices = _findings(terms, locale)
    if step != "keep":
        form.finding.validators = []
    suggestion = None
    if step in ("look", "keep") and _is_whole(form, terms.instrument, today):
        suggestion = rule.suggest(terms.instrument, form.answers)
        if step == "look" and not form.finding.data:
            form.finding.data = f"{suggestion.service}:{suggestion.level}"
        if step == "keep" and not form.errors:
            with refused(form):
                with writing() as session:
                    made = actions.assess(
                        session, participant_id, form.read(book.id), by=actor(), today=today
                    )
                flash(_("Bedömningen är sparad."), "success")
                return redirect(url_for("casework.assessment", assessment_id=made.id))
    if request.method == "GET" and form.met_on.data is None:
        form.met_on.data = today
    return shown(
        "casework/assess_finding.html" if suggestion else "casework/assess.html",
        form,
        participant=participant,
        books=books,
        book=book,
        instrument=terms.instrument,
        prefix=assess_forms.PREFIX,
        earlier=assessed.steps_of(titles.terms(newest.rulebook_id).instrument, newest.answers, locale)
        if newest
        else {},
        newest=newest,
        links=links,
        suggestion=suggestion,
        suggested=_title(terms, suggestion.service, suggestion.level, locale) if suggestion else "",
        areas=assessed.areas(terms.instrument, form.answers, locale) if suggestion else [],
        why=assessed.reasons([vars(each) for each in suggestion.why], terms, locale) if suggestion else [],
        today=today,
        back=_way_back(links),
    )


@portal.route("/assessments/<int:assessment_id>")
@open_to(Role.GUIDE)
def assessment(assessment_id: int) -> tuple[str, int]:
    """One assessment beside the one before: each step, what changed, and what was done between them."""
    today, locale = dates.today(), str(get_locale() or "sv")
    with reading() as session:
        kept = assessments.one(session, municipality_id(), assessment_id)
        participant, guide = one.person(session, municipality_id(), kept.assessment.participant_id)
    gate.enter(participant, guide, "assessment")
    with reading() as session:
        titles = Titles(session)
        terms = titles.terms(kept.rulebook.id)
        earlier = assessments.before(session, kept.assessment)
        between = (
            _measures(session, participant.id, titles, earlier.assessment.met_on, kept.assessment.met_on)
            if earlier
            else []
        )
        newest = assessments.newest(session, municipality_id(), participant.id, kept.rulebook.scheme)
        links = chain(session, participant.id, titles)
        before = titles.terms(earlier.rulebook.id).instrument if earlier else None
    if terms.instrument is None:
        raise Missing()
    found = kept.assessment
    return shown(
        "casework/assessment.html",
        participant=participant,
        kept=kept,
        found=found,
        earlier=earlier,
        between=between,
        links=links,
        areas=assessed.areas(
            terms.instrument,
            found.answers,
            locale,
            (before, earlier.assessment.answers) if before and earlier else None,
        ),
        title=_title(terms, found.service, found.level, locale),
        suggested=_title(terms, found.suggested_service, found.suggested_level, locale),
        differs=(found.service, found.level) != (found.suggested_service, found.suggested_level),
        why=assessed.reasons(found.why, terms, locale),
        counts_to=rule.counts_to(found.met_on, terms.instrument),
        is_newest=newest is not None and newest.id == found.id,
        today=today,
        back=_way_back(links),
    )


def chain(session: Session, participant_id: int, titles: Titles) -> list[Link]:
    """The person's assessments and what was given after each, the newest first."""
    found = [
        Link(
            row.met_on,
            is_measure=False,
            title=titles(row.rulebook_id, row.service, row.level),
            note=row.made_by,
            endpoint="casework.assessment",
            values={"assessment_id": row.id},
        )
        for row in assessments.of_person(session, municipality_id(), participant_id)
    ]
    measures = _measures(session, participant_id, titles, date.min, date.max)
    # A measure of the same day came after its meeting.
    return sorted([*found, *measures], key=lambda link: (link.on, link.is_measure), reverse=True)


def _measures(session: Session, participant_id: int, titles: Titles, since: date, until: date) -> list[Link]:
    return [
        Link(
            row.decided_on,
            is_measure=True,
            title=titles(row.rulebook_id, row.service, row.level),
            note=_("%(state)s %(day)s: %(why)s", state=words.word(row.state, "voucher"),
                   day=words.date_alone(row.ended_on), why=words.word(row.end_reason or "", "reason").lower())
            if row.ended_on else words.word(row.state, "voucher"),
            endpoint="casework.case",
            values={"voucher_id": row.id},
        )
        for row in assessments.measures(session, municipality_id(), participant_id, since, until)
    ]  # fmt: skip


def _books(session: Session, today: date) -> list[Rulebook]:
    """Today's rulebooks that have an instrument."""
    titles = Titles(session)
    return [
        book
        for book in one.rulebooks_in_force(session, municipality_id(), today)
        if titles.terms(book.id).instrument
    ]


def _asked_for(books: list[Rulebook]) -> Rulebook:
    wanted = request.args.get("book", type=int)
    return next((book for book in books if book.id == wanted), books[0])


def _findings(terms: Terms, locale: str) -> list[tuple[str, str]]:
    return [
        (f"{service.code}:{level.code}", _title(terms, service.code, level.code, locale))
        for service in terms.services.values()
        for level in service.levels
    ]


def _title(terms: Terms, service: str, level: str, locale: str) -> str:
    found = terms.services[service]
    return f"{found.title(locale)}, {found.level_title(level, locale).lower()}"


def _is_whole(form: MeetingForm, instrument: rule.Instrument, today: date) -> bool:
    """Whether the first page is answered so that the rules can say something."""
    form.validate_on_submit()
    if form.met_on.data and not form.met_on.errors:
        try:
            rule.may_assess(form.met_on.data, instrument, today)
        except Refusal as refusal:
            form.met_on.errors = [sentence(refusal)]
    return not any(field.errors for field in form if field.name not in LATER)


def _way_back(links: list[Any]) -> str:
    case = next((link for link in links if link.is_measure), None)
    return url_for(case.endpoint, **case.values) if case else url_for("casework.cases")
