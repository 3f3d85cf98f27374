"""The shapes of what a provider says about its accreditations. The rules say what is allowed."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from app.fields import Day, Number, plain
from providers.rules.applying import MOST_PLACES

TEXT_MOST = 5_000


class IntakeForm(FlaskForm):
    """Why the provider takes nobody new; it need not say."""

    reasons = TextAreaField(_l("Varför?"), filters=[plain], validators=[Length(max=TEXT_MOST)])


class PlacesForm(FlaskForm):
    """How many the provider takes at the same time."""

    capacity = Number(
        _l("Platser"),
        [
            InputRequired(_l("Skriv antalet platser.")),
            NumberRange(1, MOST_PLACES, _l("Skriv ett tal från 1.")),
        ],
    )


class PlanForm(FlaskForm):
    """What a warned provider will do, and by when."""

    words = TextAreaField(
        _l("Vad ska ni göra?"),
        filters=[plain],
        validators=[InputRequired(_l("Skriv vad ni ska göra.")), Length(max=TEXT_MOST)],
    )
    done_by = Day(_l("När är allt klart?"), [InputRequired(_l("Skriv vilken dag allt är klart."))])


class WithdrawForm(FlaskForm):
    """To leave: the last day, and why if one wants to say."""

    last_day = Day(_l("Sista dag"), [InputRequired(_l("Skriv sista dagen."))])
    reasons = TextAreaField(_l("Varför slutar ni?"), filters=[plain], validators=[Length(max=TEXT_MOST)])
