"""The pages that need no sign-in: the idea, the comparison, the register, and how to complain."""

from __future__ import annotations

from datetime import date
from itertools import groupby

from flask import Response, jsonify, redirect, request, session, url_for
from flask_babel import format_date
from flask_login import current_user
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.actions import stranger
from app.api import document, problems
from app.navigation import items
from app.public import actions, compare, employer, letter, listing, open_data, register, wishes
from app.public.door import portal
from app.public.forms import FeedbackForm
from app.web import (
    LANGUAGES,
    local,
    municipality_id,
    open_to_all,
    reading,
    refused,
    settings,
    shown,
    writing,
)
from core import dates
from core.actor import Role
from core.refusal import Missing
from providers.queries.applicants import Offer, offers
from vouchers.queries import choices
from vouchers.queries.choices import Wishes
from vouchers.queries.terms import terms_of
from vouchers.queries.voice import questions_of

__all__ = ["compare", "employer", "letter", "portal", "register"]

TESTED_ON = date(2026, 11, 22)


@portal.route("/")
@open_to_all
def start() -> tuple[str, int]:
    """What this is, in three sentences, and the ways on."""
    with reading() as look:
        comparison = wishes.met(look, Wishes())
    onward = items(current_user)[0] if current_user.is_authenticated else None
    return shown("public/start.html", comparison=comparison, onward=onward, own_names=listing.OWN_NAMES)


@portal.route("/providers/<int:provider_id>")
@open_to_all
def provider(provider_id: int) -> tuple[str, int]:
    """One provider: where, what, in which languages, how it has gone, and how to reach it.

    One that was accredited once has a page that says so; of others there is none.
    """
    with reading() as look:
        mine = wishes.my_choices(look)
        near = wishes.near_by(look, request.args)
        comparison = wishes.met(look, Wishes(), near)
        known = open_data.read(look, municipality_id(), dates.today(), provider_id)
        said = questions_of(look, municipality_id(), provider_id)
    candidate = comparison.candidate(provider_id)
    if not known.providers:
        raise Missing()
    asked = wishes.asked(mine)
    return shown(
        "public/provider.html" if candidate else "public/provider_ended.html",
        comparison=comparison,
        candidate=candidate,
        known=known,
        registered=known.providers[0],
        number=open_data.number,
        mine=mine,
        wishes=wishes.written(asked, near),
        told_only=wishes.written(asked),
        how_far=listing.far(comparison.metres.get(provider_id)),
        is_saved=provider_id in wishes.own_list(),
        said=said,
        today=dates.today(),
    )


@portal.route("/become-provider")
@open_to_all
def become() -> tuple[str, int]:
    """How an organisation becomes a provider: the conditions, who decides, how long it takes."""
    with reading() as look:
        kundval = [_told(look, list(rows)) for _book, rows in groupby(offers(look, municipality_id()), _book)]
    signed_in = current_user.is_authenticated
    may_apply = not signed_in or current_user.actor.has(Role.MANAGER)
    return shown("public/become.html", kundval=kundval, may_apply=may_apply)


def _book(offer: Offer) -> int:
    return offer.rulebook.id


def _told(look: Session, rows: list[Offer]) -> dict[str, object]:
    """One kundval: its rules, its services, and for which of them each condition holds."""
    services = terms_of(look, municipality_id(), rows[0].rulebook.id).services
    return {
        "rulebook": rows[0].rulebook,
        "application": rows[0].application,
        "services": [services[row.service] for row in rows],
    }


@portal.route("/api")
@open_to_all
def api() -> tuple[str, int]:
    """How a provider's own system talks with this one, read from the same document as programs read."""
    return shown(
        "public/api.html",
        told=document.told(),
        problems=problems.SAID,
        a_minute=settings().api_a_minute,
    )


@portal.route("/about")
@open_to_all
def about() -> tuple[str, int]:
    """Who runs this, which rules hold, how figures are counted, what is kept of a visitor."""
    with reading() as look:
        rulebooks = choices.rulebooks(look, municipality_id(), dates.today())
    return shown("public/about.html", rulebooks=rulebooks)


@portal.route("/accessibility")
@open_to_all
def accessibility() -> tuple[str, int]:
    """The accessibility statement that the law asks for."""
    return shown("public/accessibility.html", tested_on=format_date(TESTED_ON, "d MMMM y"))


@portal.route("/feedback", methods=["GET", "POST"])
@open_to_all
def feedback() -> tuple[str, int] | AnyResponse:
    """Say what you think; afterwards a thank you."""
    form = FeedbackForm()
    if request.method == "GET" and not form.page.data:
        form.page.data = local(request.args.get("page"))
    if form.validate_on_submit():
        with refused(form):
            with writing() as writer:
                by = stranger(municipality_id())
                actions.send_feedback(writer, form.read(), by=by, at=dates.now())
            answer = "wanted" if form.contact.data else "none"
            return redirect(url_for("public.feedback", sent=answer))
    return shown("public/feedback.html", form, sent=request.args.get("sent"))


@portal.route("/language/<code>")
@open_to_all
def language(code: str) -> AnyResponse:
    """Switch language and come back to the same page."""
    if code not in LANGUAGES:
        raise Missing()
    session["language"] = code
    session.permanent = True
    return redirect(local(request.args.get("next")) or url_for("public.start"))


@portal.route("/health")
@open_to_all
def health() -> tuple[Response, int]:
    """For whoever watches over the server: whether the database answers."""
    try:
        with reading() as look:
            look.execute(text("select 1"))
    except OperationalError:
        return jsonify(status="no database"), 503
    return jsonify(status="ok"), 200
