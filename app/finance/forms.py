"""What finance fills in: the day of a run, why a batch is stopped, the bank's answer."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from wtforms import FileField, HiddenField, RadioField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from app.fields import Day
from app.ids import LARGEST
from core import dates

LARGEST_ANSWER = 1_000_000


class RunForm(FlaskForm):
    """The last day that counts."""

    as_of = Day(_l("Räkna till och med"), [InputRequired(_l("Skriv vilken dag det ska räknas till."))])

    def validate_as_of(self, field: Day) -> None:
        """A day that has been, or today."""
        if isinstance(field.data, date) and field.data > dates.today():
            raise ValidationError(_("Dagen har inte varit än. Välj i dag eller tidigare."))


class MakeForm(FlaskForm):
    """What the maker saw and vouches for."""

    payments = HiddenField()
    paid_ore = HiddenField()

    def read(self) -> tuple[int, int]:
        """(payments, öre); (-1, -1), which is never right, when somebody has changed the fields."""
        try:
            return int(self.payments.data or ""), int(self.paid_ore.data or "")
        except ValueError:
            return -1, -1


class LookForm(FlaskForm):
    """What somebody has found who has looked into a parked batch."""

    reasons = TextAreaField(
        _l("Vad har du kommit fram till?"),
        [
            InputRequired(_l("Skriv vad du har kontrollerat och varför det stämmer.")),
            Length(max=2_000, message=_l("Skriv högst %(max)s tecken.")),
        ],
    )


class FollowForm(MakeForm):
    """Why a follow-up is made, and what the maker saw."""

    reason = TextAreaField(
        _l("Varför görs uppföljningen?"),
        [
            InputRequired(_l("Skriv varför uppföljningen görs.")),
            Length(max=2_000, message=_l("Skriv högst %(max)s tecken.")),
        ],
    )


class HoldForm(FlaskForm):
    """Why something is held: a reason that the provider is told, and words for the municipality's own."""

    reason = RadioField(_l("Skäl, som anordnaren får se"), validate_choice=False)
    words = TextAreaField(
        _l("Vad har hänt?"),
        [
            InputRequired(_l("Skriv vad som har hänt, så att den som släpper det vet.")),
            Length(max=2_000, message=_l("Skriv högst %(max)s tecken.")),
        ],
    )

    def validate_reason(self, field: RadioField) -> None:
        """One of those there are."""
        if field.data not in [row[0] for row in field.choices or ()]:
            raise ValidationError(_("Välj ett av skälen."))

    def read(self) -> tuple[str, str]:
        """(reason, words)."""
        return str(self.reason.data), self.words.data or ""


class ReleaseForm(FlaskForm):
    """Why something is let go."""

    words = TextAreaField(
        _l("Varför släpps det?"),
        [
            InputRequired(_l("Skriv varför det släpps.")),
            Length(max=2_000, message=_l("Skriv högst %(max)s tecken.")),
        ],
    )


class VoidForm(FlaskForm):
    """Why a batch is stopped."""

    reason = TextAreaField(
        _l("Varför stoppas utbetalningen?"),
        [
            InputRequired(_l("Skriv varför utbetalningen stoppas.")),
            Length(max=2_000, message=_l("Skriv högst %(max)s tecken.")),
        ],
    )


class CallForm(FlaskForm):
    """Whom one has called. `prefix` keeps the forms of a page apart."""

    contact = RadioField(_l("Vem har du pratat med?"), validate_choice=False)

    @classmethod
    def about(cls, details_id: int, **options: Any) -> CallForm:
        """The form of one change."""
        form = cls(prefix=f"d{details_id}-", **options)
        form.contact.choices = []
        return form

    def validate_contact(self, field: RadioField) -> None:
        """Somebody must be chosen; who may be is for the rules to say."""
        if not str(field.data or "").isascii() or not str(field.data or "").isdigit():
            raise ValidationError(_("Välj vem du har ringt och pratat med."))

    def read(self) -> int:
        """The contact's id."""
        return min(int(str(self.contact.data)[:20]), LARGEST)


class AnswerForm(FlaskForm):
    """The bank's file."""

    file = FileField(_l("Bankens svarsfil"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.document = b""

    def validate_file(self, field: FileField) -> None:
        """A file of at most a megabyte, with something in it."""
        upload = field.data
        if not isinstance(upload, FileStorage) or not upload.filename:
            raise ValidationError(_("Välj filen som banken har skickat."))
        self.document = upload.stream.read(LARGEST_ANSWER + 1)
        if len(self.document) > LARGEST_ANSWER:
            raise ValidationError(_("Filen är för stor. Ett svar från banken är högst 1 MB."))
        if not self.document:
            raise ValidationError(_("Filen är tom. Hämta den igen från banken."))
