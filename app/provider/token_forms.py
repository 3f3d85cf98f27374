"""What a manager fills in to make a key for the provider's own system."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from app import words
from app.api import tokens
from app.api.models import SCOPES
from app.fields import Codes, Day, plain


class TokenForm(FlaskForm):
    """What the key is called, what it may do, and its last day."""

    name = StringField(
        _l("Vad heter systemet?"),
        [
            InputRequired(_l("Skriv vad nyckeln ska heta.")),
            Length(max=100, message=_l("Skriv högst %(max)s tecken.")),
        ],
        filters=[plain],
    )
    scopes = Codes(
        _l("Vad får nyckeln göra?"),
        [InputRequired(_l("Välj vad nyckeln får göra."))],
        validate_choice=False,  # the rule refuses another scope, in a sentence
    )
    ends_on = Day(_l("Nyckelns sista dag"), [InputRequired(_l("Skriv nyckelns sista dag."))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scopes.choices = [(scope, words.word(scope, "scope")) for scope in SCOPES]

    def read(self) -> tokens.TokenForm:
        """The answers."""
        ends_on = self.ends_on.data
        if not isinstance(ends_on, date):
            raise TypeError("a form is read only when it has been validated")
        return tokens.TokenForm(self.name.data or "", tuple(self.scopes.data or ()), ends_on)
