"""The case that opens later on: its last day to answer, its reminder, and what is looked at again. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta

from core.refusal import Refusal
from vouchers.rules.proving import ProofTerms
from vouchers.rules.told import HELD, REVIEWS

WITHOUT_ANSWER = ("no_evidence", "too_late")
"""Refusals that say that the provider did not answer, or not in time."""
LONGEST_NOTE = 2_000


def is_followed(*, purpose: str, due_on: date, claimed_on: date) -> bool:
    """Whether the provider is asked when the case opens: the bonus, and a part whose day came after the
    claim. What was there when it was claimed is shown with the claim."""
    return purpose == "bonus" or due_on > claimed_on


def answer_by(due_on: date, proof: ProofTerms) -> date:
    """The last day for the provider to show what it has; a later answer is for a person to judge."""
    return due_on + timedelta(days=proof.answer_days)


def remind_on(due_on: date, proof: ProofTerms) -> date:
    """The day of the only reminder."""
    return due_on + timedelta(days=proof.reminder_days)


@dataclass(frozen=True)
class Asked:
    """How far a case that a provider is asked about has come. `answer_by` is its last day in time."""

    due_on: date
    answer_by: date
    reminded_on: date | None = None
    answered_on: date | None = None


def stage(one: Asked, today: date) -> str:
    """coming, open, reminded, overdue, answered or late (answered after the last day)."""
    if one.answered_on is not None:
        return "late" if one.answered_on > one.answer_by else "answered"
    if today < one.due_on:
        return "coming"
    if today > one.answer_by:
        return "overdue"
    return "reminded" if one.reminded_on is not None else "open"


def is_to_be_reminded(one: Asked, proof: ProofTerms, today: date) -> bool:
    """Whether today is the time for the reminder: once, from its day to the last one, of what is open."""
    return stage(one, today) == "open" and today >= remind_on(one.due_on, proof)


def may_answer(
    *, state: str, stands: bool, due_on: date, starts_on: date, answer: str, last_on: date | None, today: date
) -> None:
    """Refuse an answer before the case opens, after it was judged, or that does not say what it must.

    `last_on` is the last day of what had ended before the case's day.
    """
    if not stands:
        raise Refusal("outcome_not_standing", "Resultatet gäller inte längre och kan inte prövas.")
    if state != "due":
        raise Refusal("check_judged", "Det är redan prövat. Någon kan ha hunnit före.")
    if today < due_on:
        raise Refusal("follow_up_not_open", "Uppföljningen öppnar {day}.", day=due_on.isoformat())
    if answer not in HELD:
        raise Refusal("held_missing", "Svara om personen var kvar.", status=422)
    if answer == "still":
        if last_on is not None:
            raise Refusal("last_on_not_asked", "Skriv ingen sista dag när personen var kvar.", status=422)
        return
    if last_on is None:
        raise Refusal("last_on_missing", "Skriv vilken som var sista dagen.", status=422)
    if not starts_on <= last_on < due_on:
        raise Refusal(
            "last_on_wrong",
            "Sista dagen ska ligga från {first}, och före {day}.",
            status=422,
            first=starts_on.isoformat(),
            day=due_on.isoformat(),
        )


def may_refuse(code: str | None, one: Asked, today: date) -> None:
    """Refuse a no for want of an answer while the provider still has time, or to one that came in time."""
    if code not in WITHOUT_ANSWER:
        return
    if one.answered_on is None and today <= one.answer_by:
        raise Refusal(
            "answer_awaited", "Anordnaren har till {day} på sig att svara.", day=one.answer_by.isoformat()
        )
    if code == "too_late" and one.answered_on is not None and one.answered_on <= one.answer_by:
        raise Refusal("answered_in_time", "Anordnaren svarade i tid. Välj ett annat skäl.", status=422)


def is_drawn(seed: str, check_id: int, percent: int) -> bool:
    """Whether a judged case is looked at again: the same seed draws the same cases, `percent` of many.

    Never to be changed: draws that were made are made again by it.
    """
    place = int.from_bytes(hashlib.sha256(f"{seed}:{check_id}".encode()).digest()[:8], "big")
    return place * 100 < percent << 64


def may_review(
    *, state: str, judged_by: int | None, reviewer_id: int, verdict: str, note: str, is_done: bool = False
) -> None:
    """Refuse a second look by whoever looked first, at what is not judged, or that differs without a note."""
    if is_done:
        raise Refusal("review_done", "Ärendet är redan granskat. Någon kan ha hunnit före.")
    if state not in ("passed", "failed"):
        raise Refusal("review_not_judged", "Ärendet prövas på nytt. Granska det när det är klart.")
    if judged_by == reviewer_id:
        raise Refusal("review_own", "Du har själv prövat ärendet. En annan person granskar det.")
    if verdict not in REVIEWS:
        raise Refusal("review_missing", "Svara om du kommer till samma sak.", status=422)
    if verdict == "differs" and not note.strip():
        raise Refusal("review_note_missing", "Skriv vad du ser som den andra inte såg.", status=422)
    if len(note) > LONGEST_NOTE:
        raise Refusal("text_long", "Skriv högst {most} tecken.", status=422, most=LONGEST_NOTE)
