"""An employer's signed link: it shows as little as can be answered, and is answered once."""

from __future__ import annotations

from flask import redirect, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from app import codes
from app.accounts.actions import stranger
from app.fields import plain
from app.public.door import portal
from app.web import municipality_id, open_to_all, reading, refused, sentence, shown, writing
from core import dates
from core.dates import day_of
from core.refusal import Refusal
from vouchers import actions
from vouchers.actions.employers import link_over, open_link
from vouchers.queries import employers
from vouchers.queries.employers import Asked
from vouchers.rules.letter import read_code
from vouchers.rules.proving import LONGEST_NOTE

TOO_LONG = _l("Skriv högst %(max)s tecken.")


class AnswerForm(FlaskForm):
    """What an employer answers."""

    answer = RadioField(
        _l("Stämmer det?"),
        [InputRequired(_l("Välj om uppgifterna stämmer eller inte."))],
        choices=[("confirmed", _l("Ja, det stämmer")), ("denied", _l("Nej, det stämmer inte"))],
        validate_choice=False,  # the rule refuses another answer, in a sentence
    )
    answered_as = StringField(
        _l("Ditt namn och din roll"),
        [InputRequired(_l("Skriv ditt namn och din roll.")), Length(max=200, message=TOO_LONG)],
        filters=[plain],
    )
    words = TextAreaField(
        _l("Vad stämmer inte, eller något mer?"),
        [Length(max=LONGEST_NOTE, message=TOO_LONG)],
        filters=[plain],
    )


@portal.route("/employer/<code>", methods=["GET", "POST"])
@open_to_all
def employer(code: str) -> tuple[str, int] | Response:
    """What a municipality asks an employer, to be answered once."""
    at = dates.now()
    try:
        typed = _known(code)
    except Refusal as refusal:
        return _closed(sentence(refusal))
    if typed != code:
        return redirect(url_for("public.employer", code=typed))
    with reading() as session:
        question = employers.question(session, municipality_id(), typed)
        asked = employers.asked(session, municipality_id(), typed, day_of(at))
    if asked is None:
        return _thanked() if question and question.answered_at else _closed(sentence(link_over()))
    if asked.question.opened_at is None:
        with writing() as session:
            open_link(session, typed, by=stranger(municipality_id()), at=at)
    return _answered(typed, asked)


def _known(code: str) -> str:
    """The code as it was made. Raises Refusal for one that is none; misses are counted, and lock."""
    at = dates.now()
    codes.refuse_locked(at)
    typed = read_code(code)
    with reading() as session:
        found = employers.question(session, municipality_id(), typed) if typed else None
    if typed is None or found is None:
        codes.missed(at)
        raise link_over()
    return typed


def _answered(code: str, asked: Asked) -> tuple[str, int] | Response:
    form = AnswerForm()
    if form.validate_on_submit():
        told = actions.EmployerAnswer(form.answer.data, form.answered_as.data or "", form.words.data or "")
        with refused(form):
            with writing() as session:
                actions.answer_employer(session, code, told, by=stranger(municipality_id()), at=dates.now())
            return redirect(url_for("public.employer", code=code))
    return shown("public/employer.html", form, asked=asked)


def _thanked() -> tuple[str, int]:
    return shown("public/employer_done.html", title=_("Tack för svaret"), is_done=True)


def _closed(why: str) -> tuple[str, int]:
    page, _status = shown("public/employer_done.html", title=_("Länken gäller inte"), why=why, is_done=False)
    return page, 404
