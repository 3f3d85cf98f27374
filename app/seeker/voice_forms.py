"""What a person answers and writes. Nothing has to be answered but what the person wants to."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, TextAreaField

from vouchers.actions.answering import AnswerForm
from vouchers.rules.voice import Survey

STEPS = (
    ("1", _l("Nej, inte alls")),
    ("2", _l("Nej, inte riktigt")),
    ("3", _l("Både och")),
    ("4", _l("Ja, för det mesta")),
    ("5", _l("Ja, helt")),
)


class SurveyForm(FlaskForm):
    """The questions of a rulebook, each answered with one of five words; and own words."""

    words = TextAreaField(_l("Vill du säga något mer?"))

    def asked(self) -> list[RadioField]:
        """The questions, in the rulebook's order."""
        return [field for field in self if isinstance(field, RadioField)]

    def read(self) -> AnswerForm:
        """What was answered, without what was skipped."""
        answers = {field.name.removeprefix("q_"): int(field.data) for field in self.asked() if field.data}
        return AnswerForm(answers, self.words.data or "")


def survey_form(survey: Survey, locale: str) -> type[SurveyForm]:
    """A form with the survey's questions in that language."""
    questions = {
        f"q_{question.code}": RadioField(
            question.title(locale),
            choices=STEPS,
            validate_choice=False,
            filters=[lambda value: value if value in dict(STEPS) else None],
        )
        for question in survey.questions
    }
    return type("QuestionsForm", (SurveyForm,), questions)


class MessageForm(FlaskForm):
    """A message. What may be in it is for the rules; the browser only counts."""

    text = TextAreaField(_l("Ditt meddelande"))
