"""The board's list: proposals, the chair's decisions, what is to be reported; and what the board decided."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import lives
from app.casework.door import entered
from app.casework.life_forms import URGENT, BoardForm, RenewalForm, ReportForm, reason_choices
from app.casework.steps import open_to_board
from app.casework.titles import Titles
from app.casework.views.accreditation import Page, back, look
from app.casework.views.portal import portal
from app.ids import LARGEST
from app.lives import Life
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import dates
from core.actor import Role
from providers import actions
from providers.actions import Meeting
from providers.models import Accreditation
from providers.queries import life as told_of
from providers.queries import reviewing
from providers.queries.terms import accreditation_terms, newest_rulebooks
from providers.rules.dormancy import NOBODY
from vouchers.queries import customers, winding

ENDS = ("revoke", "expire")


@portal.route("/board")
@open_to(Role.SECRETARY, Role.CHAIR, Role.INSPECTOR)
def board() -> str:
    """What waits for the board: proposals, the chair's provisional decisions, decisions to be reported."""
    return _list(ReportForm(formdata=None))[0]


def _list(form: ReportForm) -> tuple[str, int]:
    with reading() as session:
        proposals = told_of.for_the_board(session, municipality_id())
        provisional = told_of.provisional(session, municipality_id())
        unreported = told_of.unreported(session, municipality_id())
        titles = Titles(session)
        rows = [row.Accreditation for row in (*proposals, *provisional, *unreported)]
        services = {one.id: titles.service(one.rulebook_id, one.service) for one in rows}
        waiting = [row.Accreditation.id for row in (*proposals, *provisional)]
        running = winding.running_by(session, municipality_id(), waiting)
        form.decisions.choices = [(str(row.Decision.id), row.provider) for row in unreported]
        return shown(
            "casework/board.html",
            form,
            proposals=[(row, lives.facts_in_words(row.Proposal.facts)) for row in proposals],
            provisional=[
                (row.Accreditation, row.provider, _chairs(session, row.Accreditation)) for row in provisional
            ],
            unreported=unreported,
            services=services,
            running=running,
            decides=actor().has(Role.SECRETARY),
            today=dates.today(),
        )


def _chairs(session: Session, accreditation: Accreditation) -> Any:
    """The chair's decision, as the decision macros show it."""
    rows = reviewing.decisions(session, municipality_id(), accreditation.id)
    return next(row for row in rows if row.kind == "provisionally_revoked")


@portal.route("/board/report", methods=["POST"])
@open_to(Role.SECRETARY)
def board_report() -> Page:
    """Note that decisions were reported at a meeting."""
    form = ReportForm()
    if form.validate_on_submit():
        ids = [int(one) for one in form.decisions.data or () if one.isascii() and one.isdigit()]
        ids = [one for one in ids if one <= LARGEST]
        with refused(form):
            with writing() as session:
                actions.report_to_board(
                    session, ids, form.meeting_on.data or dates.today(), by=actor(), today=dates.today()
                )
            flash(_("Besluten är anmälda till nämnden."), "success")
            return redirect(url_for("casework.board"))
    return _list(form)


@portal.route("/accreditations/<int:accreditation_id>/decide", methods=["GET", "POST"])
@open_to(Role.SECRETARY)
def accreditation_decide(accreditation_id: int) -> Page:
    """The secretary writes down what the board decided: with its evidence in view."""
    told = look(accreditation_id, lambda told: bool(open_to_board(told.accreditation)))
    today, options = dates.today(), open_to_board(told.accreditation)
    with reading() as session:
        reason = actions.standing_reason(session, told.accreditation)
        last_on, running = _last_customer(session, told.accreditation, today)
    form = BoardForm()
    form.outcome.choices = [(event, _outcome(event)) for event in options]
    codes = (reason,) if reason == "no_customers" else URGENT
    form.reason.choices = reason_choices(codes)
    if "revoke" not in options:
        del form.reason
    elif not request.form:
        form.reason.data = reason
    if form.validate_on_submit():
        event = form.outcome.data
        if event in ENDS and form.last_day.data is None and not form.last_day.errors:
            form.last_day.errors = [_("Skriv sista dagen som auktorisationen gäller.")]
        else:
            with refused(form):
                with writing() as session:
                    entered(session, accreditation_id)
                    _decide(session, told, form, today)
                flash(_said(event), "success")
                return back(accreditation_id)
    return shown(
        "casework/accreditation_decide.html",
        form,
        told=told,
        accreditation=told.accreditation,
        facts=lives.facts_in_words(told.proposal.facts) if told.proposal else [],
        reason=reason,
        last_on=last_on,
        running=running,
        today=today,
    )


