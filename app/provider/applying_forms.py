"""What an applicant fills in: who we are, where, how many, what we show for each condition."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    EmailField,
    FileField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import Email, InputRequired, Length, NumberRange, Optional, ValidationError

from app import evidence, words
from app.fields import Codes, Day, Number, plain
from app.web import actor, sentence
from app.wording import LANGUAGES, WORDS
from core.refusal import Refusal
from providers import actions
from providers.actions import StoredFile
from providers.models import Evidence, Provider, Site
from providers.queries.applicants import Offer
from providers.rules import LEGAL_FORMS
from providers.rules.applying import ACCESSIBILITY, MOST_PLACES
from providers.rules.conditions import Condition

TEXT_MOST = 4_000
PHONE = re.compile(r"\+?[0-9][0-9 ()/-]{5,}")


def _at_most(count: int) -> Length:
    return Length(max=count, message=_l("Skriv högst %(max)s tecken."))


def _text(label: Any, most: int, needed: Any = None) -> StringField:
    return StringField(
        label, [InputRequired(needed) if needed else Optional(), _at_most(most)], filters=[plain]
    )


def _email(label: Any, needed: Any = None) -> EmailField:
    wrong = Email(_l("Skriv en e-postadress, till exempel namn@example.org."))
    first = InputRequired(needed) if needed else Optional()
    return EmailField(label, [first, _at_most(254), wrong], filters=[plain])


def _phone(label: Any, needed: Any = None) -> TelField:
    first = InputRequired(needed) if needed else Optional()
    return TelField(label, [first, _at_most(30), _is_phone], filters=[plain])


def _is_phone(_form: Any, field: StringField) -> None:
    if not PHONE.fullmatch(field.data or ""):
        raise ValidationError(_("Skriv ett telefonnummer med siffror, till exempel 08-465 004 00."))


class OrganisationForm(FlaskForm):
    """A newcomer's organisation, and the newcomer's own name where it is not known."""

    person_name = _text(_l("Ditt namn"), 200, _l("Skriv ditt namn."))
    name = _text(_l("Organisationens namn"), 200, _l("Skriv organisationens namn."))
    number = _text(_l("Organisationsnummer"), 20, _l("Skriv organisationsnumret."))
    legal_form = RadioField(
        _l("Vilken form har organisationen?"),
        [InputRequired(_l("Välj vilken form organisationen har."))],
        choices=[(code, WORDS[f"legal_form.{code}"]) for code in LEGAL_FORMS],
    )

    @classmethod
    def of(cls, known_name: str) -> OrganisationForm:
        """The form, asking for the person's name only when nobody knows it."""
        form = cls()
        if known_name:
            del form.person_name
        return form


class StartForm(FlaskForm):
    """What to apply for."""

    service = RadioField(_l("Vad vill ni erbjuda?"), [InputRequired(_l("Välj vad ni vill erbjuda."))])
    area = SelectField(_l("Leveransområde"), [Optional()])

    @classmethod
    def of(cls, choices: Mapping[str, tuple[str, Offer]]) -> StartForm:
        """The form with these services by key, each with its title."""
        form = cls()
        form.service.choices = [(key, title) for key, (title, _offer) in choices.items()]
        areas = sorted({area for _title, offer in choices.values() for area in offer.application.areas})
        form.area.choices = [("", _("Hela kommunen")), *((area, area) for area in areas)]
        if not areas:
            del form.area
        return form


class AboutForm(FlaskForm):
    """What the organisation tells about itself."""

    about_sv = TextAreaField(
        _l("Vad gör ni, och för vem?"),
        [InputRequired(_l("Skriv vad ni gör, på svenska.")), _at_most(TEXT_MOST)],
        filters=[plain],
    )
    about_en = TextAreaField(_l("Samma sak på engelska"), [Optional(), _at_most(TEXT_MOST)], filters=[plain])
    languages = Codes(_l("Vilka språk talar ni?"), [InputRequired(_l("Välj minst ett språk."))])
    orientations = Codes(_l("Inriktningar"), [Optional()])
    accessibility = Codes(_l("Vad kan ni ordna för den som behöver det?"), [Optional()])
    phone = _phone(_l("Telefon för den som vill välja er"))
    email = _email(_l("E-post för den som vill välja er"))
    website = _text(_l("Webbplats"), 190)

    @classmethod
    def of(cls, provider: Provider, orientations: Mapping[str, tuple[str, str]]) -> AboutForm:
        """The form, filled in with what is told already."""
        told = {name: getattr(provider, name) for name in ("languages", "orientations", "accessibility")}
        lists = {name: text.split() for name, text in told.items()}
        plainly = ("about_sv", "about_en", "phone", "email", "website")
        form = cls(data={**lists, **{name: getattr(provider, name) for name in plainly}})
        english = str(get_locale()) == "en"
        languages = dict.fromkeys([*LANGUAGES, *lists["languages"]])
        form.languages.choices = [(code, words.language(code)) for code in languages]
        named = {code: titles[1 if english else 0] for code, titles in orientations.items()}
        named |= {code: code for code in lists["orientations"] if code not in named}
        form.orientations.choices = list(named.items())
        form.accessibility.choices = [(code, words.word(code, "accessibility")) for code in ACCESSIBILITY]
        return form

    def read(self) -> actions.AboutForm:
        """The answers."""
        return actions.AboutForm(
            about_sv=self.about_sv.data or "",
            about_en=self.about_en.data or "",
            website=self.website.data,
            phone=self.phone.data,
            email=self.email.data,
            languages=tuple(self.languages.data or ()),
            orientations=tuple(self.orientations.data or ()),
            accessibility=tuple(self.accessibility.data or ()),
        )


