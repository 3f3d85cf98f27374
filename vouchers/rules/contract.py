"""The contract clock: what a provider owes a person in meetings and hours, and when it breaks. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from core.chapters import Chapter
from core.dates import add_months, first_of_month, last_of_month
from vouchers.rules.pauses import Span, paused_days

MEETINGS = ("individual", "follow_up")
"""The kinds of occasion that are meetings of two."""
COUNTDOWNS = ("individual", "physical", "hours", "hours_before", "share", "share_before")
PASSED = ("hours_before", "share_before")
"""What a week or a month lacked that has passed; nothing can be done about it."""
STATES = ("broken", "soon", "still", "well")
"""The worst first. `still`: the clock stands still, in a pause."""
ONE_DAY, WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True)
class Hours:
    """From this month of service on, at least so many minutes a week."""

    from_month: int
    minutes: int


@dataclass(frozen=True)
class Contract:
    """Days are calendar days, of which paused ones do not count; shares are percent of minutes.

    A meeting of two counts when it is as long as `individual_minutes`. `hours` is ordered by month;
    `warn_days` is how many days before a break it is shown as soon to come.
    """

    individual_days: int
    individual_minutes: int
    physical_days: int
    physical_percent: int
    hours: tuple[Hours, ...]
    per_coach: int
    warn_days: int

    def minutes_a_week(self, month: int) -> int:
        """What a week asks for in that month of service, the first being 1."""
        asked = [row.minutes for row in self.hours if row.from_month <= month]
        return asked[-1] if asked else 0


def read_contract(book: Chapter) -> Contract | None:
    """Read the chapter `contract`; without one there is no clock."""
    if not book.has("contract"):
        return None
    chapter = book.table("contract")
    chapter.text("source")
    rows = [
        Hours(row.whole("from_month", 1, 48), row.whole("minutes", 1, 2400))
        for row in chapter.tables("hours")
    ]
    months = [row.from_month for row in rows]
    if months and (months[0] != 1 or sorted(set(months)) != months):
        chapter.fault("hours", "must begin with month 1 and go on upwards")
    return Contract(
        individual_days=chapter.whole("individual_meeting_days", 1, 365),
        individual_minutes=chapter.whole("individual_meeting_minutes", 1, 480),
        physical_days=chapter.whole("physical_meeting_days", 1, 365),
        physical_percent=chapter.whole("physical_percent", 0, 100),
        hours=tuple(rows),
        per_coach=chapter.whole("participants_per_coach", 1, 500),
        warn_days=chapter.whole("warn_days", 0, 30),
    )


@dataclass(frozen=True)
class Time:
    """A person's time at a provider. Months of service run from `first_on`, which no switch changes."""

    first_on: date
    started_on: date
    ended_on: date | None
    pauses: tuple[Span, ...] = ()

    def runs(self, today: date) -> bool:
        """Whether the person is there today, in a pause or not."""
        return self.started_on <= today and (self.ended_on is None or self.ended_on >= today)

    def stands_still(self, today: date) -> bool:
        """Whether the person is in a pause today."""
        return paused_days(self.pauses, today, today) > 0


@dataclass(frozen=True)
class Share:
    """Minutes that the person was at something, and how many of them on the spot."""

    minutes: int = 0
    physical: int = 0


@dataclass(frozen=True)
class Told:
    """What a provider has told of one person up to today. None: nothing of the kind.

    `met_on` and `seen_on` are the last meeting of two and the last on the spot, `occasion_on` the last
    occasion of any kind. `report_met` and `report_seen` are the newest reported months with such a meeting,
    by their first day. Minutes of this week and the week before; shares of this month and the month before.
    """

    met_on: date | None = None
    seen_on: date | None = None
    occasion_on: date | None = None
    report_met: date | None = None
    report_seen: date | None = None
    week: int = 0
    week_before: int = 0
    month: Share = field(default_factory=Share)
    month_before: Share = field(default_factory=Share)


@dataclass(frozen=True)
class Countdown:
    """One requirement, and how it stands.

    `last_on` is the last day to meet it; it is broken from the day after. None where nothing runs out: in a
    pause, or because the person leaves before. `since_on` is the meeting that a meeting is counted from,
    None for the start. `done` of `asked` are minutes.
    """

    kind: str
    state: str
    last_on: date | None
    since_on: date | None = None
    done: int = 0
    asked: int = 0


def countdowns(contract: Contract, time: Time, told: Told, today: date) -> tuple[Countdown, ...]:
    """How every requirement stands today, in the order of `COUNTDOWNS`; none for somebody who is not there.

    What a week or a month that has passed lacked (`hours_before`, `share_before`) is there only when it was
    broken, and goes when the next one has passed.
    """
    if not time.runs(today):
        return ()
    found = [
        _meeting("individual", _last(told.met_on, told.report_met, told), contract, time, today),
        _meeting("physical", _last(told.seen_on, told.report_seen, told), contract, time, today),
        *_hours(contract, time, told, today),
        *_share(contract, time, told, today),
    ]
    return tuple(found)


