"""Who may know who somebody with protected identity is. Pure."""

from __future__ import annotations

NOT_PROTECTED = "none"
"""What a participant's `protection` says of somebody without any (`core.identity.Protection`)."""


def may_know(viewer_id: int, guide_id: int, protection: str) -> bool:
    """Whether that account at the municipality may know who the person is. Of a protected person only the
    own guide may."""
    return protection == NOT_PROTECTED or viewer_id == guide_id


def provider_may_know(viewer_id: int, *, is_manager: bool, coach_id: int | None, protection: str) -> bool:
    """Whether that account at the person's own provider may. Of a protected person the managers may, and the
    coach whom one of them has named."""
    return protection == NOT_PROTECTED or is_manager or viewer_id == coach_id
