"""Forms made from the fields that a report declares: nobody lists a report's fields a second time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import get_locale, gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, IntegerField, MonthField, RadioField, StringField, TextAreaField
from wtforms.validators import Optional

from app import words
from app.fields import Codes, plain
from app.web import sentence
from core.refusal import Refusal
from vouchers.rules import fields
from vouchers.rules.fields import Field
from vouchers.rules.terms import Terms

FAMILIES = {"kind": "occasion", "reason": "absence", "against_plan": "against_plan"}
"""Under which family of `app.words` the codes of a choice have their words, by the field's name."""


class _AsTyped:
    """What was typed is kept as it was; `fields.read_all` says what it means."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Nothing is read here."""


class Whole(_AsTyped, IntegerField):
    """A whole number."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.type = "IntegerField"  # the form macros draw a field by its type


class DayBox(_AsTyped, DateField):
    """A day."""


class MonthBox(_AsTyped, MonthField):
    """A month."""


class ClockBox(StringField):
    """A time of day, 09:30; its data are minutes after midnight."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Nothing is read here."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        minutes: Any = self.data
        return "" if minutes is None else f"{minutes // 60:02}:{minutes % 60:02}"


def said_minutes(minutes: int) -> str:
    """So many minutes as they are typed: 1 290 → 21:30."""
    return f"{minutes // 60}:{minutes % 60:02}"


