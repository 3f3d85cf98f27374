"""Days, months and working days. Only doors call `today` and `now`; all else takes a date."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

HOME = ZoneInfo("Europe/Stockholm")


class _Clock:
    """The machine's own, and in a sandbox how far it has been turned."""

    ahead: Callable[[], timedelta] | None = None

    @classmethod
    def says(cls) -> datetime:
        moment = datetime.now(UTC)
        return moment if cls.ahead is None else moment + cls.ahead()


def go_by(ahead: Callable[[], timedelta] | None) -> None:
    """Let this process go by a clock that is so far ahead of the machine's; None: by the machine's again.

    Only a sandbox does.
    """
    _Clock.ahead = None if ahead is None else staticmethod(ahead)


def now() -> datetime:
    """This moment, in UTC with its zone."""
    return _Clock.says()


def stamp() -> int:
    """Whole seconds since 1970 by the machine's own clock: for what another machine compares with its own."""
    return int(datetime.now(UTC).timestamp())


def today() -> date:
    """Today in Sweden, whatever zone the machine keeps."""
    return _Clock.says().astimezone(HOME).date()


def day_of(moment: datetime) -> date:
    """The Swedish day that a moment falls on."""
    return moment.astimezone(HOME).date()


def noon(day: date) -> datetime:
    """The middle of a Swedish day, as a moment."""
    return datetime.combine(day, time(12), HOME)


def first_of_month(day: date) -> date:
    """The first day of the month that `day` is in."""
    return day.replace(day=1)


def last_of_month(day: date) -> date:
    """The last day of the month that `day` is in."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def add_months(day: date, months: int) -> date:
    """Calendar months later (or earlier): 31 August + 6 months is the last of February."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def month_code(day: date) -> int:
    """A month as a whole number that sorts and reads: April 2026 → 202604."""
    return day.year * 100 + day.month


def month_of(code: int) -> date:
    """The first day of the month with that code."""
    return date(code // 100, code % 100, 1)


@lru_cache(maxsize=64)
def _closed_days(year: int) -> frozenset[date]:
    closed = holidays.country_holidays(
        "SE", years=year, include_sundays=False, categories=("public", "de_facto")
    )
    return frozenset(closed)


def is_working_day(day: date) -> bool:
    """Monday to Friday, not a Swedish holiday nor an eve the banks keep."""
    return day.weekday() < 5 and day not in _closed_days(day.year)


def add_working_days(day: date, count: int) -> date:
    """The `count`th working day after `day`; with 0 the day itself or the next working day."""
    if count < 0:
        raise ValueError("count must be zero or more")
    while count > 0 or not is_working_day(day):
        day += timedelta(days=1)
        if is_working_day(day):
            count -= 1
        if count <= 0 and is_working_day(day):
            break
    return day


def working_days_left(until: date, today: date) -> int:
    """Working days from tomorrow to `until`, both counted; negative when it has passed."""
    low, high = sorted((until, today))
    days = sum(is_working_day(low + timedelta(days=n)) for n in range(1, (high - low).days + 1))
    return days if until >= today else -days
