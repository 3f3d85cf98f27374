"""The job seeker's own words: a short survey about a provider, and messages to and from the guide."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.fields import plain
from app.seeker.door import participant_id, portal
from app.seeker.voice_forms import MessageForm, survey_form
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import dates
from core.actor import Role
from core.refusal import Missing
from vouchers.actions.answering import answer_survey
from vouchers.actions.writing import read_messages, write_message
from vouchers.queries import messages as letters
from vouchers.queries import voice, way


@portal.route("/surveys/<int:leg_id>", methods=["GET", "POST"])
@open_to(Role.SEEKER)
def survey(leg_id: int) -> tuple[str, int] | Response:
    """A few questions about one provider. Any of them may be left out, or all."""
    with reading() as look:
        asked = _asked(look, leg_id)
        person = way.person(look, municipality_id(), participant_id())
    if asked is None:
        return shown("seeker/survey_closed.html")
    form = survey_form(asked.survey, str(get_locale()))(
        data={**{f"q_{code}": str(step) for code, step in asked.answers.items()}, "words": asked.words}
    )
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                answer_survey(session, leg_id, form.read(), by=actor(), today=dates.today())
            return redirect(url_for("seeker.survey_answered", leg_id=leg_id))
    form.words.data = plain(form.words.data)
    return shown("seeker/survey.html", form, asked=asked, person=person)


@portal.route("/surveys/<int:leg_id>/answered")
@open_to(Role.SEEKER)
def survey_answered(leg_id: int) -> tuple[str, int] | Response:
    """Thanks, and what happens to the answers."""
    with reading() as look:
        asked = _asked(look, leg_id)
    if asked is None or asked.answered_on is None:
        return redirect(url_for("seeker.survey", leg_id=leg_id))
    return shown("seeker/survey_answered.html", asked=asked)


def _asked(look: Session, leg_id: int) -> voice.Waiting | None:
    """What the person is asked of that leg today; None when nothing. Raises Missing when it is not theirs."""
    if not voice.is_own(look, municipality_id(), participant_id(), leg_id):
        raise Missing()
    asked = voice.surveys_asked(look, municipality_id(), participant_id(), dates.today())
    return next((one for one in asked if one.leg_id == leg_id), None)


@portal.route("/messages", methods=["GET", "POST"])
@open_to(Role.SEEKER)
def messages() -> tuple[str, int] | Response:
    """What I and my guide have written to each other, the newest last, and what I write now."""
    form, own = MessageForm(), participant_id()
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                write_message(session, own, form.text.data or "", by=actor(), at=dates.now())
            flash(_("Meddelandet är skickat."), "success")
            return redirect(url_for("seeker.messages"))
    form.text.data = plain(form.text.data)
    with reading() as look:
        person = way.person(look, municipality_id(), own)
        told = letters.thread(look, municipality_id(), own)
        answer_by = letters.answered_by(look, municipality_id(), own)
    if any(not one.from_person and one.read_at is None for one in told):
        with writing() as session:
            read_messages(session, own, by=actor(), at=dates.now())
    return shown(
        "seeker/messages.html",
        form,
        person=person,
        told=told,
        answer_by=answer_by,
        today=dates.today(),
    )
