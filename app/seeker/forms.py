"""What a job seeker sends: one press that binds a choice, or that none of them suits."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.fields import Codes, plain
from vouchers.actions.none_suits import LONGEST_WORDS


class ChooseForm(FlaskForm):
    """The check page's button. `shown` is what the page showed, sealed."""

    shown = HiddenField()


class NoneSuitsForm(FlaskForm):
    """Why none suits. The reasons are the rulebook's, filled in by the view."""

    why = Codes(
        _l("Varför passar ingen?"), validators=[InputRequired(_l("Välj minst ett skäl."))], choices=[]
    )
    words = TextAreaField(
        _l("Vill du säga mer?"),
        validators=[Optional(), Length(max=LONGEST_WORDS, message=_l("Skriv högst %(max)s tecken."))],
        filters=[plain],
    )
