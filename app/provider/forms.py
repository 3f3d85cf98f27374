"""What a provider's staff fills in: the start, the month's report, a result, the end."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app import words
from app.fields import Day, Number, plain
from providers.rules import ACCOUNT_KINDS
from vouchers import actions
from vouchers.models import END_REASONS
from vouchers.queries.workload import Served

TEXT_MOST = 4_000


def _between(least: int, most: int) -> NumberRange:
    return NumberRange(least, most, _l("Skriv ett tal från %(min)s till %(max)s."))


def _said(sentence: Any) -> list[Any]:
    return [InputRequired(sentence), Length(max=TEXT_MOST, message=_l("Skriv högst %(max)s tecken."))]


class StartForm(FlaskForm):
    """The day the service began."""

    started_on = Day(_l("Vilken dag började personen?"), [InputRequired(_l("Skriv vilken dag det var."))])


class DeclineForm(FlaskForm):
    """Why the provider says no. The choices are the rulebook's, filled in by the view."""

    reason = RadioField(
        _l("Varför kan ni inte ta emot personen?"),
        [InputRequired(_l("Välj varför ni inte kan ta emot personen."))],
        choices=[],
        validate_choice=False,  # the rule refuses another reason, in a sentence
    )


class OutcomeForm(FlaskForm):
    """What the service led to."""

    kind = RadioField(_l("Vad började personen med?"), [InputRequired(_l("Välj vad personen började med."))])
    starts_on = Day(_l("Första dagen i det nya"), [InputRequired(_l("Skriv första dagen i det nya."))])
    last_day = Day(_l("Sista dagen hos er"), [InputRequired(_l("Skriv sista dagen hos er."))])
    extent_percent = Number(
        _l("Hur mycket av heltid?"),
        [InputRequired(_l("Skriv hur mycket av heltid, i procent.")), _between(1, 100)],
        default=100,
    )
    employer_name = StringField(
        _l("Arbetsgivarens namn"),
        [Length(max=200, message=_l("Skriv högst %(max)s tecken."))],
        filters=[plain],
    )
    employer_number = StringField(
        _l("Arbetsgivarens organisationsnummer"),
        [Length(max=20, message=_l("Skriv högst %(max)s tecken."))],
    )
    ends_on = Day(_l("Sista dagen i det nya, om den är bestämd"), [Optional()])
    municipal = BooleanField(_l("Kommunen är själv arbetsgivare"))
    subsidised = BooleanField(_l("Anställningen har stöd från staten (till exempel nystartsjobb)"))

    @classmethod
    def about(cls, person: Served, **filled: Any) -> OutcomeForm:
        """The form with the results that the person's service can lead to."""
        form = cls(**filled)
        form.kind.choices = [(kind, words.word(kind, "kind")) for kind in person.offer.outcomes]
        if person.ended_on is not None:
            del form.last_day
        return form

    def read(self, person: Served) -> actions.OutcomeForm:
        """The answers."""
        return actions.OutcomeForm(
            kind=self.kind.data,
            starts_on=_day(self.starts_on),
            last_day=person.ended_on or _day(self.last_day),
            extent_percent=_number(self.extent_percent),
            subsidised=bool(self.subsidised.data),
            employer_number=(self.employer_number.data or "").strip() or None,
            employer_name=self.employer_name.data or "",
            ends_on=self.ends_on.data,
            municipal=bool(self.municipal.data),
        )


class EndForm(FlaskForm):
    """The last day, and why."""

    ended_on = Day(_l("Vilken var sista dagen?"), [InputRequired(_l("Skriv vilken dag som var den sista."))])
    reason = SelectField(_l("Varför slutar insatsen?"), [InputRequired(_l("Välj varför insatsen slutar."))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = [(code, words.word(code, "reason")) for code in END_REASONS]
        self.reason.choices = [("", _("Välj ett skäl")), *reasons]


class BankForm(FlaskForm):
    """Where the provider wants its money."""

    kind = RadioField(
        _l("Vad är det för nummer?"),
        [InputRequired(_l("Välj bankgiro eller plusgiro."))],
        choices=[(kind, kind.capitalize()) for kind in ACCOUNT_KINDS],
        validate_choice=False,  # the rule refuses another kind, in a sentence
    )
    number = StringField(
        _l("Nummer"),
        [
            InputRequired(_l("Skriv numret.")),
            Length(max=30, message=_l("Skriv högst %(max)s tecken.")),
        ],
    )

    def read(self) -> tuple[str, str]:
        """(kind, number as typed)."""
        return str(self.kind.data), self.number.data or ""


def _number(field: IntegerField) -> int:
    return int(field.data or 0)


def _day(field: DateField) -> date:
    found = field.data
    if not isinstance(found, date):
        raise TypeError("a form is read only when it has been validated")
    return found
