"""What staff answer about attendance: a verdict on what a person contests, and on an absence."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length

from app.fields import plain

MOST = 2_000


class ContestForm(FlaskForm):
    """Whether what the provider told stands, and why."""

    verdict = RadioField(
        _l("Stämmer det som anordnaren har sagt?"),
        [InputRequired(_l("Välj om det stämmer eller inte."))],
        choices=[("stands", _l("Ja, det stämmer")), ("wrong", _l("Nej, det är fel"))],
    )
    reasons = TextAreaField(
        _l("Varför?"),
        [InputRequired(_l("Skriv varför.")), Length(max=MOST, message=_l("Skriv högst %(max)s tecken."))],
        filters=[plain],
    )


class DeviationForm(FlaskForm):
    """Whether there was a valid reason to be away."""

    answer = RadioField(
        _l("Fanns ett giltigt skäl?"),
        [InputRequired(_l("Välj om skälet är giltigt eller inte."))],
        choices=[("valid", _l("Ja, giltigt skäl")), ("not_valid", _l("Nej, inte giltigt skäl"))],
    )
    note = TextAreaField(
        _l("Varför räcker skälet inte?"),
        [Length(max=MOST, message=_l("Skriv högst %(max)s tecken."))],
        filters=[plain],
    )

    def validate_note(self, field: Field) -> None:
        """A no says why."""
        if self.answer.data == "not_valid" and not field.data:
            raise ValidationError(str(_l("Skriv varför skälet inte räcker.")))
