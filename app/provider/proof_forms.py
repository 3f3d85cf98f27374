"""What a provider fills in to prove a result, and whom it declares as its own group."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from app.fields import plain
from app.proof_forms import EvidenceForm

__all__ = ["AffiliateForm", "EvidenceForm"]


class AffiliateForm(FlaskForm):
    """An organisation of the provider's own group."""

    name = StringField(
        _l("Organisationens namn"),
        [
            InputRequired(_l("Skriv organisationens namn.")),
            Length(max=200, message=_l("Skriv högst %(max)s tecken.")),
        ],
        filters=[plain],
    )
    number = StringField(
        _l("Organisationsnummer"),
        [
            InputRequired(_l("Skriv organisationsnumret.")),
            Length(max=20, message=_l("Skriv högst %(max)s tecken.")),
        ],
        filters=[plain],
    )
