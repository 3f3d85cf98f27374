"""The API's door: who asks, what their key may, how often; and what every operation has in common."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import marshmallow as ma
from flask import Blueprint as FlaskBlueprint
from flask import Flask, abort, current_app, request
from flask_limiter import Limiter
from flask_login import current_user
from flask_smorest import Api as SmorestApi
from flask_smorest import Blueprint as SmorestBlueprint
from webargs import ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import HTTPException

from app.api import problems, tokens
from app.api.models import SCOPES
from app.api.problems import PREFIX, Fault
from app.api.schemas import N_, Problem, properties
from app.api.tokens import Caller
from app.ids import only_real
from core.actor import PROVIDER, Role
from core.refusal import Refusal

View = TypeVar("View", bound=Callable[..., Any])
ABOUT = N_(
    "För anordnares egna system. En chef skapar nyckeln under Nycklar för ert system. Skicka den i huvudet "
    "Authorization: Bearer. Alla id är hela tal skrivna som text. Fel kommer som application/problem+json."
)
ALWAYS = (401, 403, 429, 500)
"""What every operation can answer."""


class Api(SmorestApi):  # type: ignore[misc]  # flask-smorest says nothing of its types
    """The document of what the app answers to programs. Errors are the house's own.

    It is drawn when somebody first asks for it: that takes longer than all else an app does to start.
    """

    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, *args: Any, **options: Any) -> None:
        self._undrawn: list[Any] = []
        self._drawing = threading.Lock()
        super().__init__(*args, **options)

    def open(self, app: Flask, part: SmorestBlueprint) -> None:
        """Register a part with its doors; what the document says of it comes later."""
        app.extensions["flask-smorest"]["blp_name_to_api"][part.name] = self
        app.register_blueprint(part)
        self._undrawn.append(part)

    def drawn(self) -> dict[str, Any]:
        """The whole OpenAPI document."""
        with self._drawing:
            for part in self._undrawn:
                part.register_views_in_doc(self, self._app, self.spec, name=part.name, parameters=None)
                self.spec.tag({"name": part.name, "description": part.description})
            self._undrawn.clear()
            told: dict[str, Any] = self.spec.to_dict()
            return told

    def _register_error_handlers(self) -> None:
        """Nothing: pages keep their errors, and programs get problems (`app.web`)."""

    def _register_responses(self) -> None:
        """Nothing: every answer is said by its operation."""


class Reader(FlaskParser):
    """Reads what was sent. What is not JSON, or too deep for it, is 400 and never our fault."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"query": ma.RAISE, "json": ma.RAISE}  # webargs' own way

    def load_json(self, req: Any, schema: ma.Schema) -> Any:
        """The body as JSON. Aborts with 400 or 415."""
        if not req.is_json:
            abort(415)
        try:
            return json.loads(req.get_data(cache=True).decode())
        except (ValueError, RecursionError):
            abort(400)

    def handle_error(
        self,
        error: ValidationError,
        req: Any,
        schema: ma.Schema,
        *,
        error_status_code: Any,
        error_headers: Any,
    ) -> Any:
        """Every fault at once, by field."""
        raise Faulty(faults_of(error.messages))


class Faulty(HTTPException):
    """What was sent cannot be read as what is asked for."""

    code = 422

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__()
        self.faults = faults


def faults_of(messages: Any, path: str = "") -> list[Fault]:
    """Marshmallow's messages as faults. `json` and `query` name where it stood, and are left out."""
    if isinstance(messages, dict):
        found: list[Fault] = []
        for name, below in messages.items():
            step = "" if not path and name in ("json", "query", "json_or_form") else f"/{_pointer(name)}"
            inner = path if name == "_schema" else path + step
            found += faults_of(below, inner)
        return found
    if isinstance(messages, list | tuple):
        return [fault for one in messages for fault in faults_of(one, path)]
    if isinstance(messages, Fault):
        return [Fault(path, messages.code, messages.detail)]
    return [Fault(path, "field_wrong", str(messages))]


def _pointer(name: object) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")[:200]


HEADER = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "pattern": "^[!-~]{1,100}$"},
    "description": N_(
        "Ett ord som ni hittar på för just det här anropet. Skickar ni samma anrop igen med "
        "samma ord får ni samma svar, och inget händer två gånger. Vi minns det i sju dagar."
    ),
}


