"""What a job seeker sends: one press that binds a choice."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField


class ChooseForm(FlaskForm):
    """The check page's button. `shown` is what the page showed, sealed."""

    shown = HiddenField()
