"""The shapes of what reviewers and deciders write about an application. The rules say what is allowed."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.casework.forms import needed, one_of
from app.fields import Day
from app.wording import WORDS
from providers.models.application import VERDICTS
from providers.rules.conditions import CONTROLS

LONGEST = 5_000


def _conflict(label: str) -> RadioField:
    return one_of(
        label,
        _l("Svara på frågan om jäv."),
        choices=[("no", _l("Nej, jag är inte jävig")), ("yes", _l("Ja, jag är jävig"))],
    )


class DeclareForm(FlaskForm):
    """Whether there is a conflict of interest."""

    conflict = _conflict(_l("Finns det något som gör att du kan vara partisk?"))


class VerdictForm(FlaskForm):
    """One reviewer's finding of one condition."""

    verdict = one_of(
        _l("Är villkoret uppfyllt?"),
        _l("Välj vad du kom fram till."),
        choices=[(code, WORDS[f"verdict.{code}"]) for code in VERDICTS],
    )
    control = one_of(
        _l("Hur kontrollerade du?"),
        _l("Välj hur du kontrollerade."),
        choices=[(code, WORDS[f"control.{code}"]) for code in CONTROLS],
    )
    note = TextAreaField(
        _l("Vad du såg"), filters=[lambda text: text or ""], validators=[Length(max=LONGEST)]
    )


class SupplementForm(FlaskForm):
    """What is missing, and until when."""

    wanted = TextAreaField(
        _l("Vad ska kompletteras?"),
        validators=[needed(_l("Skriv vad som ska kompletteras.")), Length(max=LONGEST)],
    )
    due_on = Day(_l("Sista dag att svara"), validators=[InputRequired(_l("Skriv sista dagen att svara."))])


class ProposalForm(FlaskForm):
    """What is proposed, and why. `kind` is filled in by the view."""

    kind = one_of(_l("Vad föreslår du?"), _l("Välj ett förslag."))
    words = TextAreaField(
        _l("Skäl för förslaget"),
        validators=[needed(_l("Skriv skälen för förslaget.")), Length(max=LONGEST)],
    )


class DecisionForm(FlaskForm):
    """The decision on what was proposed. The view takes away what the decider need not answer."""

    conflict = _conflict(_l("Finns det något som gör att du kan vara partisk?"))
    from_on = Day(_l("Auktorisationen gäller från"), validators=[InputRequired(_l("Skriv från vilken dag."))])
    reasons = TextAreaField(
        _l("Skäl för beslutet"), validators=[needed(_l("Skriv skälen för beslutet.")), Length(max=LONGEST)]
    )
