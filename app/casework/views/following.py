"""Follow-ups six months later, results in parts by day, and judged cases drawn for a second look."""

from __future__ import annotations

from datetime import date, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.casework import gate
from app.casework.following_forms import ReviewForm
from app.casework.views.portal import portal
from app.timeline import check_title
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import dates
from core.actor import Role
from vouchers.actions.following import review_check
from vouchers.models import Check, Outcome
from vouchers.queries import case as one
from vouchers.queries import following, proof
from vouchers.queries import reviews as seconds
from vouchers.queries.following import WHICH
from vouchers.rules import following as rules
from vouchers.rules.terms import Terms

PER_PAGE = 50
AHEAD_DAYS = 200
"""How far ahead cases are listed: a little more than the six months of a bonus."""
BACK_DAYS = 90


@portal.route("/follow-ups")
@open_to(Role.GUIDE, Role.INSPECTOR)
def follow_ups() -> str:
    """Every dated case of a result: open, coming or judged, with the provider's answer."""
    today, by = dates.today(), actor()
    whose = request.args.get("whose", "mine" if by.has(Role.GUIDE) else "all")
    guide_id = by.account_id if whose == "mine" and by.has(Role.GUIDE) else None
    which = request.args.get("which", "open")
    which = which if which in WHICH else "open"
    span = {"since": today - timedelta(days=BACK_DAYS), "until": today + timedelta(days=AHEAD_DAYS)}
    with reading() as session:
        counts = following.counts(session, municipality_id(), today, guide_id=guide_id, **span)
        rows = following.dated(
            session,
            municipality_id(),
            today,
            viewer_id=by.account_id,
            guide_id=guide_id,
            which=which,
            **span,
        )
    pages = max(1, -(-len(rows) // PER_PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    return render_template(
        "casework/follow_ups.html",
        rows=rows[(page - 1) * PER_PAGE : page * PER_PAGE],
        counts=counts,
        which=which,
        whose="mine" if guide_id else "all",
        is_guide=by.has(Role.GUIDE),
        check_title=check_title,
        page=page,
        pages=pages,
        today=today,
    )


def asked_of(check: Check, outcome: Outcome, terms: Terms, today: date) -> tuple[rules.Asked, str] | None:
    """How far the provider has come with a case, and its stage; None where it is not asked."""
    if not rules.is_followed(purpose=check.purpose, due_on=check.due_on, claimed_on=outcome.claimed_on):
        return None
    found = following.asked(check, terms)
    return found, rules.stage(found, today)


@portal.route("/reviews")
@open_to(Role.GUIDE, Role.INSPECTOR)
def reviews() -> str:
    """Judged cases that were drawn for a second look."""
    done = request.args.get("show") == "done"
    with reading() as session:
        rows = seconds.reviews(session, municipality_id(), viewer_id=actor().account_id, done=done)
        drawn, looked, differ = seconds.review_counts(session, municipality_id())
    pages = max(1, -(-len(rows) // PER_PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    return render_template(
        "casework/reviews.html",
        rows=rows[(page - 1) * PER_PAGE : page * PER_PAGE],
        drawn=drawn,
        looked=looked,
        differ=differ,
        done=done,
        check_title=check_title,
        page=page,
        pages=pages,
    )


@portal.route("/reviews/<int:review_id>", methods=["GET", "POST"])
@open_to(Role.GUIDE, Role.INSPECTOR)
def review(review_id: int) -> tuple[str, int] | Response:
    """Look again at what somebody else has judged, and say the same or something else."""
    with reading() as session:
        found, check, judge = seconds.review(session, municipality_id(), review_id)
        head = one.head(session, municipality_id(), check.voucher_id)
    gate.enter(head.participant, head.guide, "review")
    with reading() as session:
        outcome = one.check(session, municipality_id(), check.id)[1]
        parts = one.parts(session, municipality_id(), check.voucher_id)
        evidence = proof.evidence(session, municipality_id(), outcome.id)
        looks = proof.looks(session, municipality_id(), check.id)
    form = ReviewForm()
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                review_check(
                    session,
                    review_id,
                    str(form.verdict.data),
                    form.note.data or "",
                    by=actor(),
                    today=dates.today(),
                )
            flash(_("Granskningen är sparad."), "success")
            return redirect(url_for("casework.reviews"))
    return shown(
        "casework/review.html",
        form,
        review=found,
        check=check,
        outcome=outcome,
        leg=parts.leg(check.leg_id),
        participant=head.participant,
        evidence=evidence,
        looks=looks,
        judge=judge,
        title=check_title(check.purpose, check.part),
        is_own=check.judged_by == actor().account_id,
        today=dates.today(),
    )
