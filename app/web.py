"""What every page needs: who asks, which language, a session, a door with a lock, and a way to say no."""

from __future__ import annotations

import gzip
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date, timedelta
from typing import Any, TypeVar

import flask_babel
from flask import (
    Flask,
    Request,
    Response,
    abort,
    current_app,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_babel import Babel, gettext
from flask_login import LoginManager, current_user
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as AnyResponse

from app import drawing, words
from app.api import problems
from config import Settings
from core import audit, identity
from core.actor import Actor, Role
from core.database import Database, Municipality
from core.refusal import Refusal, fill

LANGUAGES = ("sv", "en")
LARGEST_REQUEST = 2_000_000
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}

ISO_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")

View = TypeVar("View", bound=Callable[..., Any])


def prepare(app: Flask, settings: Settings) -> None:
    """Give the app its settings, database, languages, guards and errors."""
    vault = identity.Vault(settings.identity_keys, settings.identity_lookup_key)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        DEMO=settings.is_demo,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
        PERMANENT_SESSION_LIFETIME=timedelta(days=365),
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE="sv",
        BABEL_DEFAULT_TIMEZONE="Europe/Stockholm",
    )
    app.extensions["settings"] = settings
    app.extensions["database"] = Database(
        settings.database_url, {audit.KEY: settings.audit_key, identity.KEY: vault}
    )
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=0)  # type: ignore[method-assign]  # Flask's own way
    app.session_interface = _Cookie()
    Babel(app, locale_selector=locale)
    drawing.prepare(app)
    CSRFProtect(app)
    from app.accounts import sessions  # noqa: PLC0415  # accounts stand on this room

    sessions.prepare(LoginManager(app))
    app.url_value_preprocessor(_limit)
    app.before_request(_guard)
    app.after_request(_dress)
    app.register_error_handler(Refusal, _say_no)
    app.register_error_handler(CSRFError, _page_too_old)
    app.register_error_handler(HTTPException, _error)
    app.context_processor(_context)
    words.prepare(app)


def settings() -> Settings:
    """The installation's settings."""
    found: Settings = current_app.extensions["settings"]
    return found


def database() -> Database:
    """The installation's database."""
    found: Database = current_app.extensions["database"]
    return found


def actor() -> Actor:
    """The person who is signed in. Views behind `open_to` always have one."""
    found: Actor = current_user.actor
    return found


def municipality_id() -> int:
    """Whose pages these are: the signed-in person's municipality, or the installation's."""
    return actor().municipality_id if current_user.is_authenticated else settings().municipality_id


def reading() -> AbstractContextManager[Session]:
    """A session to look with."""
    return database().reading()


def writing() -> AbstractContextManager[Session]:
    """A transaction in the municipality of whoever asks."""
    return database().transaction(municipality_id())


# ── who may open which door ───────────────────────────────────────────────────────────────────────


def open_to(*roles: Role) -> Callable[[View], View]:
    """Mark a view: only these roles. A view without a mark opens to nobody."""

    def mark(view: View) -> View:
        view.open_to = frozenset(roles)  # type: ignore[attr-defined]  # read by the guard
        return view

    return mark


def open_to_all(view: View) -> View:
    """Mark a view: everybody, signed in or not."""
    view.open_to = None  # type: ignore[attr-defined]  # read by the guard
    return view


def _limit(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """A view that takes files says how much a request may hold; it must be known before anything is read."""
    view = current_app.view_functions.get(endpoint or "")
    request.max_content_length = getattr(view, "largest_request", LARGEST_REQUEST)


def _guard() -> AnyResponse | None:
    if request.endpoint is None or request.endpoint == "static" or problems.wanted():
        return None  # programs come in by the API's own door
    view = current_app.view_functions[request.endpoint]
    allowed: frozenset[Role] | None = getattr(view, "open_to", frozenset())
    if allowed is None:
        return None
    if not current_user.is_authenticated:
        back = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("accounts.sign_in", next=back))
    if not actor().has(*allowed):
        abort(403)
    return None


# ── saying no ─────────────────────────────────────────────────────────────────────────────────────


def sentence(refusal: Refusal) -> str:
    """A refusal in the reader's language, its dates in words."""
    return fill(gettext(refusal.sentence), {name: _readable(value) for name, value in refusal.params.items()})


def _readable(value: str | int) -> str | int:
    """A date that a rule gives as 2026-06-30, as a reader says it."""
    if isinstance(value, str) and ISO_DATE.fullmatch(value):
        try:
            return words.day(date.fromisoformat(value))
        except ValueError:
            return value
    return value