class Portal(SmorestBlueprint):  # type: ignore[misc]  # flask-smorest says nothing of its types
    """A part of the API. `operation` marks a view: what its key must be allowed, and what it can answer."""

    ARGUMENTS_PARSER = Reader()

    def operation(
        self,
        rule: str,
        scope: str | None,
        name: str,
        *,
        sends: type[ma.Schema] | None = None,
        gives: type[ma.Schema],
        status: int = 200,
        query: type[ma.Schema] | None = None,
        text: str = "",
        tag: str = "",
        roles: frozenset[Role] = PROVIDER,
    ) -> Callable[[View], View]:
        """Route a view: by GET where the scope is to read, else by POST.

        `scope` is a word of SCOPES, None for any key that reads; `roles` whose keys it takes. `name`, `text`
        and `tag` are Swedish texts of the document. A view with `sends` or `query` gets what was sent first.
        """
        if scope is not None and scope not in SCOPES:
            raise ValueError(f"{scope} is no scope")
        changes = scope is not None and scope != "read"

        def mark(view: View) -> View:
            marked: Any = self.response(status, gives)(view)
            for code in sorted(_refusals(rule, changes=changes, sends=bool(sends), asks=bool(query))):
                marked = self.alt_response(
                    code, schema="Problem", content_type=problems.KIND, description=problems.SAID[code]
                )(marked)
            if sends is not None:
                marked = self.arguments(sends)(marked)
            if query is not None:
                marked = self.arguments(query, location="query")(marked)
            about: dict[str, Any] = {"operationId": view.__name__, "summary": name, "x-scope": scope or ""}
            if text:
                about["description"] = text
            if changes:
                about["parameters"] = [HEADER]
            marked = self.doc(**about)(marked)
            marked.open_to, marked.scope = roles, scope
            if hasattr(view, "largest_request"):
                marked.largest_request = view.largest_request
            self.route(rule, methods=["POST" if changes else "GET"], tags=[tag] if tag else None)(marked)
            return view

        return mark

    def beside(self, rule: str) -> Callable[[View], View]:
        """Route a view that the document does not tell of."""

        def mark(view: View) -> View:
            FlaskBlueprint.add_url_rule(self, rule, view.__name__, view)
            return view

        return mark


def _refusals(rule: str, *, changes: bool, sends: bool, asks: bool) -> set[int]:
    """The errors that such an operation can answer with."""
    found = set(ALWAYS)
    if "<" in rule:
        found.add(404)
    if changes:
        found |= {409, 422}
    if sends:
        found |= {400, 413, 415, 422}
    if asks:
        found.add(422)
    return found


def portal(name: str, import_name: str, **options: Any) -> Portal:
    """A new part of the API, below its prefix."""
    made = Portal(name, import_name, url_prefix=PREFIX, **options)
    only_real(made)
    return made


part = portal("api", __name__)
"""The API's own operations; what stands beside them has a part of its own."""


def caller() -> Caller:
    """The system that asks. Views of the API always have one."""
    found: Caller = current_user._get_current_object()  # noqa: SLF001  # the proxy's own way to what it stands for
    return found


def prepare(app: Flask) -> Api:
    """Give the app the API's guard, limits and document; its parts are registered on what this gives."""
    asked = app.extensions["settings"]
    app.config.update(
        RATELIMIT_ENABLED=asked.api_a_minute > 0,
        RATELIMIT_HEADERS_ENABLED=True,
        RATELIMIT_STORAGE_URI="memory://",
        RATELIMIT_STRATEGY="moving-window",
    )
    limiter = Limiter(_who, app=app, application_limits=[f"{asked.api_a_minute or 1}/minute"])
    limiter.request_filter(_is_page)
    app.login_manager.request_loader(tokens.caller)  # type: ignore[attr-defined]  # set by Flask-Login
    app.before_request(_guard)
    api = Api(
        app,
        spec_kwargs={
            "title": "Vägval",
            "version": "1",
            "openapi_version": "3.1.0",
            "info": {"description": ABOUT},
            "servers": [{"url": "/"}],
            "security": [{"token": []}],
        },
    )
    api.ma_plugin.converter.add_attribute_function(properties)
    api.spec.components.schema("Problem", schema=Problem)
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    return api


def register(app: Flask, api: Api, part: Portal) -> None:
    """One more part of the API. It takes no cookies, and so needs no guard against forged forms."""
    app.extensions["csrf"].exempt(part)
    api.open(app, part)


def _who() -> str:
    if current_user.is_authenticated:
        return f"token {caller().token_id}"
    return f"address {request.remote_addr}"


def _is_page() -> bool:
    return not problems.wanted()


def _guard() -> None:
    """Ask for the key and what it may do. The request has been counted already."""
    if not problems.wanted() or request.endpoint is None:
        return
    view = current_app.view_functions[request.endpoint]
    if getattr(view, "open_to", frozenset()) is None:
        return
    if not current_user.is_authenticated:
        abort(401)
    if not caller().actor.has(*getattr(view, "open_to", frozenset())):
        abort(403)
    scope = getattr(view, "scope", None)
    if scope is not None and scope not in caller().scopes:
        raise Refusal(
            "scope_missing",
            "Nyckeln får inte göra det här. En chef kan skapa en nyckel som får det.",
            status=403,
        )
