"""The sandbox's clock: how far it has been turned, kept where every process of the installation finds it."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from app import jobs
from config import Settings
from core import dates
from core.database import Database
from core.refusal import Refusal

FILE = "sandbox-clock"
MOST_DAYS = 40
"""How far one turn goes: each day's jobs are run on the way."""


class Clock:
    """Days ahead of the machine's own clock, in a file of the instance folder. Only ever turned forward."""

    def __init__(self, settings: Settings) -> None:
        self.path = settings.instance / FILE
        self._seen: tuple[int, int] | None = None
        self._days = 0

    def ahead(self) -> timedelta:
        """How far it has been turned. Read anew when the file has changed."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return timedelta()
        seen = (found.st_mtime_ns, found.st_ino)
        if seen != self._seen:
            self._days, self._seen = int(self.path.read_text()), seen
        return timedelta(days=self._days)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """One hand at a time. Refuses another."""
        with self.path.with_suffix(".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Refusal("clock_is_turned", "Någon annan vrider klockan just nu. Vänta lite.") from None
            yield

    def a_day_on(self) -> None:
        """One day further."""
        days = self.ahead().days + 1
        fresh = self.path.with_suffix(f".{os.getpid()}")
        fresh.write_text(str(days))
        fresh.replace(self.path)


def prepare(settings: Settings) -> None:
    """Let the whole process go by the sandbox's clock. Does nothing anywhere else."""
    if settings.sandbox:
        dates.go_by(Clock(settings).ahead)


def turn_to(day: date, database: Database, settings: Settings) -> date:
    """Turn the clock forward to that day, one day at a time, and do each day's work. Gives the day it is.

    Refuses to turn it back, and further than forty days at once.
    """
    clock = Clock(settings)
    with clock.alone():
        _may_turn(dates.today(), day)
        while dates.today() < day:
            clock.a_day_on()
            _work(database, settings, dates.now(), lambda job: job.at is not None)
    _work(database, settings, dates.now(), lambda job: job.at is None)
    return dates.today()


def _may_turn(today: date, day: date) -> None:
    if day < today:
        raise Refusal(
            "clock_turned_back",
            "Klockan kan bara vridas framåt. I sandlådan är det {day}.",
            status=422,
            day=today.isoformat(),
        )
    if day > today + timedelta(days=MOST_DAYS):
        raise Refusal(
            "clock_turned_far",
            "Vrid klockan högst {days} dagar åt gången. I sandlådan är det {day}.",
            status=422,
            days=MOST_DAYS,
            day=today.isoformat(),
        )


def _work(
    database: Database, settings: Settings, moment: datetime, which: Callable[[jobs.Job], bool]
) -> None:
    jobs.tick(database, settings, moment, tuple(job for job in jobs.TIMETABLE if which(job)))
