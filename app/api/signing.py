"""A webhook's secret, and the signature of each call: HMAC-SHA256 over id, timestamp and body. Pure.

The way of standardwebhooks.com, so that ready libraries can check it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    """A fresh secret as it is shown: `whsec_` and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature(secret: str, call_id: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the HMAC-SHA256 in base64 of `<id>.<timestamp>.<body>`; the timestamp in whole seconds."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{call_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(keys: Iterable[str], call_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """What goes with a call. With two keys there are two signatures, a space between."""
    return {
        "webhook-id": call_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(key, call_id, timestamp, body) for key in keys),
    }
