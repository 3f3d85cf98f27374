"""What is sent to the API. A report's properties are made from the declared fields, not written here."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import date
from typing import Any

import marshmallow as ma
from marshmallow import fields as ma_fields

from app.api.problems import Fault
from vouchers.models import END_REASONS
from vouchers.rules import fields as declared
from vouchers.rules.fields import Field
from vouchers.rules.terms import OUTCOME_KINDS


def N_(text: str) -> str:  # noqa: N802  # the name that translators' tools look for
    """Mark a Swedish text for translation; the document looks it up."""
    return text


KEY = "^[0-9]{1,19}$"
MONTH = "^[0-9]{4}-(0[1-9]|1[0-2])$"
CLOCK = "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"
WRONG = {
    "whole": N_("Skriv ett heltal, utan citattecken."),
    "flag": N_("Skriv true eller false."),
    "choices": N_("Skriv en lista med texter."),
}
TEXT_WRONG = N_("Skriv en text inom citattecken.")


class Told(ma_fields.Field[Any]):
    """A declared field. Takes the JSON type that the document says and no other; what the value must be is
    for `vouchers.rules.fields`, which knows the rulebook. The document says that too; of a `row` of many it
    says the type alone.
    """

    def __init__(self, about: Field, *, row: bool = False, **options: Any) -> None:
        self.about, self.row = about, row
        open_list = about.kind == "choices" and not about.options
        needed = about.needed and about.default is None and not open_list
        required = needed and about.kind != "flag"
        metadata = {"description": about.title}
        super().__init__(required=required, metadata=metadata, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_kwargs: Any) -> Any:
        kind = self.about.kind
        if kind == "whole":
            good = isinstance(value, int) and not isinstance(value, bool)
        elif kind == "flag":
            good = isinstance(value, bool)
        elif kind == "choices":
            good = isinstance(value, list) and all(isinstance(one, str) for one in value)
        else:
            good = isinstance(value, str)
        if not good:
            raise ma.ValidationError([Fault("", "type_wrong", WRONG.get(kind, TEXT_WRONG))])
        return value

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_kwargs: Any) -> Any:
        return plain(self.about, value)


def plain(field: Field, value: Any) -> Any:
    """A field's value as JSON; None where there is none."""
    if value is None:
        return None
    if field.kind == "month":
        return str(value.isoformat() if isinstance(value, date) else value)[:7]
    if field.kind == "day":
        return value.isoformat() if isinstance(value, date) else str(value)
    if field.kind == "time":
        return value if isinstance(value, str) else f"{value // 60:02d}:{value % 60:02d}"
    if field.kind == "choices":
        return value.split() if isinstance(value, str) else list(value)
    return value


def properties(_converter: Any, field: Any, **_kwargs: Any) -> dict[str, Any]:
    """The JSON Schema of a declared field. Handed to the document's maker."""
    if not isinstance(field, Told):
        return {}
    about = field.about
    if field.row:
        return _by_type(about)
    words: dict[str, Any] = {"type": "string"} | (
        {"enum": list(about.options)} if about.options else {"maxLength": 60}
    )
    free: dict[str, Any] = {"type": "string", "maxLength": about.most} | (
        {"minLength": 1} if field.required else {}
    )
    by_kind: dict[str, dict[str, Any]] = {
        "whole": {"type": "integer", "minimum": about.least, "maximum": about.most},
        "flag": {"type": "boolean", "default": False},
        "choices": {"type": "array", "items": words, "maxItems": 100},
        "choice": words,
        "day": {"type": "string", "format": "date"},
        "month": {"type": "string", "pattern": MONTH, "examples": ["2026-11"]},
        "time": {"type": "string", "pattern": CLOCK, "examples": ["09:30"]},
    }
    return by_kind.get(about.kind, free)


EXAMPLES = {"day": "2026-11-27", "month": "2026-11", "time": "09:30"}


def _by_type(about: Field) -> dict[str, Any]:
    """The JSON type alone, and what may stand there as examples: a row of many that breaks the rest is not
    refused with the request, but told in its answer."""
    given = about.options or ((EXAMPLES[about.kind],) if about.kind in EXAMPLES else ())
    text: dict[str, Any] = {"type": "string"} | ({"examples": list(given)} if given else {})
    by_kind: dict[str, dict[str, Any]] = {
        "whole": {"type": "integer"},
        "flag": {"type": "boolean", "default": False},
        "choices": {"type": "array", "items": text},
    }
    return by_kind.get(about.kind, text)


@functools.cache
def form(kind: str) -> type[ma.Schema]:
    """What is sent to tell a report of that kind."""
    return _named(f"{_title(kind)}Form", {field.name: Told(field) for field in declared.of(kind)})


