"""What a visitor fills in: wishes for the comparison, and feedback."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from app import words
from app.public import actions
from vouchers.queries.choices import ORDERS, Comparison, Wishes

ORDER_WORDS = {
    "neutral": _l("Blandad ordning"),
    "name": _l("Namn, A till Ö"),
    "result": _l("Resultat, högst först"),
}


class WishesForm(FlaskForm):
    """Filters and order of the comparison; a plain GET form, so an address can be shared."""

    class Meta:
        csrf = False

    service = SelectField(_l("Insats"))
    language = SelectField(_l("Språk"))
    area = SelectField(_l("Område"))
    order = SelectField(_l("Ordning"), choices=[(code, ORDER_WORDS[code]) for code in ORDERS])
    open = BooleanField(_l("Bara de som tar emot nu"))

    @classmethod
    def about(cls, wishes: Wishes, comparison: Comparison, locale: str) -> WishesForm:
        """The form as filled in with these wishes, its choices those of the comparison."""
        filled = {
            "service": wishes.service,
            "language": wishes.language,
            "area": wishes.area,
            "order": wishes.order,
            **({"open": "1"} if wishes.open_only else {}),
        }
        form = cls(formdata=MultiDict(filled))
        every = ("", _("Alla"))
        offers = [(offer.code, offer.service.title(locale)) for offer in comparison.offers.values()]
        languages = [(code, words.language(code)) for code in comparison.languages]
        form.service.choices = [every, *offers]
        form.language.choices = [every, *languages]
        form.area.choices = [every, *((area, area) for area in comparison.areas)]
        return form


class FeedbackForm(FlaskForm):
    """What somebody thinks, about which page, and where to answer."""

    text = TextAreaField(
        _l("Vad vill du säga?"),
        validators=[
            DataRequired(_l("Skriv vad du tycker.")),
            Length(max=5000, message=_l("Texten är för lång. Skriv högst 5 000 tecken.")),
        ],
    )
    page = StringField(
        _l("Vilken sida gäller det?"),
        validators=[
            Optional(),
            Length(max=200, message=_l("Sidans namn är för långt. Skriv högst 200 tecken.")),
        ],
    )
    contact = StringField(
        _l("E-post eller telefon"),
        validators=[Optional(), Length(max=320, message=_l("Skriv högst 320 tecken."))],
    )

    def read(self) -> actions.FeedbackForm:
        """The answers."""
        return actions.FeedbackForm(
            text=self.text.data or "", page=self.page.data or "", contact=self.contact.data or None
        )
