"""The shapes of what a guide writes in a plan. Whether it is allowed is for the rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app import words
from app.casework.forms import needed, one_of, trimmed
from app.fields import Codes, Day, plain
from vouchers.actions import MeetingForm as Held
from vouchers.actions import PartForm as Wanted
from vouchers.rules.plan import MEETINGS, PARTIES

LONGEST = 4_000


class GoalForm(FlaskForm):
    """What the plan is to lead to."""

    goal = TextAreaField(
        _l("Mål, med personens egna ord"),
        filters=[plain],
        validators=[needed(_l("Skriv målet med personens egna ord.")), Length(max=LONGEST)],
    )


class StepForm(FlaskForm):
    """A step: who does it, what, and the last day. `who` is a party, or provider:id."""

    who = one_of(_l("Vem gör det?"), _l("Välj vem som ska göra det."))
    does = TextAreaField(
        _l("Vad ska göras?"),
        filters=[plain],
        validators=[needed(_l("Skriv vad som ska göras.")), Length(max=1_000)],
    )
    due_on = Day(_l("Sista dag"), validators=[InputRequired(_l("Skriv den sista dagen."))])
    contact = StringField(
        _l("Vem kan man fråga där?"), filters=[trimmed, plain], validators=[Optional(), Length(max=200)]
    )

    def offer(self, providers: Iterable[Any]) -> None:
        """Fill in who can be chosen: the person, the municipality, their providers, the authorities."""
        self.who.choices = parties(providers)

    def read(self) -> Wanted:
        """What the action takes."""
        party, _, provider_id = str(self.who.data).partition(":")
        if self.due_on.data is None:
            raise AssertionError("a form that is whole has a day")
        return Wanted(
            party=party,
            does=self.does.data or "",
            due_on=self.due_on.data,
            provider_id=int(provider_id) if provider_id else None,
            contact=self.contact.data or "",
        )


class MeetingForm(StepForm):
    """A meeting that was held, and the step it led to."""

    kind = one_of(_l("Vad var det för möte?"), _l("Välj vad det var för möte."))
    held_on = Day(_l("När möttes ni?"), validators=[InputRequired(_l("Skriv dagen då ni möttes."))])
    present = Codes(_l("Vilka var med?"), validators=[InputRequired(_l("Ange vilka som var med."))])
    notes = TextAreaField(
        _l("Vad kom ni fram till?"),
        filters=[plain],
        validators=[needed(_l("Skriv vad ni kom fram till.")), Length(max=LONGEST)],
    )

    def offer(self, providers: Iterable[Any]) -> None:
        """Fill in who can be chosen, and the kinds of meeting, in words."""
        super().offer(providers)
        self.kind.choices = [(kind, words.word(kind, "meeting")) for kind in MEETINGS]
        self.present.choices = [(party, words.word(party, "party")) for party in PARTIES]

    def read_meeting(self) -> Held:
        """What the action takes."""
        if self.held_on.data is None:
            raise AssertionError("a form that is whole has a day")
        return Held(
            kind=self.kind.data,
            held_on=self.held_on.data,
            present=tuple(self.present.data or ()),
            notes=self.notes.data or "",
            next_step=self.read(),
        )


def parties(providers: Iterable[Any]) -> list[tuple[str, str]]:
    """(code, words) of who can do something in a plan; each provider by its name."""
    found = []
    for party in PARTIES:
        if party == "provider":
            found += [(f"provider:{one.id}", str(one.name)) for one in providers]
        else:
            found.append((party, words.word(party, "party")))
    return found