def row_of(kind: str) -> type[ma.Schema]:
    """What is sent to tell one of many reports of that kind."""
    told = {field.name: Told(field, row=True) for field in declared.of(kind)}
    participant = ma_fields.String(
        required=True,
        validate=ma.validate.Regexp(KEY),
        metadata={"description": N_("Vem det gäller: deltagarens id")},
    )
    return _named(f"{_title(kind)}Row", told | {"participant": participant})


def _title(kind: str) -> str:
    return "".join(word.capitalize() for word in kind.split("_"))


def _named(name: str, members: Mapping[str, Any]) -> type[ma.Schema]:
    return type(name, (Closed,), dict(members))


class Closed(ma.Schema):
    """A schema that takes no property it does not know."""

    class Meta:
        """Said in the document too."""

        unknown = ma.RAISE


class Moment(ma_fields.AwareDateTime):
    """A moment with its zone. A plus sign that became a space on its way is read as what it was."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        found = super()._deserialize(str(value).replace(" ", "+"), attr, data, **kwargs)
        if not declared.FIRST_YEAR <= found.year <= declared.LAST_YEAR:
            raise self.make_error("invalid", input=value, obj_type="datetime")
        return found


class FaultSchema(ma.Schema):
    """What is wrong in one place."""

    field = ma_fields.String(
        required=True, metadata={"description": N_("Var felet står, som en JSON Pointer: /rows/3/month")}
    )
    code = ma_fields.String(required=True, metadata={"description": N_("Ett ord som program kan känna igen")})
    detail = ma_fields.String(required=True, metadata={"description": N_("Vad som är fel och vad ni gör")})


class Problem(ma.Schema):
    """An error, as RFC 9457 says it."""

    type = ma_fields.String(required=True)
    title = ma_fields.String(required=True)
    status = ma_fields.Integer(required=True)
    code = ma_fields.String(required=True, metadata={"description": N_("Ett ord som program kan känna igen")})
    detail = ma_fields.String(required=True, metadata={"description": N_("Vad som är fel och vad ni gör")})
    faults = ma_fields.List(ma_fields.Nested(FaultSchema), metadata={"description": N_("Fel i fälten")})


# ── what is sent besides reports ──────────────────────────────────────────────────────────────────

START = (Field("started_on", "day", N_("Vilken dag började personen?")),)
DECLINE = (Field("reason", "text", N_("Varför kan ni inte ta emot personen?"), needed=False, most=40),)
END = (
    Field("ended_on", "day", N_("Vilken var sista dagen?")),
    Field("reason", "choice", N_("Varför slutar insatsen?"), options=END_REASONS),
)
OUTCOME = (
    Field("kind", "choice", N_("Vad började personen med?"), options=OUTCOME_KINDS),
    Field("starts_on", "day", N_("Första dagen i det nya")),
    Field("last_day", "day", N_("Sista dagen hos er"), N_("Behövs om personen är kvar."), needed=False),
    Field("extent_percent", "whole", N_("Hur mycket av heltid, i procent"), least=1, most=100),
    Field("employer_number", "text", N_("Arbetsgivarens organisationsnummer"), needed=False, most=20),
    Field("employer_name", "text", N_("Arbetsgivarens namn"), needed=False, most=200),
    Field("ends_on", "day", N_("Sista dagen, om anställningen har en"), needed=False),
    Field("subsidised", "flag", N_("Anställningen har stöd från staten")),
    Field("municipal", "flag", N_("Kommunen är arbetsgivaren")),
)
FOLLOW_UP = (
    Field("answer", "choice", N_("Är personen kvar i arbete eller studier?"), options=("still", "ended")),
    Field("last_on", "day", N_("Sista dagen, om det är slut"), needed=False),
)


def form_of(name: str, asked: tuple[Field, ...]) -> type[ma.Schema]:
    """What is sent where something else than a report is told."""
    return _named(name, {field.name: Told(field) for field in asked})


class ListQuery(Closed):
    """Which rows of a list."""

    after = ma_fields.String(
        validate=ma.validate.Regexp(KEY), metadata={"description": N_("Fortsätt efter: det som stod i next")}
    )
    limit = ma_fields.Integer(
        load_default=50,
        validate=ma.validate.Range(1, 200),
        metadata={"description": N_("Högst så många rader")},
    )
    participant = ma_fields.String(
        validate=ma.validate.Regexp(KEY), metadata={"description": N_("Bara om den deltagaren")}
    )
    updated_since = Moment(
        metadata={"description": N_("Bara det som har ändrats sedan dess: det som stod i as_of förra gången")}
    )
