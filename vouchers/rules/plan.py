"""A plan: its words, which step comes next, who lacks one, and what a meeting must hold. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from core.chapters import Chapter
from core.dates import add_months, add_working_days
from core.refusal import Refusal

PARTIES = (
    "participant",
    "municipality",
    "provider",
    "employment_service",
    "insurance_agency",
    "region",
    "school",
)
"""Who does something in a plan, or may see something of it."""
MEETINGS = ("assessment", "follow_up", "three_party")
SHARED = ("contact", "assessment", "plan", "reports", "results")
"""Kinds of information: how to reach the person; what was found; the plan; how it goes; what it led to."""
GIVEN = ("signed_in", "on_paper")
THREE = 3
FURTHEST_MONTHS = 60
"""A day in a plan that lies further away is a slip of the pen."""


@dataclass(frozen=True)
class StepTerms:
    """How many working days a step that a provider has told of, or a start, still counts after its day: the
    next report tells of the next step."""

    grace_working_days: int


def read_steps(book: Chapter) -> StepTerms:
    """Read the chapter `next_step`; without it a step counts to its own day."""
    chapter = book.table("next_step", needed=False)
    if book.has("next_step"):
        chapter.text("source")
    return StepTerms(chapter.whole("grace_working_days", 0, 60))


class Part(Protocol):
    """A part of a plan, as far as the rules look."""

    @property
    def due_on(self) -> date:
        """The last day."""
        ...

    @property
    def done_on(self) -> date | None:
        """When it was done."""
        ...

    @property
    def removed_on(self) -> date | None:
        """When it was taken away."""
        ...


AnyPart = TypeVar("AnyPart", bound=Part)


def undone(parts: Iterable[AnyPart]) -> list[AnyPart]:
    """The parts that are neither done nor taken away, by day; of one day as they were given."""
    return sorted(
        (part for part in parts if part.done_on is None and part.removed_on is None),
        key=lambda part: part.due_on,
    )


def next_step(parts: Iterable[AnyPart], today: date) -> AnyPart | None:
    """The first undone part that is due today or later; else the one that has waited longest."""
    left = undone(parts)
    return next((part for part in left if part.due_on >= today), left[0] if left else None)


@dataclass(frozen=True)
class Known:
    """A step that is known: its day, and the last day on which it still counts as the next one."""

    on: date
    until: date


def counted_from(day: date, terms: StepTerms) -> Known:
    """A step that counts some working days more than to its own day."""
    return Known(day, add_working_days(day, terms.grace_working_days) if terms.grace_working_days else day)


def lacks(known: Iterable[Known], since: date, today: date) -> date | None:
    """Since which day somebody has no next step; None while one is known.

    `since` is when the last thing happened that should have led to one, such as the decision.
    """
    steps = list(known)
    if any(step.until >= today for step in steps):
        return None
    return max([since, *(step.on for step in steps)])


def leaves_none(left: Iterable[Part], today: date) -> bool:
    """Whether no step is ahead among the parts that stay in the plan."""
    return not any(part.due_on >= today for part in undone(left))


def may_end_part(left: Iterable[Part], today: date, *, follows: bool, is_over: bool) -> None:
    """Refuse to close a part when it leaves the person without a step: `left` are the parts that stay.

    `follows` says that a new step is given with it, `is_over` that nothing more is to come for the person.
    """
    if not follows and not is_over and leaves_none(left, today):
        raise Refusal(
            "next_step_missing",
            "Det här var det sista steget i planen. Skriv vad som är nästa steg och vilken dag.",
            status=422,
        )


def is_open(part: Part) -> None:
    """Refuse to change a part that is done or taken away."""
    if part.done_on is not None:
        raise Refusal("part_done", "Steget är redan klart.")
    if part.removed_on is not None:
        raise Refusal("part_removed", "Steget är redan borttaget.")


def check_step(does: str, due_on: date, today: date) -> None:
    """Refuse a step without words, on a day that has passed, or too far away to be meant."""
    if not does.strip():
        raise Refusal("step_empty", "Skriv vad som ska göras.", status=422)
    if due_on < today:
        raise Refusal("step_past", "Dagen har redan varit. Välj i dag eller en senare dag.", status=422)
    latest = add_months(today, FURTHEST_MONTHS)
    if due_on > latest:
        raise Refusal(
            "step_far", "Dagen ligger för långt fram. Välj {day} eller tidigare.",
            status=422, day=latest.isoformat(),
        )  # fmt: skip


def check_meeting(kind: str, present: Collection[str], held_on: date, notes: str, today: date) -> None:
    """Refuse a meeting that has not been held, or lacks words or people. Three parties are at least three,
    and the person is one of them."""
    if held_on > today:
        raise Refusal("meeting_ahead", "Mötet har inte varit än. Skriv dagen då ni möttes.", status=422)
    if held_on < add_months(today, -FURTHEST_MONTHS):
        raise Refusal("meeting_old", "Mötet ligger för långt bak. Kontrollera dagen.", status=422)
    if not notes.strip():
        raise Refusal("notes_missing", "Skriv vad ni kom fram till.", status=422)
    if not present:
        raise Refusal("nobody_present", "Ange vilka som var med.", status=422)
    if kind == "three_party" and (len(set(present)) < THREE or "participant" not in present):
        raise Refusal(
            "three_parties_missing",
            "Ett trepartssamtal har minst tre parter, och personen själv är en av dem.",
            status=422,
        )
