"""The API's document in the asker's language, made from the running app; and the same for a page to show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from flask import current_app
from flask_babel import gettext

Json: TypeAlias = dict[str, Any]
TEXTS = ("title", "summary", "description")
SCHEMAS = "#/components/schemas/"


def document() -> Json:
    """The OpenAPI document of this app."""
    told: Json = _said(current_app.extensions["api"].drawn())
    return told


def _said(value: Any) -> Any:
    """The same, its texts in the asker's language."""
    if isinstance(value, dict):
        told = {}
        for name, below in value.items():
            is_text = name in TEXTS and isinstance(below, str) and below
            told[name] = gettext(below) if is_text else _said(below)
            if name == "tags" and isinstance(below, list):
                told[name] = [gettext(tag) if isinstance(tag, str) else _said(tag) for tag in below]
        return told
    if isinstance(value, list):
        return [_said(one) for one in value]
    return value


@dataclass(frozen=True)
class Property:
    """One property as a page shows it: its name with what it stands in before it, what may be written."""

    name: str
    kind: str
    about: str
    needed: bool
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Operation:
    """One operation as a page shows it. `sends` and `gives` are properties, `asks` those of the query."""

    id: str
    method: str
    path: str
    name: str
    about: str
    scope: str
    sends: tuple[Property, ...]
    asks: tuple[Property, ...]
    gives: tuple[Property, ...]


@dataclass(frozen=True)
class Told:
    """The whole document as a page shows it: operations by chapter, and its words on the whole."""

    about: str
    chapters: dict[str, list[Operation]]

    @property
    def count(self) -> int:
        """How many operations there are."""
        return sum(len(one) for one in self.chapters.values())


def told() -> Told:
    """What the document says, for a reader."""
    whole = document()
    chapters: dict[str, list[Operation]] = {}
    for path, operations in whole["paths"].items():
        for method, one in operations.items():
            if method in ("get", "post"):
                chapters.setdefault(one["tags"][0], []).append(_operation(whole, path, method, one))
    return Told(whole["info"].get("description", ""), chapters)


def _operation(whole: Json, path: str, method: str, one: Json) -> Operation:
    body = one.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    good = next(answer for code, answer in one["responses"].items() if str(code).startswith("2"))
    given = good["content"]["application/json"]["schema"]
    return Operation(
        id=one["operationId"],
        method=method.upper(),
        path=path,
        name=one["summary"],
        about=one.get("description", ""),
        scope=one.get("x-scope", ""),
        sends=tuple(_properties(whole, body)),
        asks=tuple(
            _property(
                whole, asked["name"], {"description": asked.get("description", ""), **asked["schema"]}, False
            )
            for asked in one.get("parameters", ())
            if asked["in"] == "query"
        ),
        gives=tuple(_properties(whole, given)),
    )


def _properties(whole: Json, schema: Mapping[str, Any], before: str = "") -> Iterator[Property]:
    """The properties of an object, with those of what it holds."""
    found = _found(whole, schema)
    for name, below in found.get("properties", {}).items():
        yield _property(whole, before + name, below, name in found.get("required", ()))
        items = _found(whole, _found(whole, below).get("items", {}))
        if "properties" in items:
            yield from _properties(whole, items, f"{before}{name}[].")


def _found(whole: Json, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a reference leads to; all else as it is."""
    to = schema.get("$ref", "")
    found: Mapping[str, Any] = whole["components"]["schemas"][to.removeprefix(SCHEMAS)] if to else schema
    return found


def _property(whole: Json, name: str, schema: Mapping[str, Any], needed: bool) -> Property:
    items = _found(whole, schema.get("items", {}))
    listed = schema.get("enum") or items.get("enum") or _several(schema) or _several(items)
    return Property(
        name=name,
        kind=_kind(schema),
        about=schema.get("description", ""),
        needed=needed,
        words=tuple(str(word) for word in listed if word is not None),
    )


def _several(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Examples that are all there is to choose from; one alone only shows the form."""
    found = tuple(schema.get("examples", ()))
    return found if len(found) > 1 else ()


def _kind(schema: Mapping[str, Any]) -> str:
    kinds = schema.get("type", "object")
    kind = " | ".join(kinds) if isinstance(kinds, list) else str(kinds)
    shown = schema.get("examples", ())
    more = schema.get("format") or (shown[0] if len(shown) == 1 else None)
    if "minimum" in schema and "maximum" in schema:
        more = f"{schema['minimum']}–{schema['maximum']}"
    elif "maxLength" in schema:
        more = f"≤ {schema['maxLength']}"
    return f"{kind} ({more})" if more else kind
