"""What a person lets others see, as a form of both portals: the person's own, and the guide's on paper."""

from __future__ import annotations

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import HiddenField
from wtforms.validators import Optional

from app.fields import Day
from app.ids import LARGEST
from app.web import actor, municipality_id, refused, writing
from core import dates
from core.database import fetch
from core.refusal import Missing
from vouchers import actions
from vouchers.models import Consent
from vouchers.queries import disclosure, planning
from vouchers.queries.disclosure import Viewer


class ConsentForm(FlaskForm):
    """A yes (`who` is a party or provider:id, `what` a kind), or `consent`, the one that is taken back."""

    who = HiddenField()
    what = HiddenField()
    consent = HiddenField()
    to_on = Day(_l("Sista dag"), validators=[Optional()])


def answered(form: ConsentForm, participant_id: int, back: str) -> Response | None:
    """Do what was pressed and lead back; None when nothing was, or it was refused."""
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                given = _answer(session, form, participant_id)
            flash(_("Ja är sparat.") if given else _("Det är taget tillbaka. Det gäller nu."), "success")
            return redirect(back)
    return None


def _answer(session: Session, form: ConsentForm, participant_id: int) -> bool:
    if form.consent.data:
        consent = fetch(session, Consent, municipality_id(), _id(form.consent.data))
        if consent.participant_id != participant_id:
            raise Missing()
        actions.withdraw_consent(session, consent.id, by=actor(), today=dates.today())
        return False
    party, _colon, provider_id = str(form.who.data or "").partition(":")
    wanted = actions.ConsentForm(
        party=party,
        what=str(form.what.data or ""),
        provider_id=_id(provider_id) if provider_id else None,
        to_on=form.to_on.data,
    )
    actions.give_consent(session, participant_id, wanted, by=actor(), at=dates.now())
    return True


def _id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= LARGEST):
        raise Missing()
    return int(text)


def asked_about(form: ConsentForm) -> tuple[str, str] | None:
    """(who, what) of the row whose last day is being set: asked for by its link, or refused just now."""
    if form.is_submitted() and not form.consent.data:
        return str(form.who.data), str(form.what.data)
    who, what = request.args.get("who"), request.args.get("what")
    return (who, what) if who and what else None


def near_and_far(session: Session, participant_id: int) -> tuple[list[Viewer], list[Viewer]]:
    """Those who take part or see something, and those who could be let in as well."""
    found = disclosure.viewers(session, municipality_id(), participant_id, dates.today())
    in_plan = {part.party for part in planning.kept(session, municipality_id(), participant_id).to_do}
    near = [one for one in found if one.party == "provider" or one.seen or one.party in in_plan]
    return near, [one for one in found if one not in near]
