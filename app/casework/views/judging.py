"""A report is approved or returned; a result is found to stand or not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import words
from app.casework import gate
from app.casework.forms import CheckForm, JudgeForm
from app.casework.titles import Titles
from app.casework.views.following import asked_of
from app.casework.views.portal import portal
from app.declared import answered
from app.timeline import check_title
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import dates
from core.actor import Role
from payouts.queries.worth import Value, Wish, of_check, worth
from vouchers import actions
from vouchers.models import Check, Outcome, Report
from vouchers.queries import attendance, employers, proof
from vouchers.queries import case as one
from vouchers.queries.case import Head, Parts
from vouchers.queries.terms import terms_of
from vouchers.rules import proving
from vouchers.rules.results import REFUSALS
from vouchers.rules.terms import Terms


@portal.route("/reports/<int:report_id>", methods=["GET", "POST"])
@open_to(Role.GUIDE, Role.INSPECTOR)
def report(report_id: int) -> tuple[str, int] | Response:
    """Read a month's report beside the one before it; approve it, or say what is missing."""
    with reading() as session:
        found, voucher_id = one.report(session, municipality_id(), report_id)
        head = one.head(session, municipality_id(), voucher_id)
    gate.enter(head.participant, head.guide, "report")
    form = JudgeForm()
    if form.validate_on_submit():
        approves = form.answer.data == "approve"
        with refused(form):
            with writing() as session:
                if approves:
                    actions.approve_report(session, report_id, by=actor(), today=dates.today())
                else:
                    actions.return_report(
                        session, report_id, form.comment.data or "", by=actor(), today=dates.today()
                    )
            said = _("Rapporten är godkänd.") if approves else _("Rapporten är tillbaka hos anordnaren.")
            flash(said, "success")
            return redirect(url_for("casework.case", voucher_id=voucher_id))
    with reading() as session:
        parts = one.parts(session, municipality_id(), voucher_id)
        values = _worth(session, head, parts, found.leg_id, found.month)
        earlier = [
            row
            for row in parts.reports
            if row.month < found.month and row.leg_id == found.leg_id and row.state != "withdrawn"
        ]
        service = Titles(session).of(head)
        terms = terms_of(session, municipality_id(), head.rulebook.id)
        answers = attendance.history(session, municipality_id(), found)
    return shown(
        "casework/report.html",
        form,
        head=head,
        voucher=head.voucher,
        participant=head.participant,
        report=found,
        told=_told(found, terms),
        said=answers[-1] if answers else None,
        leg=parts.leg(found.leg_id),
        before=earlier[-1] if earlier else None,
        base=of_check(values, "month", values[0].part) if values else None,
        service=service,
        is_guide=actor().has(Role.GUIDE),
        today=dates.today(),
    )


def _told(found: Report, terms: Terms) -> list[tuple[str, str]]:
    """What the month held, as (question, answer)."""
    names = ("activities", "booked_minutes", "physical_minutes", "against_plan")
    return answered("monthly", {name: getattr(found, name) for name in names}, terms)


def _worth(
    session: Session, head: Head, parts: Parts, leg_id: int, month: date | None, began_on: date | None = None
) -> tuple[Value, ...]:
    """What an approved month, or without one a result that stands and began that day, gives this leg."""
    leg = parts.leg(leg_id)
    if leg.started_on is None:
        return ()
    first_on = min(stay.started_on for stay in parts.legs if stay.started_on)
    wish = Wish(
        head.rulebook.id,
        head.voucher.service,
        head.voucher.level,
        head.voucher.months,
        first_on,
        leg.started_on,
        leg.ended_on,
        month,
        began_on=began_on,
    )
    return worth(session, municipality_id(), [wish])[0]


def _offered(first: str, family: str, codes: Iterable[str]) -> list[tuple[str, str]]:
    return [("", first), *((code, words.word(code, family)) for code in codes)]


@portal.route("/checks/<int:check_id>", methods=["GET", "POST"])
@open_to(Role.GUIDE, Role.INSPECTOR)
def check(check_id: int) -> tuple[str, int] | Response:
    """Say whether a result stands, on what evidence; never before its day."""
    today = dates.today()
    with reading() as session:
        found, outcome = one.check(session, municipality_id(), check_id)
        head = one.head(session, municipality_id(), found.voucher_id)
    gate.enter(head.participant, head.guide, "check")
    with reading() as session:
        terms = terms_of(session, municipality_id(), head.rulebook.id)
        parts = one.parts(session, municipality_id(), found.voucher_id)
        service = Titles(session).of(head)
        values = _worth(session, head, parts, found.leg_id, None, outcome.starts_on)
        proved = _proved(session, found, outcome) | {"takes_word": proving.BY_LINK in terms.sources}
    form = CheckForm()
    form.source.choices = _offered(_("Välj underlag"), "source", terms.sources)
    form.code.choices = _offered(_("Välj skäl"), "refusal", REFUSALS)
    if form.validate_on_submit():
        passed = form.answer.data == "pass"
        with refused(form):
            with writing() as session:
                judge = actions.end_override if proved["override"] else actions.judge_check
                judge(
                    session,
                    check_id,
                    passed=passed,
                    source=form.source.data if passed else None,
                    refusal_code=None if passed else form.code.data,
                    related_reasons=form.related_reasons.data or "",
                    by=actor(),
                    today=today,
                )
            flash(_("Godkänt. Det kan betalas.") if passed else _("Inte godkänt. Inget betalas."), "success")
            return redirect(url_for("casework.case", voucher_id=found.voucher_id))
    return shown(
        "casework/check.html",
        form,
        head=head,
        voucher=head.voucher,
        participant=head.participant,
        check=found,
        outcome=outcome,
        leg=parts.leg(found.leg_id),
        title=check_title(found.purpose, found.part),
        fee=of_check(values, found.purpose, found.part),
        stands=outcome.state != "withdrawn" and (found.purpose == "result" or outcome.state == "verified"),
        service=service,
        asked=asked_of(found, outcome, terms, today),
        today=today,
        **proved,
    )


def _proved(session: Session, found: Check, outcome: Outcome) -> dict[str, Any]:
    """What has been shown and seen for a dated case, and what it stands on."""
    return {
        "evidence": proof.evidence(session, municipality_id(), outcome.id),
        "looks": proof.looks(session, municipality_id(), found.id),
        "override": proof.override(session, municipality_id(), found.id),
        "related": proof.related_now(session, outcome),
        "link": employers.link(session, municipality_id(), found.id, dates.today()),
    }