@contextmanager
def refused(form: FlaskForm) -> Iterator[None]:
    """Turn a rule's refusal into an error of the form, so that nothing typed is lost."""
    try:
        yield
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        form.form_errors.append(sentence(refusal))


def shown(template: str, form: FlaskForm | None = None, **context: Any) -> tuple[str, int]:
    """A page, with status 422 when its form has errors."""
    status = 422 if form is not None and form.errors else 200
    return render_template(template, form=form, **context), status


def local(address: str | None) -> str | None:
    """The address if it is a path of this site, else None; a redirect never leads away."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return None
    return address if address.isprintable() else None


def _say_no(refusal: Refusal) -> tuple[str, int] | AnyResponse:
    if problems.wanted():
        return problems.answer(refusal.status, refusal.code, sentence(refusal))
    if refusal.status in (403, 404):
        return render_template(f"errors/{refusal.status}.html", number=refusal.status), refusal.status
    back = local(request.headers.get("Referer", "").removeprefix(request.host_url.rstrip("/")))
    page = render_template("errors/409.html", refusal=sentence(refusal), number=refusal.status, back=back)
    return page, refusal.status


def _page_too_old(_error: CSRFError) -> tuple[str, int]:
    return render_template("errors/400.html", number=400), 400


def _error(error: HTTPException) -> tuple[str, int] | AnyResponse:
    code = error.code or 500
    if error.response is not None or code < 400:
        return error.get_response()
    if problems.wanted():
        return problems.of_error(error)
    known = code if code in (400, 403, 404, 405, 409, 413, 429, 500) else 400 if code < 500 else 500
    view = current_app.view_functions.get(request.endpoint or "")
    limit_mb = getattr(view, "largest_file", 0) // 1_000_000
    return render_template(f"errors/{known}.html", number=code, limit_mb=limit_mb), code


# ── language, headers, what templates know ────────────────────────────────────────────────────────


def locale() -> str:
    """The language chosen here, else the signed-in person's, else what the browser asks for."""
    chosen = session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    if current_user and current_user.is_authenticated and current_user.language in LANGUAGES:
        return str(current_user.language)
    return request.accept_languages.best_match(LANGUAGES, "sv") or "sv"


def visitor_seed() -> str:
    """A seed that stays with the visitor's browser; gives the neutral order of providers."""
    if "seed" not in session:
        session["seed"] = secrets.token_hex(8)
        session.permanent = True
    return str(session["seed"])


class _Cookie(SecureCookieSessionInterface):
    """The visitor's cookie, which never travels with an answer that others may be given a copy of, and is
    neither read nor set where programs ask."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        return self.session_class() if problems.wanted() else super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not response.cache_control.public and not problems.wanted():
            super().save_session(app, session, response)


def for_anybody(response: Response, seconds: int) -> Response:
    """Mark an answer that is the same whoever asks: caches may keep it, and other sites may read it."""
    response.cache_control.public = True
    response.cache_control.max_age = seconds
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _dress(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if settings().https:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if request.endpoint == "static":
        response.headers["Cache-Control"] = "public, max-age=3600"
    elif not response.cache_control.public:
        response.headers.setdefault("Cache-Control", "no-store")
        response.vary.update(("Cookie", "Accept-Language"))
    return _packed(response)


def _packed(response: Response) -> Response:
    """Compress text; level 1 costs little and saves most."""
    wants = "gzip" in request.headers.get("Accept-Encoding", "")
    kind = response.mimetype or ""
    text = kind.startswith("text/") or kind in ("image/svg+xml", "application/json")
    if text:
        response.vary.add("Accept-Encoding")
    if not (wants and text) or "Content-Encoding" in response.headers or response.status_code == 304:
        return response
    response.direct_passthrough = False
    body = response.get_data()
    if len(body) > 500:
        response.set_data(gzip.compress(body, 1))
        response.headers["Content-Encoding"] = "gzip"
    return response


def municipality_name() -> str:
    """The name of the municipality whose pages these are."""
    if "municipality_name" not in g:
        with reading() as look:
            found = look.get(Municipality, municipality_id())
            g.municipality_name = found.name if found else ""
    return str(g.municipality_name)


def remember_name(name: str) -> None:
    """Spare this request from asking what the municipality is called."""
    g.municipality_name = name


def _context() -> dict[str, Any]:
    from app.navigation import items  # noqa: PLC0415  # texts are looked up at each request

    return {
        "municipality_name": municipality_name(),
        "locale": str(flask_babel.get_locale() or "sv"),
        "nav_items": items(current_user),
        "settings_demo": settings().is_demo,
    }
