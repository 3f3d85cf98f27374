"""What the job seeker answers to what a provider has told."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length

from app.fields import plain
from vouchers.rules.attendance import WORDS_MOST


class AnswerForm(FlaskForm):
    """Whether it is so, and what is wrong where it is not."""

    said = RadioField(
        _l("Stämmer det?"),
        [InputRequired(_l("Välj ja eller nej."))],
        choices=[("confirmed", _l("Ja, det stämmer")), ("contested", _l("Nej, något är fel"))],
    )
    words = TextAreaField(
        _l("Vad är fel?"),
        [Length(max=WORDS_MOST, message=_l("Skriv högst %(max)s tecken."))],
        filters=[plain],
    )

    def validate_words(self, field: Field) -> None:
        """A no says what is wrong."""
        if self.said.data == "contested" and not field.data:
            raise ValidationError(str(_l("Skriv vad som är fel.")))