def worst(found: Iterable[Countdown]) -> str:
    """The worst state among them; all is well with none."""
    return min((one.state for one in found), key=STATES.index, default="well")


def to_do(found: Iterable[Countdown]) -> tuple[Countdown, ...]:
    """What is broken or soon to break and can still be met, the first last day first."""
    due = [one for one in found if one.state in ("broken", "soon") and one.kind not in PASSED]
    return tuple(sorted(due, key=lambda one: one.last_on or date.max))


def last_day(since: date, days: int, pauses: Sequence[Span]) -> date | None:
    """The last of so many days after `since`, paused ones not counted; None where a pause that lasts comes
    before it."""
    left, day = days, since
    for pause in sorted(pauses, key=lambda span: span.from_on):
        if pause.to_on is not None and pause.to_on <= day + ONE_DAY:
            continue
        free = max((pause.from_on - day).days - 1, 0)
        if free >= left:
            break
        if pause.to_on is None:
            return None
        left, day = left - free, pause.to_on - ONE_DAY
    return day + timedelta(days=left)


def month_of_service(first_on: date, day: date) -> int:
    ""
    months = (day.year - first_on.year) * 12 + day.month - first_on.month
    return months + 1 if day >= add_months(first_on, months) else months


def ceiling(per_coach: int, percent: int) -> int:
    """How many people a coach may have who works so many percent of full time, rounded down."""
    return per_coach * percent // 100


def load_state(count: int, most: int) -> str:
    """broken above the ceiling, soon at it, else well."""
    return "broken" if count > most else "soon" if count == most else "well"


def _last(met_on: date | None, reported: date | None, told: Told) -> date | None:
    """The day to count from. A reported month counts as a meeting on its last day, but only until an occasion
    is told of in that month or later: then days are known."""
    if reported is None or (told.occasion_on is not None and told.occasion_on >= reported):
        return met_on
    return last_of_month(reported)


def _meeting(kind: str, since: date | None, contract: Contract, time: Time, today: date) -> Countdown:
    days = contract.physical_days if kind == "physical" else contract.individual_days
    last_on = last_day(max(since or time.started_on, time.started_on), days, time.pauses)
    if last_on is None:
        return Countdown(kind, "still" if time.stands_still(today) else "well", None, since)
    if time.ended_on is not None and last_on > time.ended_on:
        return Countdown(kind, "well", None, since)
    return Countdown(kind, _state(last_on, contract, today), last_on, since)


def _state(last_on: date, contract: Contract, today: date) -> str:
    if today > last_on:
        return "broken"
    return "soon" if (last_on - today).days <= contract.warn_days else "well"


def _hours(contract: Contract, time: Time, told: Told, today: date) -> Iterable[Countdown]:
    """This week's minutes, and those of the week before where they were too few."""
    monday = today - timedelta(days=today.weekday())
    asked = _asked(contract, time, monday)
    if asked:
        sunday = monday + WEEK - ONE_DAY
        state = "well" if told.week >= asked else _state(sunday, contract, today)
        yield Countdown("hours", state, sunday, None, told.week, asked)
    elif time.stands_still(today):
        yield Countdown("hours", "still", None, None, told.week)
    before = _asked(contract, time, monday - WEEK)
    if told.week_before < before:
        yield Countdown("hours_before", "broken", monday - ONE_DAY, None, told.week_before, before)


def _asked(contract: Contract, time: Time, monday: date) -> int:
    """What that week asks for. Only a whole week does: not one that the service begins, ends or pauses in."""
    sunday = monday + WEEK - ONE_DAY
    is_whole = time.started_on <= monday and (time.ended_on is None or time.ended_on >= sunday)
    if not is_whole or paused_days(time.pauses, monday, sunday):
        return 0
    return contract.minutes_a_week(month_of_service(time.first_on, monday))


def _share(contract: Contract, time: Time, told: Told, today: date) -> Iterable[Countdown]:
    """This month's share on the spot, and that of the month before where it was too small."""
    if not contract.physical_percent:
        return
    month = first_of_month(today)
    last_on = min(last_of_month(today), time.ended_on or date.max)
    asked = _least(contract, told.month)
    state = "well" if told.month.physical >= asked else _state(last_on, contract, today)
    yield Countdown("share", state, last_on, None, told.month.physical, asked)
    before = _least(contract, told.month_before)
    if told.month_before.physical < before:
        lacked = told.month_before.physical
        yield Countdown("share_before", "broken", month - ONE_DAY, None, lacked, before)


def _least(contract: Contract, share: Share) -> int:
    """Of so many minutes, the least to be on the spot; whole minutes, upwards."""
    return -(-share.minutes * contract.physical_percent // 100)
