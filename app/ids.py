"""Numbers in addresses: one that no row can have is an address that does not exist."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from core.refusal import Missing

LARGEST = 2**63 - 1


def only_real(portal: Blueprint) -> Blueprint:
    """Let the portal answer 404 for a number too large for the database to look for."""

    @portal.url_value_preprocessor
    def check(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        if any(isinstance(value, int) and value > LARGEST for value in (values or {}).values()):
            raise Missing()

    return portal
