"""How the API says no: RFC 9457, one shape for every error, with what is wrong in each field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from flask import Response, json, request
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES

PREFIX = "/api/v1"
KIND = "application/problem+json"
CODES = {
    400: "request_unreadable",
    401: "token_missing",
    403: "forbidden",
    404: "missing",
    405: "method_not_allowed",
    409: "refused",
    413: "request_too_large",
    415: "not_json",
    422: "fields_wrong",
    429: "too_many_requests",
    500: "our_fault",
    503: "busy",
}
"""What a program goes by where no rule has given a code of its own."""


def N_(text: str) -> str:  # noqa: N802  # the name that translators' tools look for
    """Mark a Swedish text for translation; what shows it looks it up."""
    return text


SAID = {
    400: N_("Det gick inte att läsa anropet. Skicka JSON i UTF-8."),
    401: N_("Skicka nyckeln i huvudet Authorization: Bearer. Nyckeln ska gälla i dag."),
    403: N_("Nyckeln får inte göra det här. En chef kan skapa en nyckel som får det."),
    404: N_("Det du söker finns inte, eller är inte ditt att se."),
    405: N_("Den adressen tar inte emot det anropet. Läs dokumentet på /api."),
    409: N_("Det går inte nu. Hämta det på nytt och se hur det står till."),
    413: N_("Anropet är för stort. Dela upp det i flera."),
    415: N_("Skicka JSON, med Content-Type: application/json."),
    422: N_("Något i anropet behöver rättas. Det står vid varje fält."),
    429: N_("Det blev för många anrop. Vänta så många sekunder som Retry-After säger."),
    500: N_("Något gick fel hos oss. Försök igen om en stund, med samma Idempotency-Key."),
    503: N_("Vi hinner inte just nu. Försök igen om en stund, med samma Idempotency-Key."),
}
KEY_WRONG = N_("Idempotency-Key ska vara 1 till 100 tecken av bokstäver a till z, siffror och skiljetecken.")


@dataclass(frozen=True)
class Fault:
    """What is wrong in one place. `field` is a JSON pointer into what was sent, as /rows/3/month."""

    field: str
    code: str
    detail: str


def wanted() -> bool:
    """Whether a program asks, and is to have its errors as problems."""
    return request.path == PREFIX or request.path.startswith(f"{PREFIX}/")


def body(
    status: int, code: str | None = None, detail: str | None = None, faults: Sequence[Fault] = ()
) -> dict[str, object]:
    """A problem as plain JSON, in the asker's language. `detail` is a whole sentence."""
    told: dict[str, object] = {
        "type": f"/api#problem-{status}",
        "title": HTTP_STATUS_CODES.get(status, "Error"),
        "status": status,
        "code": code or CODES.get(status, "refused"),
        "detail": detail or _(SAID.get(status, SAID[500])),
    }
    if faults:
        told["faults"] = [asdict(fault) for fault in faults]
    return told


def answer(
    status: int,
    code: str | None = None,
    detail: str | None = None,
    faults: Sequence[Fault] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem as an answer."""
    return of_body(body(status, code, detail, faults), headers)


def of_body(told: dict[str, object], headers: Mapping[str, str] | None = None) -> Response:
    """The answer that a problem's body makes."""
    status = int(str(told["status"]))
    response = Response(json.dumps(told), status=status, content_type=KIND)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    response.headers.update(headers or {})
    return response


def of_error(error: HTTPException) -> Response:
    """The problem that an error of the web is to a program."""
    status = error.code or 500
    headers = {}
    methods = getattr(error, "valid_methods", None)
    if methods:
        headers["Allow"] = ", ".join(sorted(methods))
    return answer(status, faults=getattr(error, "faults", ()), headers=headers)