class HoursBox(StringField):
    """So many hours and minutes, 21:30; its data are minutes. A number alone could mean either."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Nothing is read here."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        minutes: Any = self.data
        return "" if minutes is None else said_minutes(minutes)


BOXES: Mapping[str, type[Any]] = {
    "whole": Whole,
    "text": StringField,
    "words": TextAreaField,
    "day": DayBox,
    "month": MonthBox,
    "time": ClockBox,
    "choice": RadioField,
    "choices": Codes,
    "flag": BooleanField,
}


LONGEST_TYPED = 20_000
"""Characters of one answer that a draft keeps; far more than any field allows."""
TYPED = ("whole", "day", "month", "time")
"""Kinds whose box shows a text as it was typed, also one that says nothing."""


class DeclaredForm(FlaskForm):
    """A form of declared fields. After `validate_on_submit()` its answers are in `answers`, by field.

    `declared` is the kind of report, `fixed` what the page sets itself. No field may be called like these.
    """

    declared: str
    rulebook: Terms | None
    fixed: Mapping[str, object]
    answers: dict[str, Any]

    def validate(self, extra_validators: Any = None) -> bool:
        """Read every field at once, and put each fault at its own."""
        is_well = bool(super().validate(extra_validators))
        told = {**self.typed(), **self.fixed}
        unclear = self._unclear(told)
        self.answers, faults = fields.read_all(
            self.declared,
            {name: None if name in unclear else value for name, value in told.items()},
            self.rulebook,
        )
        faults |= unclear
        for name, fault in faults.items():
            self.fault(name, fault)
        return is_well and not faults

    def _unclear(self, told: dict[str, object]) -> dict[str, Refusal]:
        """Hours and minutes are written 21:30, or 21.30, on a page: 21 alone could mean either."""
        found = {}
        for one in fields.of(self.declared, self.rulebook):
            if one.unit != "minutes" or one.name not in self or not isinstance(told.get(one.name), str):
                continue
            text = str(told[one.name]).strip().replace(".", ":")
            told[one.name] = text
            if text.strip("0") and not fields.HOURS.fullmatch(text):
                found[one.name] = Refusal(
                    "hours_or_minutes",
                    "Skriv timmar och minuter, till exempel 21:30. En halvtimme är 0:30.",
                    status=422,
                )
        return found

    def fault(self, name: str, refusal: Refusal) -> None:
        """Say what is wrong at a field; of one that is not on the page, above the form."""
        if name in self:
            said_so = sentence(refusal)
            if refusal.code == "field_missing":  # a list of what is missing says which questions they are
                said_so = gettext("Fyll i: %(question)s", question=self[name].label.text)
            self[name].errors = [*self[name].errors, said_so]
        else:
            self.form_errors.append(sentence(refusal))

    def typed(self) -> dict[str, object]:
        """What was typed, unchecked, by field: for a draft, and back by `form_of(…, data=typed)`."""
        found: dict[str, object] = {}
        for one in fields.of(self.declared, self.rulebook):
            if one.name not in self:
                continue
            box = self[one.name]
            if one.kind in ("flag", "choices"):
                found[one.name] = box.data
            elif box.raw_data:
                found[one.name] = box.raw_data[0]
        return found

    def kept(self) -> dict[str, object]:
        """What was typed, as a draft keeps it: without what no database keeps, and no longer than sense."""
        return {name: _kept(value) for name, value in self.typed().items()}


def _kept(value: object) -> object:
    if isinstance(value, list):
        return [str(plain(str(one)))[:100] for one in value[:100]]
    return value if isinstance(value, bool) else str(plain(str(value)))[:LONGEST_TYPED]


def form_of(
    kind: str,
    terms: Terms | None = None,
    *,
    data: Mapping[str, object] | None = None,
    fixed: Mapping[str, object] | None = None,
) -> DeclaredForm:
    """The form of a kind of report. `data` fills it before anything is typed: values as `fields.read` gives
    them, or texts as they were typed once. `fixed` are fields that the page sets itself, with their values.
    """
    asked = [one for one in fields.of(kind, terms) if one.name not in (fixed or {})]
    boxes = {one.name: _box(one) for one in asked}
    made = type("DeclaredForm", (DeclaredForm,), boxes)
    known = {one.name: (data or {})[one.name] for one in asked if (data or {}).get(one.name) is not None}
    texts = {
        one.name: known.pop(one.name)
        for one in asked
        if one.kind in TYPED and isinstance(known.get(one.name), str)
    }
    form: DeclaredForm = made(data=known)
    form.declared, form.rulebook, form.fixed = kind, terms, dict(fixed or {})
    if not form.is_submitted():
        for name, text in texts.items():
            form[name].raw_data = [text]
    return form


def _box(one: Field) -> Any:
    options: dict[str, Any] = {"description": gettext(one.help) if one.help else ""}
    if one.kind in ("choice", "choices"):
        options["choices"] = [(code, said(one, code)) for code in one.options]
        options["validate_choice"] = False  # the declared field refuses what is not there, in a sentence
    if one.unit == "minutes":
        options["description"] = ""  # the page says once for all of them how a time is written
        return HoursBox(gettext(one.title), [] if one.needed else [Optional()], **options)
    if one.kind == "time":
        options["render_kw"] = {"type": "time"}
    optional = [] if one.needed or one.kind == "flag" else [Optional()]
    return BOXES[one.kind](gettext(one.title), optional, **options)


def said(one: Field, code: str) -> str:
    """What an option of a field is called in the reader's language."""
    for titled in one.named:
        if titled.code == code:
            return titled.title(str(get_locale() or "sv"))
    return words.word(code, FAMILIES.get(one.name, one.name))


def answered(kind: str, values: Mapping[str, Any], terms: Terms | None) -> list[tuple[str, str]]:
    """(question, answer in words) of what has been handed in, for a page; without what is empty.

    `values` are as stored: codes with spaces between or as a list, days as days or as 2026-11-27.
    """
    found = [(one, values.get(one.name)) for one in fields.of(kind, terms)]
    return [
        (gettext(one.title), _in_words(one, value)) for one, value in found if value not in (None, "", [], ())
    ]


def _in_words(one: Field, value: Any) -> str:
    if one.kind == "choice":
        return said(one, value)
    if one.kind == "choices":
        first, *more = [said(one, code) for code in (value.split() if isinstance(value, str) else value)]
        return ", ".join([first, *(word[:1].lower() + word[1:] for word in more)])
    if one.kind == "day":
        return words.day(value if isinstance(value, date) else date.fromisoformat(value))
    if one.unit == "minutes":
        return words.duration(value)
    return str(value)
