"""Settings and a database for tests, with made-up keys that are the same every time."""

from __future__ import annotations

import base64
from pathlib import Path

from config import Settings
from core import audit, identity
from core.database import Database

KEYS = {
    "SECRET_KEY": "a secret key for tests, at least 32",
    "AUDIT_KEY": "an audit key for tests, at least 32",
    "IDENTITY_KEYS": base64.urlsafe_b64encode(b"e" * 32).decode(),
    "IDENTITY_LOOKUP_KEY": "a lookup key for tests, at least 32",
}


def settings_for(url: str, instance: Path, **changes: str) -> Settings:
    """The settings of a test installation; `changes` are environment variables that differ."""
    environment = {"VAGVAL_ENV": "test", "VAGVAL_INSTANCE": str(instance), "DATABASE_URL": url, **KEYS}
    return Settings.from_environment({**environment, **changes})


def open_database(settings: Settings) -> Database:
    """The database with the keys that its sessions carry, as the app opens it."""
    vault = identity.Vault(settings.identity_keys, settings.identity_lookup_key)
    return Database(settings.database_url, {audit.KEY: settings.audit_key, identity.KEY: vault})
