"""A real OpenID Connect server in the place of a BankID broker; it also holds the visitor to PKCE."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import flask
import oidc_provider_mock
import requests

from tests.support.server import serving

CLAIM = "https://id.oidc.se/claim/personalIdentityNumber"
LOA2, LOA3, LOA4 = (f"http://id.elegnamnden.se/loa/1.0/loa{level}" for level in (2, 3, 4))


@dataclass
class Broker:
    """The server's address, what it was asked, and what it is made to answer instead.

    `instead` holds answers by path, such as `{"/jwks": ({"keys": []}, 200)}`; `asked` the queries of each
    visit to its sign-in page; `used` the PKCE verifiers that fitted.
    """

    issuer: str = ""
    instead: dict[str, tuple[Any, int]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    used: list[str] = field(default_factory=list)
    challenges: dict[str, str] = field(default_factory=dict)

    def knows(self, number: Any, *, acr: Any = LOA3, **claims: Any) -> str:
        """Somebody who can sign in there. Gives the name to pick on its page."""
        told = {CLAIM: number, "acr": acr, **claims}
        who = f"person-{hashlib.sha256(repr(told).encode()).hexdigest()[:12]}"
        answer = requests.put(
            f"{self.issuer}/users/{quote(who)}",
            json={name: value for name, value in told.items() if value is not None},
            timeout=10,
        )
        answer.raise_for_status()
        return who

    def visit(self, address: str, who: str | None) -> str:
        """Go where the house sent the visitor, sign in as `who` (None: cancel). Gives our callback's path."""
        self.asked.append({name: values[0] for name, values in parse_qs(urlsplit(address).query).items()})
        form = {"action": "deny"} if who is None else {"sub": who}
        answer = requests.post(address, data=form, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text[:500]
        back = urlsplit(answer.headers["Location"])
        # The server forgets to give the state back with a refusal, as RFC 6749 4.1.2.1 requires.
        state = f"&state={self.asked[-1]['state']}" if who is None else ""
        return f"{back.path}?{back.query}{state}"


@contextmanager
def broker() -> Iterator[Broker]:
    """The server, until the block ends."""
    app, this = oidc_provider_mock.app(), Broker()

    @app.before_request
    def answer_instead() -> flask.typing.ResponseReturnValue | None:
        if flask.request.path in this.instead:
            body, status = this.instead[flask.request.path]
            return flask.make_response(body, status)
        if flask.request.path == "/oauth2/token":
            return _without_pkce(this)
        return None

    @app.after_request
    def keep_challenge(response: flask.Response) -> flask.Response:
        code = parse_qs(urlsplit(response.headers.get("Location", "")).query).get("code")
        if flask.request.path == "/oauth2/authorize" and code:
            assert flask.request.args["code_challenge_method"] == "S256"
            this.challenges[code[0]] = flask.request.args["code_challenge"]
        return response

    with serving(app.wsgi_app) as this.issuer:
        yield this


def _without_pkce(this: Broker) -> flask.typing.ResponseReturnValue | None:
    verifier = flask.request.form.get("code_verifier", "")
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    if this.challenges.get(flask.request.form.get("code", "")) == made:
        this.used.append(verifier)
        return None
    return flask.jsonify(error="invalid_grant"), 400
