"""Every setting, read once from the environment. A missing one stops the start with a sentence."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).parent
ENVIRONMENTS = ("demo", "test", "production")


class SettingsError(SystemExit):
    """A setting is missing or wrong; the sentence says which and what to do. Stops the process."""


@dataclass(frozen=True)
class Settings:
    """What an installation decides. Keys are bytes or Fernet keys; folders exist when the app has started.

    `environment` is demo (the default: invented people, passwords allowed), test, or production.
    `proxies` is how many of our own stand in front and say in X-Forwarded-For who asks. `api_a_minute` is how
    often one key may ask of the API; 0 lets all through.
    `sandbox`: it is a town to try a provider's system against, whose clock can be turned.
    """

    environment: str
    database_url: str
    secret_key: str
    audit_key: bytes
    identity_keys: tuple[str, ...]
    identity_lookup_key: bytes
    municipality_id: int
    instance: Path
    outbox: Path
    inbox: Path
    oidc_issuer: str | None
    oidc_client_id: str
    oidc_client_secret: str
    oidc_acr: str
    oidc_identity_claim: str
    passwords_allowed: bool
    session_idle_minutes: int
    session_hours: int
    debtor_iban: str
    debtor_bic: str
    https: bool
    proxies: int
    api_a_minute: int
    sandbox: bool

    @property
    def is_demo(self) -> bool:
        """Whether the people and the money are invented."""
        return self.environment == "demo"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings. Raises SettingsError, which names every setting that is missing or wrong."""
        return _Reader(os.environ if environ is None else environ).read()


class _Reader:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.faults: list[str] = []
        self.environment = environ.get("VAGVAL_ENV", "demo")
        self.instance = Path(environ.get("VAGVAL_INSTANCE", TOP / "instance"))

    @property
    def production(self) -> bool:
        return self.environment == "production"

    def read(self) -> Settings:
        if self.environment not in ENVIRONMENTS:
            raise SettingsError(
                f"VAGVAL_ENV must be one of {', '.join(ENVIRONMENTS)}, not {self.environment!r}."
            )
        made_up = {} if self.production else self._made_up_keys()
        settings = Settings(
            environment=self.environment,
            database_url=self.text("DATABASE_URL", f"sqlite:///{self.instance / 'vagval.db'}"),
            secret_key=self.key("SECRET_KEY", made_up),
            audit_key=self.key("AUDIT_KEY", made_up).encode(),
            identity_keys=tuple(self.key("IDENTITY_KEYS", made_up, fernet=True).split(",")),
            identity_lookup_key=self.key("IDENTITY_LOOKUP_KEY", made_up).encode(),
            municipality_id=self.number("MUNICIPALITY_ID", 1, 1, 2_147_483_647),
            instance=self.instance,
            outbox=Path(self.environ.get("BANK_OUTBOX", self.instance / "outbox")),
            inbox=Path(self.environ.get("BANK_INBOX", self.instance / "inbox")),
            oidc_issuer=self.issuer(),
            oidc_client_id=self.text("OIDC_CLIENT_ID", "vagval"),
            oidc_client_secret=self.text("OIDC_CLIENT_SECRET", "vagval-demo"),
            oidc_acr=self.environ.get("OIDC_ACR", "http://id.elegnamnden.se/loa/1.0/loa3"),
            oidc_identity_claim=self.environ.get(
                "OIDC_IDENTITY_CLAIM", "https://id.oidc.se/claim/personalIdentityNumber"
            ),
            passwords_allowed=self.passwords(),
            session_idle_minutes=self.number("SESSION_IDLE_MINUTES", 30, 1, 240),
            session_hours=self.number("SESSION_HOURS", 9, 1, 24),
            debtor_iban=self.text("DEBTOR_IBAN", "SE3550000000054910000003"),
            debtor_bic=self.text("DEBTOR_BIC", "ESSESESS"),
            https=self.production,
            proxies=self.number("PROXIES", 1 if self.production else 0, 0, 5),
            api_a_minute=self.number("API_A_MINUTE", 0 if self.environment == "test" else 600, 0, 1_000_000),
            sandbox=self.is_sandbox(),
        )
        if self.faults:
            raise SettingsError("Vägval cannot start:\n" + "\n".join(f"  {fault}" for fault in self.faults))
        return settings

    def text(self, name: str, default: str | None = None) -> str:
        value = self.environ.get(name, "").strip()
        if value:
            return value
        if self.production or default is None:
            self.faults.append(f"{name} is missing. Set it in the environment; see docs/operations.md.")
            return ""
        return default

    def number(self, name: str, default: int, least: int, most: int) -> int:
        value = self.environ.get(name, str(default))
        if value.isascii() and value.isdigit() and least <= int(value) <= most:
            return int(value)
        self.faults.append(f"{name} must be a whole number from {least} to {most}, not {value!r}.")
        return default

    def key(self, name: str, made_up: Mapping[str, str], *, fernet: bool = False) -> str:
        value = self.environ.get(name) or made_up.get(name) or self.text(name)
        if value and fernet and not all(_is_fernet(key) for key in value.split(",")):
            self.faults.append(
                f"{name} must be Fernet keys (44 characters), the newest first, with commas between."
            )
        if value and not fernet and len(value) < 32:
            self.faults.append(f"{name} is too short; give it at least 32 random characters.")
        return value

    def issuer(self) -> str | None:
        if not self.production:
            return self.environ.get("OIDC_ISSUER")
        issuer = self.text("OIDC_ISSUER")
        if issuer and not issuer.startswith("https://"):
            self.faults.append("OIDC_ISSUER must begin with https:// in production.")
        return issuer

    def passwords(self) -> bool:
        wanted = self.environ.get("PASSWORDS_ALLOWED", "no" if self.production else "yes") == "yes"
        if wanted and self.production:
            self.faults.append("PASSWORDS_ALLOWED cannot be yes in production: people sign in with e-ID.")
        return wanted

    def is_sandbox(self) -> bool:
        wanted = self.environ.get("SANDBOX", "no") == "yes"
        if wanted and self.production:
            self.faults.append("SANDBOX cannot be yes in production: there the clock is not turned.")
        return wanted

    def _made_up_keys(self) -> dict[str, str]:
        """Keys for a demo, drawn once and kept beside its database, so that no key is in the code."""
        place = self.instance / "demo-keys.json"
        names = ("SECRET_KEY", "AUDIT_KEY", "IDENTITY_LOOKUP_KEY")
        if all(self.environ.get(name) for name in (*names, "IDENTITY_KEYS")):
            return {}
        if not place.exists():
            self.instance.mkdir(parents=True, exist_ok=True)
            keys = {name: secrets.token_hex(32) for name in names}
            keys["IDENTITY_KEYS"] = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
            fresh = place.with_suffix(f".{os.getpid()}")
            fresh.touch(mode=0o600)
            fresh.write_text(json.dumps(keys))
            with contextlib.suppress(FileExistsError):
                os.link(fresh, place)
            fresh.unlink()
        found: dict[str, str] = json.loads(place.read_text())
        return found


def _is_fernet(key: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(key)) == 32
    except ValueError:
        return False
