"""Going on to another provider: who may, when, from which day. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.chapters import Chapter
from core.dates import add_working_days
from core.refusal import Refusal

ASKERS = ("participant", "guide")
BEFORE = ("chosen", "assigned", "received")
"""States of somebody who has a provider and has not begun: going elsewhere is a change of mind."""
THERE = ("active", "paused")
"""States of somebody who has begun: going elsewhere is a switch, with notice."""


@dataclass(frozen=True)
class Switching:
    """`by` says who may bind a switch; `notice_working_days` run from the day it is asked for to the last day
    at the old one; `least_days_left` is what must be left of the service; `most` switches a voucher (0: any
    number)."""

    by: tuple[str, ...]
    notice_working_days: int
    least_days_left: int
    most: int


def read_switching(book: Chapter) -> Switching | None:
    """Read the chapter `switching`; without one nobody switches."""
    if not book.has("switching"):
        return None
    chapter = book.table("switching")
    chapter.text("source")
    by = chapter.words("by")
    for who in by:
        if who not in ASKERS:
            chapter.fault("by", f"{who} is not one of {', '.join(ASKERS)}")
    return Switching(
        by=by,
        notice_working_days=chapter.whole("notice_working_days", 0, 60),
        least_days_left=chapter.whole("least_days_left", 0, 365),
        most=chapter.whole("most", 0, 50),
    )


def last_day(asked_on: date, terms: Switching) -> date:
    """The last day at the old provider: whole working days of notice after the day it is asked for."""
    if terms.notice_working_days == 0:
        return asked_on
    return add_working_days(asked_on, terms.notice_working_days)


def first_day(last_on: date) -> date:
    """The first day that somebody can begin at the new one: the working day after the last day."""
    return add_working_days(last_on, 1)


def may_switch(
    *,
    terms: Switching | None,
    asker: str,
    state: str,
    made: int,
    days_left: int | None,
    is_same: bool = False,
) -> None:
    """Refuse to go on to another provider.

    `asker` is participant or guide; `made` the switches so far; `days_left` of the service from the day it is
    asked for, None where nobody has begun; `is_same` that the new provider is the one they have. A change of
    mind before the service has begun needs no days and is no switch. Whether the new provider may be chosen
    is for `choice.may_choose`.
    """
    if state not in BEFORE + THERE:
        raise Refusal("nobody_to_leave", "Det finns ingen anordnare att byta från just nu.")
    if terms is None:
        raise Refusal(
            "switching_not_possible",
            "Reglerna för insatsen säger inget om byte. Prata med din karriärvägledare.",
        )
    if asker not in terms.by:
        raise Refusal(
            "not_yours_to_switch",
            "Här är det karriärvägledaren som gör bytet. Prata med din karriärvägledare.",
        )
    if is_same:
        raise Refusal("same_provider", "Den anordnaren är redan vald. Välj en annan, eller behåll den.")
    if state in BEFORE:
        return
    if terms.most and made >= terms.most:
        raise Refusal(
            "switches_made",
            "Det går att byta {most} gånger, och det är gjort. Prata med din karriärvägledare.",
            most=terms.most,
        )
    if days_left is not None and days_left < terms.least_days_left:
        raise Refusal(
            "few_days_left",
            "Det är {days} dagar kvar av insatsen. För att byta ska det vara minst {least}."
            " Prata med din karriärvägledare.",
            days=max(days_left, 0),
            least=terms.least_days_left,
        )