def _last_customer(session: Session, accreditation: Accreditation, today: date) -> tuple[date | None, int]:
    """The last day with a customer as the rulebook counts, and how many there are now."""
    terms = accreditation_terms(session, municipality_id(), accreditation.rulebook_id)
    seen = customers.seen(session, municipality_id(), today).get(accreditation.id, NOBODY)
    return seen.last_on(terms.dormancy.customer if terms.dormancy else "chosen"), seen.present


def _outcome(event: str) -> str:
    return {
        "revoke": _("Återkalla auktorisationen"),
        "keep": _("Låta auktorisationen stå kvar"),
        "lift": _("Häva den tillfälliga återkallelsen"),
        "expire": _("Låta auktorisationen upphöra"),
        "call_off": _("Inte kräva någon ny ansökan"),
    }[event]


def _said(event: str) -> str:
    if event in ENDS:
        return _("Beslutet är infört. Nu ska alla som går där få en plan.")
    return _("Beslutet är infört. Auktorisationen gäller som förut.")


def _decide(session: Session, told: Life, form: BoardForm, today: date) -> None:
    meeting = Meeting(form.held_on.data or today, form.paragraph.data or "")
    reasons, one, by = form.reasons.data or "", told.accreditation.id, actor()
    last_day = form.last_day.data or today
    if form.outcome.data == "revoke":
        last_on, _running = _last_customer(session, told.accreditation, today)
        actions.revoke(
            session,
            one,
            reason=form.reason.data,
            reasons=reasons,
            meeting=meeting,
            last_day=last_day,
            last_customer_on=last_on,
            by=by,
            today=today,
        )
    elif form.outcome.data == "expire":
        actions.expire(session, one, reasons=reasons, meeting=meeting, last_day=last_day, by=by, today=today)
    else:
        act = {"keep": actions.keep, "lift": actions.lift, "call_off": actions.call_off}[form.outcome.data]
        act(session, one, reasons=reasons, meeting=meeting, by=by, today=today)


@portal.route("/reaccreditation", methods=["GET", "POST"])
@open_to(Role.SECRETARY)
def reaccreditation() -> Page:
    """New conditions have been decided: everybody accredited under older ones applies again before a day."""
    form, today = RenewalForm(), dates.today()
    with reading() as session:
        books = [
            book
            for book in newest_rulebooks(session, municipality_id()).values()
            if accreditation_terms(session, municipality_id(), book.id).application
        ]
        concerned = {book.id: told_of.under_older(session, book) for book in books}
        calls = told_of.calls(session, municipality_id())
    english = str(get_locale()) == "en"
    form.rulebook.choices = [
        (
            str(book.id),
            _(
                "%(kundval)s, version %(version)s",
                kundval=book.title_en if english else book.title_sv,
                version=book.version,
            ),
        )
        for book in books
        if concerned[book.id]
    ]
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                _call, count = actions.require_reaccreditation(
                    session,
                    int(form.rulebook.data),
                    form.due_on.data or today,
                    reasons=form.reasons.data or "",
                    by=actor(),
                    today=today,
                )
            flash(_("Ny ansökan är begärd. Det gäller %(count)s auktorisationer.", count=count), "success")
            return redirect(url_for("casework.board"))
    return shown(
        "casework/reaccreditation.html",
        form,
        descriptions={
            str(book.id): ngettext(
                "%(num)s auktorisation gäller under äldre villkor.",
                "%(num)s auktorisationer gäller under äldre villkor.",
                concerned[book.id],
            )
            for book in books
        },
        calls=calls,
        today=today,
    )
