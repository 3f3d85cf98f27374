"""What a second person says of a case that somebody else has judged."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.fields import plain
from vouchers.rules.following import LONGEST_NOTE


class ReviewForm(FlaskForm):
    """The same, or something else, and then what."""

    verdict = RadioField(
        _l("Kommer du till samma sak?"),
        [InputRequired(_l("Svara om du kommer till samma sak."))],
        choices=[("agrees", _l("Ja, samma sak")), ("differs", _l("Nej, något annat"))],
        validate_choice=False,  # the rule refuses another answer, in a sentence
    )
    note = TextAreaField(
        _l("Vad såg du?"),
        [Length(max=LONGEST_NOTE, message=_l("Skriv högst %(max)s tecken."))],
        filters=[plain],
    )
