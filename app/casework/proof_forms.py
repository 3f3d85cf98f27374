"""What staff write when a result is proved: a look at a source, an employer to ask, an override."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, Field, SelectField, StringField, TextAreaField
from wtforms.validators import Email, InputRequired, Length, ValidationError

from app import words
from app.casework.forms import needed, one_of, trimmed
from app.fields import Day, plain
from app.proof_forms import WithFile, sources_offered
from vouchers.rules.proving import LONGEST_NOTE
from vouchers.rules.results import REFUSALS

TOO_LONG = _l("Skriv högst %(max)s tecken.")


class LookForm(WithFile):
    """A look at a named source: which, what it said, and the file if there is one."""

    needs_file = False
    source = SelectField(
        _l("Vilket underlag?"),
        [InputRequired(_l("Ange vilket underlag."))],
        default="",
        validate_choice=False,  # the rule refuses another source, in a sentence
    )
    found = one_of(
        _l("Vad sade underlaget?"),
        _l("Välj vad underlaget sade."),
        choices=[
            ("supports", _l("Det stöder resultatet")),
            ("contradicts", _l("Det säger emot resultatet")),
            ("no_answer", _l("Jag fick inget svar")),
        ],
    )
    evidence = SelectField(_l("Vilken fil såg du?"), default="", validate_choice=False)
    note = TextAreaField(_l("Anteckning"), [Length(max=LONGEST_NOTE, message=TOO_LONG)], filters=[plain])

    @classmethod
    def of(cls, sources: Iterable[str], files: Iterable[Any]) -> LookForm:
        """The form with the rulebook's sources and the result's files."""
        form = cls()
        form.source.choices = sources_offered(sources)
        form.evidence.choices = [("", _("Ingen av filerna"))] + [
            (str(row.id), f"{words.word(row.source, 'source')}: {row.file_name}") for row in files
        ]
        return form

    @property
    def evidence_id(self) -> int | None:
        """The file that was chosen among those there were."""
        known = {choice[0] for choice in self.evidence.choices or ()}
        return int(self.evidence.data) if self.evidence.data and self.evidence.data in known else None


class AskForm(FlaskForm):
    """An employer to ask."""

    employer = StringField(
        _l("Arbetsgivarens namn"),
        [needed(_l("Skriv arbetsgivarens namn.")), Length(max=200, message=TOO_LONG)],
        filters=[plain],
    )
    email = EmailField(
        _l("Arbetsgivarens e-postadress"),
        [
            needed(_l("Skriv arbetsgivarens e-postadress.")),
            Length(max=320, message=TOO_LONG),
            Email(_l("E-postadressen stämmer inte. Skriv den som namn@example.se.")),
        ],
        filters=[trimmed],
    )
    informed = BooleanField(
        _l("Personen vet att vi frågar arbetsgivaren"),
        [needed(_l("Berätta för personen först, och kryssa sedan i rutan."))],
    )


class OverrideForm(FlaskForm):
    """A decision past the sources."""

    answer = one_of(
        _l("Vad beslutar du?"),
        _l("Välj vad du beslutar."),
        choices=[
            ("pass", _l("Godkänn, fast underlag saknas")),
            ("fail", _l("Godkänn inte, fast underlag finns")),
        ],
    )
    code = SelectField(_l("Skäl till att det inte godkänns"), validate_choice=False, default="")
    reasons = TextAreaField(
        _l("Skäl för undantaget"),
        [needed(_l("Skriv skälen för undantaget.")), Length(max=5_000, message=TOO_LONG)],
        filters=[plain],
    )
    until_on = Day(
        _l("Undantaget gäller till och med"), [InputRequired(_l("Skriv vilken dag undantaget slutar."))]
    )

    @classmethod
    def of(cls, latest: date) -> OverrideForm:
        """The form, to the last day that an override may stand."""
        form = cls(until_on=latest)
        form.code.choices = [
            ("", _("Välj skäl")),
            *((code, words.word(code, "refusal")) for code in REFUSALS),
        ]
        return form

    def validate_code(self, field: Field) -> None:
        """A no says why."""
        if self.answer.data == "fail" and not field.data:
            raise ValidationError(_("Ange varför det inte godkänns."))
