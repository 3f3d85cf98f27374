"""Keys to the API for tests of who may what: also such as nobody could have been given."""

from __future__ import annotations

import secrets
from datetime import date

from flask.testing import FlaskClient

from app.api.models import SCOPES, ApiToken
from app.api.tokens import PREFIX, SHOWN, fingerprint
from core.database import Database


def key_of(database: Database, account_id: int, provider_id: int, *, ends_on: date) -> str:
    """A key of that account's to that provider's people, put there past every rule."""
    key = PREFIX + secrets.token_urlsafe(32)
    with database.transaction(1) as session:
        session.add(
            ApiToken(
                municipality_id=1,
                provider_id=provider_id,
                account_id=account_id,
                name=f"Nyckel {account_id}",
                start=key[:SHOWN],
                fingerprint=fingerprint(key),
                scopes=list(SCOPES),
                made_on=date(2026, 1, 2),
                ends_on=ends_on,
            )
        )
    return key


def with_key(client: FlaskClient, key: str) -> FlaskClient:
    """The client, with the key in every request: pages do not look at it, the API looks at nothing else."""
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    return client
