"""What the check page showed, sealed into its form, so that the receipt keeps exactly that."""

from __future__ import annotations

from itsdangerous import BadData, URLSafeTimedSerializer

from app.web import settings

OPEN_SECONDS = 2 * 60 * 60


def sealed(shown: dict[str, object], participant_id: int, voucher_id: int, provider_id: int) -> str:
    """The words and figures as one opaque text, good for this person, voucher and provider for two hours."""
    return str(_sealer().dumps([participant_id, voucher_id, provider_id, shown]))


def opened(text: str, participant_id: int, voucher_id: int, provider_id: int) -> dict[str, object] | None:
    """What was sealed, or None when it is too old, changed, or somebody else's."""
    try:
        *whose, shown = _sealer().loads(text, max_age=OPEN_SECONDS)
    except BadData:
        return None
    return shown if whose == [participant_id, voucher_id, provider_id] else None


def _sealer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().secret_key, salt="what the check page showed")
