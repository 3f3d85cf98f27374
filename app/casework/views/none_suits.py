"""Somebody has said that none suits: what was said, and what the guide did about it."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import words
from app.casework import gate
from app.casework.choice_forms import FollowUpForm
from app.casework.titles import Titles
from app.casework.views.portal import portal
from app.seeker.forms import NoneSuitsForm
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import dates
from core.actor import Role
from vouchers import actions
from vouchers.queries import case as one
from vouchers.queries.none_suits import said
from vouchers.queries.terms import terms_of
from vouchers.rules import choice


@portal.route("/cases/<int:voucher_id>/none-suits", methods=["GET", "POST"])
@open_to(Role.GUIDE)
def none_suits(voucher_id: int) -> tuple[str, int] | Response:
    """Write down what was agreed, and open the choice anew; or, at the person's side, that none suits."""
    today, locale = dates.today(), str(get_locale())
    with reading() as session:
        head = one.head(session, municipality_id(), voucher_id)
    gate.enter(head.participant, head.guide, "none_suits")
    with reading() as session:
        answers = said(session, municipality_id(), voucher_id)
        terms = terms_of(session, municipality_id(), head.rulebook.id)
        service = Titles(session).of(head)
    is_open = head.voucher.state == "choice_open"
    waiting = next((row for row in answers if row.followed_up_on is None), None) if is_open else None
    form: FollowUpForm | NoneSuitsForm
    if waiting is not None:
        form = FollowUpForm()
    else:
        form = NoneSuitsForm()
        form.why.choices = [(row.code, row.title(locale)) for row in terms.none_suits]
        if not terms.none_suits:
            del form.why
    if request.method == "POST" and is_open and form.validate_on_submit():
        with refused(form):
            _keep(form, voucher_id)
            return redirect(url_for("casework.case", voucher_id=voucher_id))
    return shown(
        "casework/none_suits.html",
        form,
        head=head,
        voucher=head.voucher,
        participant=head.participant,
        service=service,
        waiting=waiting,
        answers=answers,
        is_open=is_open,
        titles={row.code: row.title(locale) for row in terms.none_suits},
        new_window=choice.choose_by(today, terms),
        today=today,
    )


def _keep(form: FollowUpForm | NoneSuitsForm, voucher_id: int) -> None:
    with writing() as session:
        if isinstance(form, NoneSuitsForm):
            why = (form.why.data or ()) if "why" in form else ()
            actions.say_none_suits(
                session, voucher_id, why, form.words.data or "", by=actor(), at=dates.now()
            )
            flash(_("Svaret är sparat. Ingen placeras medan det väntar."), "success")
            return
        actions.follow_up_none_suits(
            session,
            voucher_id,
            form.follow_up.data or "",
            reopen=form.reopen.data,
            by=actor(),
            at=dates.now(),
        )
    if form.reopen.data:
        with reading() as session:
            until = one.head(session, municipality_id(), voucher_id).voucher.choose_by
        flash(_("Personen kan välja till och med %(day)s.", day=words.day(until)), "success")
    else:
        flash(_("Uppföljningen är sparad."), "success")
