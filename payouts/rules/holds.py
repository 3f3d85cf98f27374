"""What can be held back from payment, why, and by whom it is let go. § hold.

Whoever has held something does not let it go: money that somebody stopped leaves by another person's word.
"""

from __future__ import annotations

from core.refusal import Refusal

HOLD_KINDS = ("provider", "leg", "line")
HOLD_REASONS = ("evidence", "inspection", "bank_details", "asked_by_provider", "other")
LONGEST_WORDS = 2_000


def check_words(words: str, reason: str | None = None) -> str:
    """The words trimmed; refuses none, too many, and a reason that nobody knows."""
    told = words.strip()
    if not told:
        raise Refusal("reasons_missing", "Skriv varför.", status=422)
    if len(told) > LONGEST_WORDS:
        raise Refusal("reasons_long", "Skriv högst {most} tecken.", status=422, most=LONGEST_WORDS)
    if reason is not None and reason not in HOLD_REASONS:
        raise Refusal("hold_reason_unknown", "Välj ett av skälen.", status=422)
    return told


def may_release(held_by: int, account_id: int, *, released: bool) -> None:
    """Refuses what is let go already, and whoever held it."""
    if released:
        raise Refusal("hold_released", "Det hålls inte inne längre. Någon har hunnit före.")
    if held_by == account_id:
        raise Refusal("releaser_held", "Du har hållit inne det. En annan person måste släppa det.")
