"""What an application lacks, and which evidence counts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from core.refusal import Refusal
from providers.rules.conditions import Condition

ACCESSIBILITY = ("step_free", "accessible_toilet", "hearing_loop", "sign_language", "easy_swedish", "remote")
"""What a provider can offer people who need it; shown as words on its page."""

MOST_PLACES = 10_000


@dataclass(frozen=True)
class Shown:
    """The newest evidence for one condition."""

    has_file: bool
    has_words: bool
    valid_to: date | None


@dataclass(frozen=True)
class Told:
    """What an applicant has told so far."""

    about: bool
    contacts: int
    sites: int
    languages: int
    capacity: int
    shown: Mapping[str, Shown]


def lacking(told: Told, conditions: Iterable[Condition], today: date) -> list[str]:
    """What must be added before the application can be sent: about, contact, site, languages, capacity, or
    `condition:<code>`, in the order of the task list."""
    parts = (
        ("about", told.about),
        ("contact", told.contacts > 0),
        ("site", told.sites > 0),
        ("languages", told.languages > 0),
        ("capacity", told.capacity > 0),
    )
    found = [name for name, there in parts if not there]
    found += [
        f"condition:{one.code}" for one in conditions if not is_shown(told.shown.get(one.code), one, today)
    ]
    return found


def is_shown(shown: Shown | None, condition: Condition, today: date) -> bool:
    """Whether the evidence is of the kind the condition asks for, and still holds."""
    if shown is None or not (shown.has_file if condition.evidence == "file" else shown.has_words):
        return False
    if condition.valid_months and shown.valid_to is None:
        return False
    return shown.valid_to is None or shown.valid_to >= today


def may_end_on(valid_to: date | None, condition: Condition, latest: date | None, today: date) -> None:
    """Refuse evidence that has ended, that has no end where one is asked for, or that ends too far ahead.

    `latest` is the last day the rulebook lets evidence given today hold.
    """
    if valid_to is None:
        if condition.valid_months:
            raise Refusal(
                "evidence_end_missing", "Skriv vilken dag underlaget gäller till och med.", status=422
            )
        return
    if valid_to < today:
        raise Refusal(
            "evidence_has_ended",
            "Underlaget har slutat gälla. Lämna ett som gäller i dag.",
            status=422,
        )
    if latest is not None and valid_to > latest:
        raise Refusal(
            "evidence_too_long",
            "Underlaget får gälla till och med {day}, inte längre. Ändra dagen.",
            day=latest.isoformat(),
            status=422,
        )


def may_offer(places: int) -> None:
    """Refuse a number of places that nobody can mean."""
    if not 1 <= places <= MOST_PLACES:
        raise Refusal("capacity_wrong", "Skriv antalet platser med ett heltal, minst 1.", status=422)
