"""The shapes of what caseworkers write. Whether it is allowed is for the rules."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.form import BaseForm
from wtforms.validators import (
    AnyOf,
    DataRequired,
    Email,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    Regexp,
    ValidationError,
)

from app.fields import Number
from app.wording import LANGUAGES
from core.identity import Protection
from vouchers.actions.people import ParticipantForm

PROTECTIONS = (
    (Protection.NONE.value, _l("Ingen")),
    (Protection.CONFIDENTIAL.value, _l("Sekretessmarkering")),
    (Protection.REGISTERED_ELSEWHERE.value, _l("Skyddad folkbokföring")),
)


def trimmed(text: str | None) -> str | None:
    """The text without spaces around it; nothing when there is nothing."""
    return (text or "").strip() or None


def needed(sentence: str) -> DataRequired:
    """The field must be filled in, with more than spaces; the sentence says with what."""
    return DataRequired(sentence)


class Among:
    """The answer is one of those offered; else the sentence."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence

    def __call__(self, form: BaseForm, field: RadioField) -> None:
        """Refuse an answer that was not offered."""
        if field.data not in {choice[0] for choice in field.choices or ()}:
            raise ValidationError(str(self.sentence))


def one_of(label: str, sentence: str, **options: Any) -> RadioField:
    """A choice of few; the sentence says what to do when none of them was chosen."""
    return RadioField(label, validators=[needed(sentence), Among(sentence)], validate_choice=False, **options)


class SearchForm(FlaskForm):
    """Somebody to find, by name or personal number. Sent by POST: neither belongs in an address."""

    who = StringField(
        _l("Namn eller personnummer"),
        validators=[needed(_l("Skriv ett namn eller ett personnummer.")), Length(max=100)],
    )


class PersonForm(FlaskForm):
    """A person at the first meeting."""

    identity_number = StringField(
        _l("Personnummer eller samordningsnummer"),
        validators=[needed(_l("Skriv personnumret med tolv siffror.")), Length(max=20)],
    )
    given_name = StringField(
        _l("Förnamn"), validators=[needed(_l("Skriv förnamnet.")), Length(max=100)], filters=[trimmed]
    )
    family_name = StringField(
        _l("Efternamn"), validators=[needed(_l("Skriv efternamnet.")), Length(max=100)], filters=[trimmed]
    )
    protection = one_of(
        _l("Skyddade personuppgifter"),
        _l("Ange om uppgifterna är skyddade."),
        choices=PROTECTIONS,
        default=Protection.NONE.value,
    )
    language = SelectField(
        _l("Språk att tala på"),
        choices=list(LANGUAGES.items()),
        default="sv",
        validate_choice=False,
        validators=[AnyOf(list(LANGUAGES), _l("Välj ett språk i listan."))],
    )
    phone = TelField(
        _l("Telefon"),
        filters=[trimmed],
        validators=[
            Optional(),
            Regexp(r"^\+?[0-9 ()/-]{5,29}$", message=_l("Skriv telefonnumret med siffror.")),
        ],
    )
    email = EmailField(
        _l("E-post"),
        filters=[trimmed],
        validators=[
            Optional(),
            Length(max=320),
            Email(_l("E-postadressen stämmer inte. Skriv den som namn@example.se.")),
        ],
    )
    street = StringField(_l("Gatuadress"), filters=[trimmed], validators=[Optional(), Length(max=200)])
    postal_code = StringField(
        _l("Postnummer"),
        filters=[trimmed],
        validators=[
            Optional(),
            Regexp(r"^[0-9]{3} ?[0-9]{2}$", message=_l("Skriv postnumret med fem siffror.")),
        ],
    )
    town = StringField(_l("Postort"), filters=[trimmed], validators=[Optional(), Length(max=100)])
    has_eid = BooleanField(_l("Personen har e-legitimation och vill kunna logga in"))

    @property
    def protected(self) -> Protection:
        """The protection that was marked."""
        return Protection(self.protection.data)

    def read(self, account_id: int | None) -> ParticipantForm:
        """What the action takes. An address is dropped for protected registration, also by the action."""
        code = self.postal_code.data
        return ParticipantForm(
            identity_number=self.identity_number.data or "",
            given_name=self.given_name.data or "",
            family_name=self.family_name.data or "",
            protection=self.protected,
            language=self.language.data,
            phone=self.phone.data,
            email=self.email.data,
            street=self.street.data,
            postal_code=code.replace(" ", "") if code else None,
            town=self.town.data,
            account_id=account_id,
        )


class DecideForm(FlaskForm):
    """A decision on a voucher. `service` is rulebook:service:level, filled in by the view."""

    service = one_of(_l("Insats och nivå"), _l("Välj insats och nivå."))
    months = Number(
        _l("Antal månader"),
        validators=[
            InputRequired(_l("Skriv hur många månader.")),
            NumberRange(1, 48, _l("Skriv 1 till 48.")),
        ],
    )
    target_group = one_of(_l("Målgrupp"), _l("Ange vilken målgrupp personen hör till."))
    studies = RadioField(
        _l("Studier samtidigt"),
        default="none",
        validators=[Among(_l("Ange om personen studerar samtidigt."))],
        validate_choice=False,
    )
    reasons = TextAreaField(
        _l("Skäl för beslutet"), validators=[needed(_l("Skriv skälen för beslutet.")), Length(max=5_000)]
    )


class ChooseForm(FlaskForm):
    """An assisted choice. `shown` is what the check page showed, sealed."""

    shown = HiddenField()
    agreed = BooleanField(
        _l("Personen är med mig nu och har själv valt"),
        validators=[needed(_l("Bekräfta att personen själv har valt."))],
    )


class JudgeForm(FlaskForm):
    """A guide's answer to a report."""

    answer = one_of(
        _l("Din bedömning"),
        _l("Välj om du godkänner eller skickar tillbaka."),
        choices=[("approve", _l("Godkänn")), ("return", _l("Skicka tillbaka"))],
    )
    comment = TextAreaField(
        _l("Vad behöver ändras?"), filters=[lambda text: text or ""], validators=[Length(max=2_000)]
    )

    def validate_comment(self, field: Field) -> None:
        """A report that goes back says why."""
        if self.answer.data == "return" and not field.data.strip():
            raise ValidationError(str(_l("Skriv vad som behöver ändras.")))


class CheckForm(FlaskForm):
    """Staff's answer to a check. `source` and `code` are filled in by the view."""

    answer = one_of(
        _l("Din bedömning"),
        _l("Välj om du godkänner eller inte."),
        choices=[("pass", _l("Godkänn")), ("fail", _l("Godkänn inte"))],
    )
    source = SelectField(_l("Underlag som du har sett"), validate_choice=False, default="")
    code = SelectField(_l("Skäl till att det inte godkänns"), validate_choice=False, default="")
    related_reasons = TextAreaField(
        _l("Varför godkänns ett arbete hos anordnaren själv?"),
        filters=[trimmed],
        validators=[Length(max=5_000, message=_l("Skriv högst %(max)s tecken."))],
    )

    def validate_source(self, field: Field) -> None:
        """A yes names what was seen."""
        if self.answer.data == "pass" and not field.data:
            raise ValidationError(str(_l("Ange vilket underlag du har sett.")))

    def validate_code(self, field: Field) -> None:
        """A no says why."""
        if self.answer.data == "fail" and not field.data:
            raise ValidationError(str(_l("Ange varför det inte godkänns.")))


class ReplyForm(FlaskForm):
    """A message to a person. `seen` is the newest of the person's messages that the page showed."""

    text = TextAreaField(_l("Ditt meddelande"))
    seen = HiddenField()
