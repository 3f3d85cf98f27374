"""What a provider says when a case opens later on."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.validators import InputRequired, Optional

from app.fields import Day
from vouchers.rules.told import HELD


class FollowUpForm(FlaskForm):
    """Still there on the case's day, or the last day of what had ended before it."""

    answer = RadioField(
        _l("Var personen kvar?"),
        [InputRequired(_l("Svara om personen var kvar."))],
        choices=[(code, "") for code in HELD],
        validate_choice=False,  # the rule refuses another answer, in a sentence
    )
    last_on = Day(_l("Vilken var sista dagen?"), [Optional()])

    @classmethod
    def about(cls, words: dict[str, Any], **filled: Any) -> FollowUpForm:
        """The form with the answers in words, by code."""
        form = cls(**filled)
        form.answer.choices = [(code, words[code]) for code in HELD]
        return form

    def read(self) -> tuple[str, date | None]:
        """(answer, last day of what has ended)."""
        found = self.last_on.data
        return str(self.answer.data), found if isinstance(found, date) else None
