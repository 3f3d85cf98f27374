"""When and whom one may choose, and in which order providers are shown."""

from __future__ import annotations

import hashlib
from datetime import date

import numpy as np

from core.dates import add_working_days, working_days_left
from core.refusal import Refusal
from vouchers.rules.terms import Terms

CHOOSE = "choose"
"""The kind of reminder that the window soon closes."""


def choose_by(decided_on: date, terms: Terms) -> date:
    """The last day of the choice window: whole working days after the day of the decision."""
    return add_working_days(decided_on, terms.choice_window_working_days)


def remind_on(decided_on: date, terms: Terms) -> date:
    """The day a person who has not chosen is reminded."""
    return add_working_days(decided_on, terms.reminder_working_day)


def start_by(chosen_on: date, terms: Terms) -> date:
    """The last day for the service to start."""
    return add_working_days(chosen_on, terms.start_within_working_days)


def answer_by(chosen_on: date, terms: Terms) -> date:
    """The last day for the provider to say yes or no."""
    return add_working_days(chosen_on, terms.answer_within_working_days)


def is_to_be_reminded(last_day: date, terms: Terms, today: date) -> bool:
    """Whether the reminder's day has come and the window is still open.

    Counted back from the last day, so that a window that was opened anew has its own reminder.
    """
    after = terms.choice_window_working_days - terms.reminder_working_day
    return today <= last_day and working_days_left(last_day, today) <= after


def may_reopen(last_day: date, today: date) -> None:
    """Refuse a new window while the first one is open."""
    if today <= last_day:
        raise Refusal(
            "choice_window_open",
            "Personen kan välja till och med {day}. Öppna valet igen när den dagen har gått.",
            day=last_day.isoformat(),
        )


def may_choose(
    *, state: str, last_day: date, intake_open: bool, accredited: bool, has_place: bool = True, today: date
) -> None:
    """Refuse a choice outside the window, of somebody who may not be chosen, or when one is made already."""
    if state != "choice_open":
        raise Refusal("choice_made", "Du har redan valt. Prata med din karriärvägledare om du vill byta.")
    if today > last_day:
        raise Refusal(
            "choice_window_passed",
            "Tiden för att välja gick ut {day}. Prata med din karriärvägledare, så hjälps ni åt.",
            day=last_day.isoformat(),
        )
    if not accredited:
        raise Refusal("provider_not_accredited", "Den anordnaren kan inte väljas. Välj någon annan i listan.")
    if not intake_open:
        raise Refusal(
            "intake_stopped",
            "Anordnaren tar inte emot fler just nu. Välj någon annan, eller vänta och försök igen.",
        )
    if not has_place:
        raise Refusal(
            "no_places",
            "Anordnaren har inga lediga platser just nu. Välj någon annan, eller vänta och försök igen.",
        )


def may_begin(*, accredited_to: date | None, is_renewed: bool, is_suspended: bool, day: date) -> None:
    """Refuse to begin with somebody new after the accreditation's last day, or while it is revoked for now.

    Where a renewed accreditation has taken over, those who were on their way begin as they chose.
    """
    if is_suspended or (accredited_to is not None and accredited_to < day and not is_renewed):
        raise Refusal(
            "not_accredited_now",
            "Auktorisationen gäller inte nu, så ingen ny kan börja. Kommunen tar kontakt med personen.",
        )


def may_arrive(left_on: date | None, started_on: date) -> None:
    """Refuse to begin while the person still goes to the provider before; `left_on` is the last day there."""
    if left_on is not None and started_on <= left_on:
        raise Refusal(
            "goes_elsewhere_still",
            "Personen går hos en annan anordnare till och med {day}. Börja en senare dag.",
            day=left_on.isoformat(),
            status=422,
        )


def neutral_order(seed: str, provider_ids: list[int]) -> list[int]:
    """The ids in an order that favours nobody and is the same for the same visitor.

    Each id is mixed with the seed (splitmix64's last step, where no two ids meet), all of them at once.
    """
    digest = hashlib.sha256(seed.encode("utf-8", "surrogatepass")).digest()
    start = np.uint64(int.from_bytes(digest[:8], "big"))
    ids = np.array(provider_ids, dtype=np.uint64)
    mixed = ids * np.uint64(0x9E3779B97F4A7C15) + start
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return [provider_ids[place] for place in np.argsort(mixed).tolist()]
