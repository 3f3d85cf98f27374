"""What is allowed in the registry: the life of an accreditation, and the rulebook's chapter on it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from stdnum.se import orgnr

from core.chapters import Chapter
from core.refusal import Refusal
from core.states import Machine, Transitions

LEGAL_FORMS = ("private", "idea_based", "municipal")
ACCOUNT_KINDS = ("bankgiro", "plusgiro")

STATES = (
    "draft",
    "submitted",
    "supplement_requested",
    "under_review",
    "proposed",
    "refused",
    "dismissed",
    "active",
    "intake_stopped",
    "winding_down",
    "closed",
)
OPEN_STATES = ("active", "intake_stopped")

TRANSITIONS: Transitions = {
    ("draft", "submit"): "submitted",
    ("submitted", "request_supplement"): "supplement_requested",
    ("supplement_requested", "supplement"): "submitted",
    ("submitted", "take_up"): "under_review",
    ("under_review", "propose"): "proposed",
    ("proposed", "accredit"): "active",
    ("proposed", "refuse"): "refused",
    ("proposed", "dismiss"): "dismissed",
    ("active", "stop_intake"): "intake_stopped",
    ("intake_stopped", "open_intake"): "active",
    ("active", "end"): "winding_down",
    ("intake_stopped", "end"): "winding_down",
    ("winding_down", "close"): "closed",
}


accreditation = Machine("accreditation", STATES, TRANSITIONS)


@dataclass(frozen=True)
class AccreditationTerms:
    """The rulebook's chapter `accreditation`."""

    services: tuple[str, ...]
    cooling_off_days: int


def read_accreditation(book: Chapter) -> AccreditationTerms:
    """Read and check the chapter; faults are noted in the book."""
    chapter = book.table("accreditation")
    chapter.text("source")
    return AccreditationTerms(
        services=tuple(book.table("services").names()),
        cooling_off_days=chapter.whole("bank_details_cooling_off_days", 0, 60),
    )


def organisation_number(text: str) -> str:
    """Ten digits. Raises Refusal when the number is not a Swedish organisation number."""
    digits = text.strip().replace("-", "").replace(" ", "")
    if not digits.isascii() or not orgnr.is_valid(digits):
        raise Refusal(
            "organisation_number_wrong",
            "Organisationsnumret stämmer inte. Skriv tio siffror, till exempel 419901-0010.",
            status=422,
        )
    return digits


def account_is_usable(approved_on: date | None, cooling_off_days: int, today: date) -> bool:
    """Whether money may be sent to bank details approved on that day: never before a second person has."""
    return approved_on is not None and approved_on + timedelta(days=cooling_off_days) <= today
