"""What several decisions ask alike: reasons, a day that is ahead, a day that has been. Pure."""

from __future__ import annotations

from datetime import date

from core.refusal import Refusal


def need_reasons(text: str) -> None:
    """Refuse a decision without reasons."""
    if not text.strip():
        raise Refusal("reasons_missing", "Skriv skälen för beslutet.", status=422)


def need_ahead(deadline: date, today: date) -> None:
    """Refuse a deadline that is not after today."""
    if deadline <= today:
        raise Refusal("deadline_passed", "Sista dagen måste vara efter i dag.", status=422)


def need_held(meeting_on: date, today: date) -> None:
    """Refuse a meeting of the board that has not been."""
    if meeting_on > today:
        raise Refusal("meeting_in_future", "Mötet har inte varit än. Kontrollera dagen.", status=422)
