"""When a service stands still: for which reasons, how long, and what that does to its length. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.chapters import Chapter
from core.dates import add_months, first_of_month, last_of_month
from core.refusal import Refusal
from vouchers.rules.words import PAUSE_REASONS

CLOCKS = ("stops", "runs")
MOST_AHEAD_DAYS = 30
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Pauses:
    """`clock` stops when paused days are added to the service's end, runs when they are lost. Days of one
    pause are at most `most_days`; a month wholly paused is never paid."""

    reasons: tuple[str, ...]
    clock: str
    most_days: int


def read_pauses(book: Chapter) -> Pauses | None:
    """Read the chapter `pauses`; without one nothing is paused."""
    if not book.has("pauses"):
        return None
    chapter = book.table("pauses")
    chapter.text("source")
    reasons = chapter.words("reasons")
    for reason in reasons:
        if reason not in PAUSE_REASONS:
            chapter.fault("reasons", f"{reason} is not one of {', '.join(PAUSE_REASONS)}")
    return Pauses(reasons, chapter.choice("clock", CLOCKS), chapter.whole("most_days", 1, 1000))


@dataclass(frozen=True)
class Span:
    """Paused days: from `from_on` up to but not with `to_on`, None while it lasts."""

    from_on: date
    to_on: date | None

    def days(self, first: date, last: date) -> int:
        """How many of its days lie from `first` to `last`, both counted."""
        until = min(last, self.to_on - ONE_DAY) if self.to_on is not None else last
        return max((until - max(first, self.from_on)).days + 1, 0)


def paused_days(spans: Sequence[Span], first: date, last: date) -> int:
    """The paused days from `first` to `last`, both counted. Spans do not overlap."""
    return sum(span.days(first, last) for span in spans)


def whole_month_paused(spans: Sequence[Span], first: date, last: date) -> bool:
    """Whether every day of `first` to `last` is paused; such a month is not reported."""
    return paused_days(spans, first, last) == (last - first).days + 1


def planned_end(first_on: date, months: int) -> date:
    """The last day of a service of so many months: the day before the same day of the month, or the month's
    last day where it has no such day. 1 March + 12 → the last of February; 31 January + 1 → the same."""
    after = add_months(first_on, months)
    return after - ONE_DAY if after.day == first_on.day else after


def moved_end(
    first_on: date, months: int, spans: Sequence[Span], terms: Pauses | None, *, today: date
) -> date:
    """The last day of the service with what pauses have moved it. One that lasts counts up to `today`.

    Where the clock runs nothing moves. A pause in the days that another one added moves it further.
    """
    end = planned_end(first_on, months)
    if terms is None or terms.clock != "stops":
        return end
    known = [Span(one.from_on, one.to_on or max(one.from_on, today + ONE_DAY)) for one in spans]
    moved, last = end, first_on
    while moved > last:
        last = moved
        moved = end + timedelta(days=paused_days(known, first_on, last))
    return moved


def earliest_pause(
    *, started_on: date, approved_to: date | None, earlier: Sequence[Span], today: date
) -> date:
    """The first day that a pause told today can begin: this month, after what is approved already, after the
    pauses before. `approved_to` is the last day of the newest approved month."""
    days = [first_of_month(today), started_on]
    if approved_to is not None:
        days.append(last_of_month(approved_to) + ONE_DAY)
    days += [one.to_on for one in earlier if one.to_on is not None]
    return max(days)


def may_pause(
    *,
    terms: Pauses | None,
    reason: str,
    from_on: date,
    expected_on: date,
    earliest: date,
    last_on: date,
    today: date,
) -> None:
    """Refuse a pause. `expected_on` is the day it is thought to go on, `last_on` the service's last day."""
    if terms is None:
        raise Refusal("pauses_not_possible", "Reglerna för insatsen har inga pauser.")
    if reason not in terms.reasons:
        raise Refusal("pause_reason_unknown", "Välj varför insatsen pausar.", status=422)
    latest = min(today + timedelta(days=MOST_AHEAD_DAYS), last_on)
    if from_on < earliest:
        raise Refusal(
            "pause_too_early", "Pausen kan börja tidigast {day}.", status=422, day=earliest.isoformat()
        )
    if from_on > latest:
        raise Refusal("pause_too_late", "Pausen kan börja senast {day}.", status=422, day=latest.isoformat())
    if expected_on <= from_on:
        raise Refusal(
            "pause_ends_before", "Dagen att börja igen måste vara efter pausens första dag.", status=422
        )
    if (expected_on - from_on).days > terms.most_days:
        raise Refusal(
            "pause_too_long",
            "En paus är högst {days} dagar. Personen ska börja igen senast {day}.",
            status=422,
            days=terms.most_days,
            day=(from_on + timedelta(days=terms.most_days)).isoformat(),
        )


def may_resume(*, from_on: date, resumed_on: date, today: date) -> None:
    """Refuse a day before the pause began, or one that has not come. A pause that has not begun is called
    off: its first day is the day it ends."""
    if from_on <= resumed_on <= max(today, from_on):
        return
    if from_on > today:
        raise Refusal(
            "pause_not_begun",
            "Pausen har inte börjat. Den ställs in med {day}.",
            status=422,
            day=from_on.isoformat(),
        )
    raise Refusal(
        "resume_day_wrong",
        "Dagen ska vara från {first} till i dag.",
        status=422,
        first=from_on.isoformat(),
    )
