"""What a manager fills in for a webhook: where, and for what."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, ValidationError

from app import words
from app.api.addresses import read_address
from app.api.models import EVENTS
from app.fields import Codes, plain
from app.web import sentence, settings
from core.refusal import Refusal


class WebhookForm(FlaskForm):
    """An address and the events it is called for."""

    url = StringField(_l("Adress"), [InputRequired(_l("Skriv adressen som vi ska anropa."))], filters=[plain])
    events = Codes(
        _l("När ska vi anropa?"),
        [InputRequired(_l("Välj minst en händelse."))],
        validate_choice=False,  # the action refuses another event, in a sentence
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.events.choices = [(event, words.word(event, "webhook_event")) for event in EVENTS]

    def validate_url(self, field: StringField) -> None:
        """Say at once what is wrong with an address."""
        try:
            read_address(field.data or "", is_production=settings().environment == "production")
        except Refusal as refusal:
            raise ValidationError(sentence(refusal)) from None
