"""Absences that providers have told, and what people say is not so: listed, read, judged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.casework import gate
from app.casework.attendance_forms import ContestForm, DeviationForm
from app.casework.titles import Titles
from app.casework.views.portal import portal
from app.casework.waits import waited
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import dates
from core.actor import Role
from core.database import Rows, fetch
from core.dates import first_of_month, last_of_month
from payouts.queries.worth import Effect, if_withdrawn, waiting_ore
from providers.models import Provider
from vouchers import actions
from vouchers.models import Leg, Report
from vouchers.queries import attendance
from vouchers.queries import case as one
from vouchers.queries import contests as asked
from vouchers.rules import states
from vouchers.rules.attendance import MONTH_SHOWS, consequence, shown_of

PER_PAGE = 50


def _listed(template: str, find: Callable[..., Rows]) -> tuple[str, int]:
    """A page of what waits: the guide's own people, or with ?whose=all everybody's."""
    is_guide = actor().has(Role.GUIDE)
    whose = "all" if request.args.get("whose") == "all" or not is_guide else "mine"
    with reading() as session:
        rows = find(
            session,
            municipality_id(),
            viewer_id=actor().account_id,
            guide_id=actor().account_id if whose == "mine" else None,
        )
    pages = max(1, -(-len(rows) // PER_PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    return shown(
        template,
        rows=rows[(page - 1) * PER_PAGE : page * PER_PAGE],
        count=len(rows),
        whose=whose,
        page=page,
        pages=pages,
        waited=waited,
        day_of=dates.day_of,
        today=dates.today(),
        is_guide=is_guide,
    )


@portal.route("/deviations")
@open_to(Role.GUIDE, Role.INSPECTOR)
def deviations() -> tuple[str, int]:
    """Absences that wait to be judged, the one told first on top."""
    return _listed("casework/deviations.html", asked.unjudged)


@portal.route("/contests")
@open_to(Role.GUIDE, Role.INSPECTOR)
def contests() -> tuple[str, int]:
    """What people say is not so, what has waited longest first."""
    return _listed("casework/contests.html", asked.contests)


def _about(session: Session, leg: Leg) -> dict[str, Any]:
    """Whose it is, and where."""
    head = one.head(session, municipality_id(), leg.voucher_id)
    return {
        "head": head,
        "voucher": head.voucher,
        "participant": head.participant,
        "provider": fetch(session, Provider, municipality_id(), leg.provider_id).name,
        "service": Titles(session).of(head),
    }


@portal.route("/deviations/<int:deviation_id>", methods=["GET", "POST"])
@open_to(Role.GUIDE, Role.INSPECTOR)
def deviation(deviation_id: int) -> tuple[str, int] | Response:
    """One absence: whether there was a valid reason."""
    today = dates.today()
    with reading() as session:
        found, leg = asked.deviation(session, municipality_id(), deviation_id)
        about = _about(session, leg)
        said = attendance.history(session, municipality_id(), found)
    gate.enter(about["participant"], about["head"].guide, "deviation")
    form = DeviationForm()
    may = states.deviation.can(found.state, "find_valid") and actor().has(Role.GUIDE)
    contested = any(answer.is_open for answer in said)
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                actions.judge_deviation(
                    session,
                    deviation_id,
                    valid=form.answer.data == "valid",
                    note=form.note.data or "",
                    by=actor(),
                    today=today,
                )
            flash(_("Frånvaron är bedömd."), "success")
            return redirect(url_for("casework.case", voucher_id=leg.voucher_id))
    return shown(
        "casework/deviation.html",
        form,
        deviation=found,
        said=said,
        may_judge=may and not contested,
        contested=contested,
        today=today,
        **about,
    )


@portal.route("/contests/<int:answer_id>", methods=["GET", "POST"])
@open_to(Role.GUIDE, Role.INSPECTOR)
def contest(answer_id: int) -> tuple[str, int] | Response:
    """What a person says is not so, beside what the provider told: whether it stands."""
    today, here = dates.today(), municipality_id()
    with reading() as session:
        answer, of, leg = asked.contest(session, here, answer_id)
        about = _about(session, leg)
    gate.enter(about["participant"], about["head"].guide, "contest")
    form = ContestForm()
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                actions.judge_contest(
                    session, answer_id, form.verdict.data, form.reasons.data or "", by=actor(), today=today
                )
            flash(_("Tack. Personen och anordnaren ser vad du har kommit fram till."), "success")
            return redirect(url_for("casework.case", voucher_id=leg.voucher_id))
    is_month = isinstance(of, Report)
    effect, waits, does = Effect(0, 0), 0, None
    with reading() as session:
        history = attendance.history(session, here, of)
        if isinstance(of, Report):
            first, last = first_of_month(of.month), last_of_month(of.month)
            unchanged = shown_of(of, MONTH_SHOWS) == answer.shown
            does = consequence("wrong", state=of.state, unchanged=unchanged)
            effect = if_withdrawn(session, here, leg.voucher_id, of.id, today)
            waits = waiting_ore(session, here, leg.voucher_id, of.id, today)
        else:
            first = last = of.happened_on
        held = attendance.held(session, here, [leg.id], first, last)
        absences = attendance.absences(session, here, [leg.id])
    return shown(
        "casework/contest.html",
        form,
        answer=answer,
        of=of,
        is_month=is_month,
        history=[other for other in history if other.id != answer.id],
        held=held,
        absences=[told for told, _said in absences if first <= told.happened_on <= last and told is not of],
        effect=effect,
        waits_ore=waits,
        does=does,
        may_judge=answer.verdict is None and answer.taken_back_at is None and actor().has(Role.GUIDE),
        today=today,
        **about,
    )
