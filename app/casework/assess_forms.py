"""The shape of an assessment: the rulebook's questions as fields, then the guide's own finding."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from app import words
from app.casework.forms import one_of
from app.fields import Day, plain
from vouchers.actions.assessing import AssessmentForm
from vouchers.rules.instrument import Instrument
from vouchers.rules.words import STATE_CHECKS

PREFIX = "answer-"


class MeetingForm(FlaskForm):
    """The day and the state's own measures; `of` adds the questions."""

    met_on = Day(_l("Dagen ni träffades"), validators=[InputRequired(_l("Skriv vilken dag ni träffades."))])
    state_check = one_of(
        _l("Räcker någon av statens egna insatser?"), _l("Ange hur ni har prövat statens egna insatser.")
    )
    state_check_note = TextAreaField(
        _l("Vad ni kom fram till om statens insatser"),
        filters=[plain],
        validators=[Length(max=2_000)],
    )
    finding = one_of(_l("Din bedömning"), _l("Välj vad du har kommit fram till."))
    reasons = TextAreaField(
        _l("Skäl, om du har kommit fram till något annat än förslaget"),
        filters=[plain],
        validators=[Length(max=5_000)],
    )

    @property
    def answers(self) -> dict[str, str]:
        """Question → step, as far as they are answered."""
        return {
            field.name.removeprefix(PREFIX): field.data
            for field in self
            if field.name.startswith(PREFIX) and field.data
        }

    def read(self, rulebook_id: int) -> AssessmentForm:
        """What the action takes."""
        service, _dot, level = str(self.finding.data).partition(":")
        if self.met_on.data is None:
            raise AssertionError("a form that has been found right has a day")
        return AssessmentForm(
            rulebook_id=rulebook_id,
            met_on=self.met_on.data,
            answers=self.answers,
            service=service,
            level=level,
            reasons=self.reasons.data or "",
            state_check=self.state_check.data or "",
            state_check_note=self.state_check_note.data or "",
        )


def of(instrument: Instrument, locale: str) -> MeetingForm:
    """The form with the instrument's questions, filled in from what was sent."""
    questions: dict[str, Any] = {}
    for question in instrument.questions:
        steps = instrument.scales[question.scale].steps
        questions[PREFIX + question.code] = one_of(
            question.title_en if locale == "en" else question.title_sv,
            _l("Välj ett av stegen."),
            choices=[(code, en if locale == "en" else sv) for code, sv, en in steps],
        )
    form: MeetingForm = type("AssessForm", (MeetingForm,), questions)()
    form.state_check.choices = [(code, words.word(code, "state_check")) for code in STATE_CHECKS]
    return form
