"""Form fields that say in one sentence of ours what is wrong with what was typed."""

from __future__ import annotations

import unicodedata
from typing import Any

from flask_babel import gettext as _
from wtforms import DateField, Field, IntegerField, SelectMultipleField
from wtforms.form import BaseForm
from wtforms.validators import StopValidation
from wtforms.widgets import CheckboxInput, ListWidget

from vouchers.rules.fields import UNSEEN


class Day(DateField):
    """A day."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Skriv en dag, till exempel 2026-11-27.")) from None

    def pre_validate(self, form: BaseForm) -> None:
        _enough(self)


LARGEST = 10**18
"""Larger than any number that is asked for."""


class Number(IntegerField):
    """A whole number. An empty answer means `blank`, where that is given."""

    def __init__(
        self, label: Any = None, validators: Any = None, *, blank: int | None = None, **options: Any
    ):
        super().__init__(label, validators, **options)
        self.type = "IntegerField"  # the form macros draw a field by its type
        self.blank = blank

    def process_formdata(self, valuelist: list[str]) -> None:
        if self.blank is not None and not "".join(valuelist).strip():
            self.data = self.blank
            return
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Skriv ett helt tal med siffror, till exempel 4.")) from None
        if self.data is not None:
            # WTForms takes a number for a float when it looks at its range, and some are too large for one.
            self.data = min(max(self.data, -LARGEST), LARGEST)

    def pre_validate(self, form: BaseForm) -> None:
        _enough(self)


def plain(text: str | None) -> str | None:
    """A filter: what was typed without characters that cannot be seen, and without space around it."""
    if text is None:
        return None
    kept = (letter for letter in text if letter in "\n\t" or unicodedata.category(letter) not in UNSEEN)
    return "".join(kept).strip()


class Codes(SelectMultipleField):
    """Any number of a list, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _enough(field: Field) -> None:
    """What cannot be read at all need not be told that it is too small as well."""
    if field.process_errors and field.raw_data and str(field.raw_data[0]).strip():
        raise StopValidation
