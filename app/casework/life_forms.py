"""The shapes of what staff and the board write about an accreditation. The rules say what is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.casework.forms import needed, one_of
from app.fields import Codes, Day, plain
from app.wording import WORDS
from providers.rules.sanctions import REVOKING

LONGEST = 5_000
URGENT = tuple(code for code in REVOKING if code != "no_customers")
Choices = Sequence[tuple[str, Any]]


class Perhaps(Optional):
    """May be left empty, as the label says by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.field_flags = {}


def _reasons(label: Any = None) -> TextAreaField:
    return TextAreaField(
        label or _l("Skäl för beslutet"),
        filters=[plain],
        validators=[needed(_l("Skriv skälen.")), Length(max=LONGEST)],
    )


def reason_choices(codes: Sequence[str]) -> Choices:
    """Why an accreditation may end, in words."""
    return [(code, WORDS[f"end_reason.{code}"]) for code in codes]


class ReasonsForm(FlaskForm):
    """A decision that needs nothing but its reasons."""

    reasons = _reasons()


class WarnForm(FlaskForm):
    """A warning: why, and until when."""

    reasons = _reasons(_l("Vad är fel, och vad ska rättas?"))
    due_on = Day(_l("Sista dag att rätta"), validators=[InputRequired(_l("Skriv sista dagen att rätta."))])


class PenaltyForm(FlaskForm):
    """Which penalty; the amounts are the rulebook's."""

    code = one_of(_l("Vad gäller vitet?"), _l("Välj vad vitet gäller."))
    reasons = _reasons()


class RevocationForm(FlaskForm):
    """A revocation, proposed or provisional: the reason in the list, and in words."""

    reason = one_of(_l("Skäl"), _l("Välj ett skäl i listan."))
    reasons = _reasons(_l("Skälen med egna ord"))


class BoardForm(FlaskForm):
    """What the board has decided. `last_day` and `reason` count when the accreditation is to end."""

    outcome = one_of(_l("Vad beslutade nämnden?"), _l("Välj vad nämnden beslutade."))
    held_on = Day(_l("Mötets dag"), validators=[InputRequired(_l("Skriv vilken dag nämnden möttes."))])
    paragraph = StringField(
        _l("Paragraf i protokollet"),
        filters=[plain],
        validators=[needed(_l("Skriv paragrafen, till exempel § 41.")), Length(max=30)],
    )
    last_day = Day(
        _l("Sista dag som auktorisationen gäller"),
        description=_l("Bara om den ska upphöra."),
        validators=[Perhaps()],
    )
    reason = SelectField(_l("Skäl i listan"), validate_choice=False)
    reasons = _reasons(_l("Nämndens skäl"))


class ReportForm(FlaskForm):
    """Which decisions were reported to the board, and when it met."""

    decisions = Codes(_l("Beslut"), validate_choice=False)
    meeting_on = Day(_l("Mötets dag"), validators=[InputRequired(_l("Skriv vilken dag nämnden möttes."))])


class RenewalForm(FlaskForm):
    """New conditions: for which kundval, until when, and why."""

    rulebook = one_of(_l("Nya villkor"), _l("Välj ett kundval."))
    due_on = Day(
        _l("Sista dag att ansöka på nytt"), validators=[InputRequired(_l("Skriv sista dagen att ansöka."))]
    )
    reasons = _reasons()


class PlanForm(FlaskForm):
    """A plan for all, or one each. The rows are added by `for_customers`."""

    every = RadioField(_l("Samma för alla"), validate_choice=False)
    every_to_on = Day(_l("Sista dag för dem som stannar"), validators=[Perhaps()])


def for_customers(leg_ids: Sequence[int]) -> type[PlanForm]:
    """The form with a plan and a day for each of those legs."""
    fields: dict[str, Any] = {}
    for leg_id in leg_ids:
        fields[f"plan_{leg_id}"] = RadioField(_l("Plan"), validate_choice=False)
        fields[f"to_on_{leg_id}"] = Day(_l("Stannar till och med"), validators=[Perhaps()])
    return type("CustomersForm", (PlanForm,), fields)
