"""What a guide writes about a choice that was not made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, TextAreaField
from wtforms.form import BaseForm
from wtforms.validators import InputRequired, Length, Optional, StopValidation

from app.fields import plain
from vouchers.actions.non_choice import LONGEST_REASONS, Answer
from vouchers.actions.none_suits import LONGEST_WORDS
from vouchers.queries.market import code_of
from vouchers.queries.non_choice import Proposed

OUT = "out"


class FollowUpForm(FlaskForm):
    """What guide and person agreed when none suited, and whether the choice opens anew."""

    follow_up = TextAreaField(
        _l("Vad kom ni fram till?"),
        validators=[
            InputRequired(_l("Skriv vad ni kom fram till.")),
            Length(max=LONGEST_WORDS, message=_l("Skriv högst %(max)s tecken.")),
        ],
        filters=[plain],
    )
    reopen = BooleanField(_l("Ge personen en helt ny tid att välja"), default=True)


class Lines(FlaskForm):
    """An answer for each line of a list: `to_<line>` a provider, or out; `why_<line>` why somebody is out."""

    @property
    def answers(self) -> dict[int, Answer]:
        """By line; of a line without an answer nothing."""
        found = {}
        for field in self:
            if isinstance(field, SelectField) and field.data:
                key = int(field.name.removeprefix("to_"))
                provider_id = None if field.data == OUT else int(field.data)
                found[key] = Answer(provider_id, self[f"why_{key}"].data or "")
        return found


def lines_form(lines: Sequence[Proposed], able: Mapping[str, Sequence[tuple[int, str]]]) -> Lines:
    """The form of a list's lines that the reader may decide, with what is proposed filled in."""
    fields: dict[str, Any] = {}
    for line in lines:
        own = (line.provider_id, line.provider)
        others = [one for one in able.get(code_of(line.scheme, line.service), ()) if one != own]
        choices = [
            *([] if line.provider_id else [("", _("Välj anordnare"))]),
            *([(str(line.provider_id), _("%(name)s (förslaget)", name=line.provider))] if own[0] else []),
            *((str(key), name) for key, name in others),
            (OUT, _("Lämna utanför listan")),
        ]
        who = line.name or _("Skyddad person")
        fields[f"to_{line.id}"] = SelectField(
            _("Anordnare åt %(who)s", who=who),
            choices=choices,
            default=str(line.provider_id or ""),
            validators=[
                InputRequired(_("%(who)s: välj en anordnare eller lämna personen utanför.", who=who))
            ],
        )
        fields[f"why_{line.id}"] = TextAreaField(
            _("Varför %(who)s lämnas utanför eller får en annan", who=who),
            validators=[
                _Reasons(f"to_{line.id}", _("Skriv varför %(who)s lämnas utanför.", who=who)),
                Optional(),
                Length(max=LONGEST_REASONS, message=_l("Skriv högst %(max)s tecken.")),
            ],
            filters=[plain],
        )
    form: Lines = type("LinesOfAList", (Lines,), fields)()
    return form


class _Reasons:
    """Who is left out is left out for a reason."""

    field_flags: Mapping[str, bool] = {}

    def __init__(self, to: str, sentence: str) -> None:
        self.to, self.sentence = to, sentence

    def __call__(self, form: BaseForm, field: TextAreaField) -> None:
        if form[self.to].data == OUT and not (field.data or "").strip():
            raise StopValidation(self.sentence)
