"""e-ID through OpenID Connect: code flow with PKCE, and an ID token believed only when all of it holds."""

from __future__ import annotations

import json
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from requests import RequestException

from config import Settings
from core.refusal import Refusal

# Signed with the provider's own key; a shared secret, or no signature, proves nothing.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
# Levels of Swedish e-ID, the lowest first; a higher one than was asked for is good too.
LEVELS = tuple(f"http://id.elegnamnden.se/loa/1.0/loa{level}" for level in (1, 2, 3, 4))
NUMBER_SCOPE = "https://id.oidc.se/scope/naturalPersonNumber"
PATIENCE_SECONDS = 10
CLOCKS_DIFFER_SECONDS = 60
KNOWN_FOR = timedelta(hours=1)

Document = dict[str, Any]


@dataclass(frozen=True)
class Attempt:
    """One sign-in on its way, kept in the visitor's own cookie: what the answer must fit."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def fresh(cls) -> Attempt:
        """Random values, never used before."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))


class Unreachable(Refusal):
    """The e-ID provider does not answer, or not in a way that can be read."""

    def __init__(self) -> None:
        super().__init__(
            "e_id_unreachable",
            "Vi når inte tjänsten för e-legitimation just nu. Vänta en stund och försök igen.",
            status=503,
        )


class Failed(Refusal):
    """The provider says no, or the visitor's answer from it is not one."""

    def __init__(self) -> None:
        super().__init__(
            "e_id_failed", "Inloggningen med e-legitimation gick inte. Försök igen om en stund.", status=400
        )


class NotBelieved(Refusal):
    """What the provider itself told us does not hold. `reason` is a word for the audit trail."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "e_id_not_believed",
            "Vi kunde inte lita på svaret från tjänsten för e-legitimation. Börja om inloggningen.",
            status=400,
        )
        self.reason = reason


class LevelTooLow(Refusal):
    """The person was identified, but not surely enough."""

    def __init__(self) -> None:
        super().__init__(
            "e_id_level_too_low",
            "Din e-legitimation räcker inte till här. Logga in med en som har högre säkerhet.",
            status=403,
        )


class Provider:
    """The e-ID provider of the installation. One for the whole app; safe for threads."""

    def __init__(self, settings: Settings) -> None:
        if settings.oidc_issuer is None:
            raise ValueError("the installation has no OIDC issuer")
        self.issuer = settings.oidc_issuer.rstrip("/")
        self._settings = settings
        self._lock = threading.Lock()
        self._known: tuple[datetime, Document] | None = None

    def address(self, attempt: Attempt, back: str, language: str, *, at: datetime) -> str:
        """Where to send the visitor. `back` is our own callback's whole address. Raises Unreachable."""
        about = self._about(at)
        more: Document = {"acr_values": self._settings.oidc_acr, "prompt": "login", "ui_locales": language}
        if about.get("claims_parameter_supported"):
            wanted = {"acr": {"essential": True, "values": [self._settings.oidc_acr]}}
            wanted[self._settings.oidc_identity_claim] = {"essential": True}
            more["claims"] = json.dumps({"id_token": wanted})
        with self._client(about, back) as client:
            url, _state = client.create_authorization_url(
                about["authorization_endpoint"],
                state=attempt.state,
                code_verifier=attempt.verifier,
                nonce=attempt.nonce,
                **more,
            )
        return url

    def identity(self, attempt: Attempt, code: str, back: str, *, at: datetime) -> str:
        """The personal number of who signed in, as the provider writes it.

        Raises Unreachable, Failed, NotBelieved or LevelTooLow.
        """
        about = self._about(at)
        with self._client(about, back) as client:
            try:
                token = client.fetch_token(
                    about["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=attempt.verifier,
                )
                keys = client.request("GET", about["jwks_uri"], withhold_token=True)
                keys.raise_for_status()
                claims = self._claims(token, keys.json(), about, attempt.nonce)
                number = claims.get(self._settings.oidc_identity_claim)
                if number is None and "userinfo_endpoint" in about:
                    number = self._told_apart(client, about, claims["sub"])
            except AuthlibBaseError:
                raise Failed() from None
            except (RequestException, ValueError, KeyError, TypeError):
                raise Unreachable() from None
        if not isinstance(number, str):
            raise NotBelieved("no_identity")
        return number

    def _about(self, at: datetime) -> Document:
        """What the provider says about itself; asked for once an hour."""
        with self._lock:
            if self._known and at - self._known[0] < KNOWN_FOR:
                return self._known[1]
            try:
                with OAuth2Session(default_timeout=PATIENCE_SECONDS) as client:
                    place = f"{self.issuer}/.well-known/openid-configuration"
                    answer = client.request("GET", place, withhold_token=True)
                    answer.raise_for_status()
                    about: Document = answer.json()
                places = [about[name] for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
                same = about["issuer"].rstrip("/") == self.issuer
            except (RequestException, ValueError, KeyError, TypeError, AttributeError):
                raise Unreachable() from None
            if not same or (
                self._settings.https and not all(str(place).startswith("https://") for place in places)
            ):
                raise NotBelieved("discovery")
            self._known = (at, about)
            return about

    def _client(self, about: Document, back: str) -> OAuth2Session:
        scopes = ["openid"]
        if NUMBER_SCOPE in about.get("scopes_supported", ()):
            scopes.append(NUMBER_SCOPE)
        methods = about.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        basic = "client_secret_basic" in methods or "client_secret_post" not in methods
        return OAuth2Session(
            client_id=self._settings.oidc_client_id,
            client_secret=self._settings.oidc_client_secret,
            token_endpoint_auth_method="client_secret_basic" if basic else "client_secret_post",
            scope=" ".join(scopes),
            redirect_uri=back,
            code_challenge_method="S256",
            default_timeout=PATIENCE_SECONDS,
        )

    def _claims(self, token: Document, keys: Document, about: Document, nonce: str) -> CodeIDToken:
        offered = about.get("id_token_signing_alg_values_supported") or ["RS256"]
        allowed = [name for name in ALGORITHMS if name in offered]
        try:
            signed = jwt.decode(
                token["id_token"],
                KeySet.import_key_set(keys),  # type: ignore[arg-type]  # the provider's JSON, checked there
                registry=JWSRegistry(algorithms=allowed, strict_check_header=False),
            )
            claims = CodeIDToken(
                signed.claims,
                signed.header,
                {
                    "iss": {"essential": True, "value": about["issuer"]},
                    "aud": {"essential": True, "value": self._settings.oidc_client_id},
                },
                {
                    "nonce": nonce,
                    "client_id": self._settings.oidc_client_id,
                    "access_token": token.get("access_token"),
                },
            )
            claims.validate(leeway=CLOCKS_DIFFER_SECONDS)
        except (JoseError, ValueError, KeyError, TypeError):
            raise NotBelieved("id_token") from None
        if not reaches(claims.get("acr"), self._settings.oidc_acr):
            raise LevelTooLow()
        return claims

    def _told_apart(self, client: OAuth2Session, about: Document, subject: object) -> object:
        """The identity when the provider gives it beside the ID token; it must be about the same person."""
        answer = client.get(about["userinfo_endpoint"])
        if 400 <= answer.status_code < 500:
            return None
        answer.raise_for_status()
        told: Document = answer.json()
        return told.get(self._settings.oidc_identity_claim) if told.get("sub") == subject else None


def reaches(level: object, wanted: str) -> bool:
    """Whether a level of assurance is the wanted one or, on the Swedish ladder, above it."""
    if level == wanted:
        return True
    return level in LEVELS and wanted in LEVELS and LEVELS.index(str(level)) > LEVELS.index(wanted)
