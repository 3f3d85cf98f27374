"""How templates find texts and addresses: as the packages do it, but without asking the same thing twice."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import flask
from flask import Flask, current_app, g, has_app_context, has_request_context, request
from flask_babel import get_locale, get_translations

REMEMBERED = 1_000


def prepare(app: Flask) -> None:
    """Let the app's templates look up texts and addresses here."""
    install = app.jinja_env.install_gettext_callables  # type: ignore[attr-defined]  # flask-babel's extension adds it
    install(_text, _texts, newstyle=True)
    app.jinja_env.globals["url_for"] = address


def address(endpoint: str, **values: Any) -> str:
    """`url_for`, with what is on every page (pages without parts, and files) worked out once."""
    is_plain = not values or (len(values) == 1 and "filename" in values)
    if not is_plain or endpoint.startswith(".") or not has_request_context():
        return flask.url_for(endpoint, **values)
    return _address(current_app.name, request.script_root, endpoint, values.get("filename"))


@lru_cache(maxsize=REMEMBERED)
def _address(_name: str, _root: str, endpoint: str, filename: str | None) -> str:
    return flask.url_for(endpoint, filename=filename) if filename else flask.url_for(endpoint)


def _text(text: str) -> str:
    return str(_catalogue().ugettext(text))


def _texts(one: str, many: str, count: int) -> str:
    return str(_catalogue().ungettext(one, many, count))


def _catalogue() -> Any:
    """The texts of the language that is in force; found anew when another has been forced."""
    if not has_app_context():
        return get_translations()
    locale, kept = get_locale(), g.get("catalogue")
    if kept is None or kept[0] is not locale:
        g.catalogue = kept = (locale, get_translations())
    return kept[1]
