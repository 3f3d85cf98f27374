"""The form of the sign-in page, for demo and tests."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length


class SignInForm(FlaskForm):
    """A user name and a password."""

    user_name = StringField(
        _l("Användarnamn"), [InputRequired(_l("Skriv ditt användarnamn.")), Length(max=80)]
    )
    password = PasswordField(_l("Lösenord"), [InputRequired(_l("Skriv ditt lösenord.")), Length(max=200)])
