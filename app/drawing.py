"""How templates find texts and addresses: as the packages do it, but without asking the same thing twice."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import flask
from flask import Flask, g, has_app_context, has_request_context
from flask.ctx import RequestContext
from flask.globals import request_ctx
from flask_babel import get_locale, get_translations
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

REMEMBERED = 1_000


def prepare(app: Flask) -> None:
    """Let the app's templates look up texts and addresses here."""
    install = app.jinja_env.install_gettext_callables  # type: ignore[attr-defined]  # flask-babel's extension adds it
    install(_text, _texts, newstyle=True)
    app.jinja_env.globals.update(_=text, gettext=text, url_for=address)


def address(endpoint: str, **values: Any) -> str:
    """`url_for`, with what is on every page (pages without parts, and files) worked out once."""
    is_plain = not values or (len(values) == 1 and "filename" in values)
    if not is_plain or endpoint.startswith(".") or not has_request_context():
        return flask.url_for(endpoint, **values)
    here: RequestContext = _behind(request_ctx)
    root = here.request.environ.get("SCRIPT_NAME", "")
    return _address(here.app.name, root, endpoint, values.get("filename"))


@lru_cache(maxsize=REMEMBERED)
def _address(_name: str, _root: str, endpoint: str, filename: str | None) -> str:
    return flask.url_for(endpoint, filename=filename) if filename else flask.url_for(endpoint)


@pass_eval_context
def text(around: EvalContext, swedish: str, **values: Any) -> str:
    """A text in the reader's language; as Jinja's own, but nothing is filled in where there is nothing to."""
    found = str(_catalogue().ugettext(swedish))
    said = Markup(found) if around.autoescape else found  # noqa: S704  # the catalogue is ours
    return said % values if values or "%" in found else said


def _text(swedish: str) -> str:
    return str(_catalogue().ugettext(swedish))


def _texts(one: str, many: str, count: int) -> str:
    return str(_catalogue().ungettext(one, many, count))


def _catalogue() -> Any:
    """The texts of the language that is in force; found anew when another has been forced."""
    if not has_app_context():
        return get_translations()
    here = vars(_behind(g))
    kept, locale = here.get("catalogue"), getattr(here.get("_flask_babel"), "babel_locale", None)
    if kept is not None and kept[0] is locale and locale is not None:
        return kept[1]
    found = get_translations()
    here["catalogue"] = (get_locale(), found)
    return found


def _behind(proxy: Any) -> Any:
    """What a proxy stands for: asking through it costs a lookup for each question."""
    return proxy._get_current_object()  # noqa: SLF001  # the proxies' own name for it
