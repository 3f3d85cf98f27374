"""Whose a person's case is, and how the person's identity is protected."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.casework import gate
from app.casework.guarding_forms import HandOverForm, ProtectionForm
from app.casework.views.portal import portal
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core.actor import Role
from core.identity import Protection
from vouchers import actions
from vouchers.models import Participant
from vouchers.queries import case as one
from vouchers.queries.guides import guides


def _entered(participant_id: int, page: str) -> tuple[Participant, str, str]:
    """The person, the guide's name, and the way back to the case."""
    with reading() as session:
        participant, guide = one.person(session, municipality_id(), participant_id)
        vouchers = one.vouchers_of(session, municipality_id(), participant_id)
    gate.enter(participant, guide, page)
    if vouchers:
        return participant, guide, url_for("casework.case", voucher_id=vouchers[0].id)
    return participant, guide, url_for("casework.decide", participant_id=participant_id)


@portal.route("/people/<int:participant_id>/hand-over", methods=["GET", "POST"])
@open_to(Role.GUIDE)
def hand_over(participant_id: int) -> tuple[str, int] | Response:
    """Another guide takes the case over."""
    participant, guide, back = _entered(participant_id, "hand_over")
    with reading() as session:
        others = [row for row in guides(session, municipality_id()) if row.id != participant.guide_id]
    form = HandOverForm()
    form.guide.choices = [(str(row.id), row.name) for row in others]
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                actions.hand_over(session, participant_id, int(form.guide.data), by=actor())
            taker = next(row.name for row in others if str(row.id) == form.guide.data)
            flash(_("%(guide)s har tagit över ärendet.", guide=taker), "success")
            keeps = not participant.is_protected or form.guide.data == str(actor().account_id)
            return redirect(back if keeps else url_for("casework.cases"))
    return shown("casework/hand_over.html", form, participant=participant, guide=guide, back=back)


@portal.route("/people/<int:participant_id>/protection", methods=["GET", "POST"])
@open_to(Role.GUIDE)
def protection(participant_id: int) -> tuple[str, int] | Response:
    """The protection in the population register has changed."""
    participant, guide, back = _entered(participant_id, "protection")
    form = ProtectionForm()
    if not request.form:
        form.protection.data = participant.protection
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                actions.set_protection(session, participant_id, form.protected, by=actor())
            flash(_said(form.protected), "success")
            return redirect(back)
    return shown(
        "casework/protection.html",
        form,
        participant=participant,
        guide=guide,
        is_own=participant.guide_id == actor().account_id,
        back=back,
    )


def _said(protection: Protection) -> str:
    if protection is Protection.NONE:
        return _("Skyddet är borttaget. Adressen visas igen om den finns kvar.")
    if protection is Protection.REGISTERED_ELSEWHERE:
        return _("Personen är skyddad. Adressen är raderad.")
    return _("Personen är skyddad. Adressen visas inte längre.")