class ContactForm(FlaskForm):
    """A person to call."""

    name = _text(_l("Namn"), 200, _l("Skriv personens namn."))
    title = _text(_l("Roll hos er"), 100)
    phone = _phone(_l("Telefon"), _l("Skriv ett telefonnummer."))
    email = _email(_l("E-post"), _l("Skriv en e-postadress."))

    def read(self) -> actions.ContactForm:
        """The answers."""
        return actions.ContactForm(
            name=self.name.data or "",
            title=self.title.data or "",
            phone=self.phone.data or "",
            email=self.email.data or "",
        )


class SiteForm(FlaskForm):
    """A place where people are received."""

    street = _text(_l("Gata och nummer"), 200, _l("Skriv gata och nummer."))
    postal_code = _text(_l("Postnummer"), 10, _l("Skriv postnumret."))
    town = _text(_l("Postort"), 100, _l("Skriv postorten."))
    area = _text(_l("Område eller stadsdel"), 100, _l("Skriv vilket område det är."))
    step_free = BooleanField(_l("Man kommer in utan trappsteg"))

    @classmethod
    def of(cls, site: Site | None = None) -> SiteForm:
        """The form, filled in with a place that is there already."""
        return cls(obj=site)

    def read(self) -> actions.SiteForm:
        """The answers."""
        return actions.SiteForm(
            street=self.street.data or "",
            postal_code=self.postal_code.data or "",
            town=self.town.data or "",
            area=self.area.data or "",
            step_free=bool(self.step_free.data),
        )


class CapacityForm(FlaskForm):
    """How many people at the same time."""

    capacity = Number(
        _l("Hur många personer kan ni ta emot samtidigt?"),
        [
            InputRequired(_l("Skriv antalet platser.")),
            NumberRange(1, MOST_PLACES, _l("Skriv ett tal från %(min)s till %(max)s.")),
        ],
    )


class EvidenceForm(FlaskForm):
    """What is shown for one condition. A file that was good is kept while the rest is mended."""

    statement = TextAreaField(_l("Så uppfyller vi villkoret"), [_at_most(TEXT_MOST)], filters=[plain])
    file = FileField(_l("Fil"))
    valid_to = Day(
        _l("Underlaget gäller till och med"),
        [InputRequired(_l("Skriv vilken dag underlaget gäller till och med."))],
    )
    kept = HiddenField()

    condition: Condition
    earlier: Evidence | None
    stored: StoredFile | None = None

    @classmethod
    def of(cls, condition: Condition, shown: Sequence[Evidence]) -> EvidenceForm:
        """The form for that condition, with the words that were said last."""
        form = cls(statement=shown[0].statement if shown else "")
        form.condition, form.earlier = condition, shown[0] if shown else None
        if not condition.valid_months:
            del form.valid_to
        return form

    def validate_statement(self, field: TextAreaField) -> None:
        """Words, where the condition asks for words."""
        if self.condition.evidence == "statement" and not field.data:
            raise ValidationError(_("Skriv hur ni uppfyller villkoret."))

    def validate_file(self, field: FileField) -> None:
        """The file that came now, or a moment ago, or last time."""
        self.stored = evidence.from_ticket(self.kept.data, actor().account_id) or kept_file(self.earlier)
        try:
            found = evidence.uploaded(field.data)
        except Refusal as refusal:
            raise ValidationError(sentence(refusal)) from None
        if found is not None:
            self.stored = evidence.store().put(found)
            self.kept.data = evidence.ticket(self.stored, actor().account_id)
        if self.stored is None and self.condition.evidence == "file":
            raise ValidationError(_("Välj en fil att visa."))

    def read(self) -> actions.EvidenceForm:
        """The answers."""
        until: date | None = self.valid_to.data if "valid_to" in self else None
        return actions.EvidenceForm(statement=self.statement.data or "", file=self.stored, valid_to=until)


def kept_file(row: Evidence | None) -> StoredFile | None:
    """The file that was shown then, if any."""
    if row is None or row.digest is None:
        return None
    return StoredFile(row.digest, row.file_name or "", row.media_type or "", row.size or 0)


class SendForm(FlaskForm):
    """That what is told is true."""

    is_true = BooleanField(
        _l("Uppgifterna är riktiga, och jag får ansöka för organisationen"),
        [InputRequired(_l("Kryssa i att uppgifterna är riktiga."))],
    )


class SupplementForm(FlaskForm):
    """The answer to what the municipality asked."""

    answer = TextAreaField(
        _l("Ert svar"), [InputRequired(_l("Skriv ett svar.")), _at_most(TEXT_MOST)], filters=[plain]
    )
