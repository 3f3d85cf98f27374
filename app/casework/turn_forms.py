"""The shapes of what a guide writes when a voucher takes a turn. The rules say what is allowed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from app import words
from app.casework.forms import needed, one_of
from app.fields import Day, Number, plain

LONGEST = 5_000


class PauseForm(FlaskForm):
    """A pause: why, from when, and when it is thought to end. The reasons are the rulebook's."""

    reason = one_of(_l("Varför pausar insatsen?"), _l("Välj varför insatsen pausar."))
    from_on = Day(_l("Pausens första dag"), [InputRequired(_l("Skriv pausens första dag."))])
    expected_on = Day(
        _l("Dagen då personen tros börja igen"),
        [InputRequired(_l("Skriv dagen då personen tros börja igen."))],
    )

    def offer(self, reasons: Iterable[str]) -> None:
        """Let these reasons be chosen."""
        self.reason.choices = [(code, words.word(code, "pause")) for code in reasons]


class ResumeForm(FlaskForm):
    """The day the service goes on."""

    resumed_on = Day(_l("Första dagen igen"), [InputRequired(_l("Skriv första dagen igen."))])


class ExtendForm(FlaskForm):
    """More months. The assessments are the person's own."""

    assessment = one_of(_l("Vilken bedömning bygger det på?"), _l("Välj en bedömning."))
    months = Number(_l("Månader att lägga till"), [InputRequired(_l("Skriv hur många månader."))])
    new_content = TextAreaField(
        _l("Vad är nytt den här gången?"),
        filters=[plain],
        validators=[needed(_l("Skriv vad som är nytt den här gången.")), Length(max=LONGEST)],
    )
    reasons = TextAreaField(
        _l("Skäl för beslutet"),
        filters=[plain],
        validators=[needed(_l("Skriv skälen för beslutet.")), Length(max=LONGEST)],
    )

    def offer(self, assessments: Iterable[tuple[int, date, str]]) -> None:
        """Let these be built on: id, day of the meeting, what was found."""
        self.assessment.choices = [
            (str(key), _("Bedömningen %(day)s: %(found)s", day=words.day(day), found=found))
            for key, day, found in assessments
        ]


class PressForm(FlaskForm):
    """A button alone."""
