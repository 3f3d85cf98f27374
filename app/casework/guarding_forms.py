"""The shapes of what a guide writes about whose a case is and how the person is protected."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField

from app.casework.forms import PROTECTIONS, needed, one_of
from core.identity import Protection


class HandOverForm(FlaskForm):
    """To whom. The choices are filled in by the view."""

    guide = one_of(_l("Vem tar över?"), _l("Välj vem som tar över."))


class ProtectionForm(FlaskForm):
    """The protection as the population register has it now."""

    protection = one_of(
        _l("Skyddade personuppgifter"), _l("Ange om uppgifterna är skyddade."), choices=PROTECTIONS
    )
    understood = BooleanField(
        _l("Jag har sett det i folkbokföringen eller i ett beslut"),
        validators=[needed(_l("Bekräfta att du har sett det."))],
    )

    @property
    def protected(self) -> Protection:
        """The protection that was marked."""
        return Protection(self.protection.data)
