"""A file that proves a result: the same question to a provider and to staff."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import FileField, HiddenField, SelectField
from wtforms.validators import InputRequired, ValidationError

from app import evidence, words
from app.web import actor, sentence
from core.refusal import Refusal
from providers.actions import StoredFile


def sources_offered(sources: Iterable[str]) -> list[tuple[str, str]]:
    """The rulebook's sources to choose from, with a first that is none."""
    return [("", _("Välj underlag")), *((code, words.word(code, "source")) for code in sources)]


class WithFile(FlaskForm):
    """A form with a file. One that was good is kept while the rest is mended: `kept` is its ticket."""

    file = FileField(_l("Fil"))
    kept = HiddenField()

    stored: StoredFile | None = None
    needs_file = True

    def validate_file(self, field: FileField) -> None:
        """The file that came now, or a moment ago."""
        self.stored = evidence.from_ticket(self.kept.data, actor().account_id)
        try:
            found = evidence.uploaded(field.data)
        except Refusal as refusal:
            raise ValidationError(sentence(refusal)) from None
        if found is not None:
            self.stored = evidence.store().put(found)
            self.kept.data = evidence.ticket(self.stored, actor().account_id)
        if self.stored is None and self.needs_file:
            raise ValidationError(_("Välj en fil att visa."))


class EvidenceForm(WithFile):
    """A file, and what it is."""

    source = SelectField(
        _l("Vad är det för underlag?"),
        [InputRequired(_l("Välj vad det är för underlag."))],
        default="",
        validate_choice=False,  # the rule refuses another source, in a sentence
    )

    @classmethod
    def of(cls, sources: Iterable[str], **filled: Any) -> EvidenceForm:
        """The form with the rulebook's sources."""
        form = cls(**filled)
        form.source.choices = sources_offered(sources)
        return form
