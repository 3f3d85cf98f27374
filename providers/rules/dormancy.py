"""Twelve months without customers: which days count, when to remind and when to propose. Pure.

What a customer is stands in the rulebook: that somebody chose the provider, that somebody began there, or
that somebody is there. Calendar months are counted from the latest of the accreditation's first day (of the
first one, when it has been renewed), the last day of a customer, and the day the board last decided to keep
it all the same. Who came long ago and is still there counts only where being there does. A day on which
somebody whose stops do not count had stopped the intake moves both days one day on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from core.dates import add_months
from providers.rules.conditions import Dormancy

VERDICTS = ("fine", "remind", "propose")


@dataclass(frozen=True)
class Seen:
    """What is known above of an accreditation's customers, in each way that a rulebook may ask for.

    The last day on which somebody chose it, began there, and was there; and how many are there now.
    """

    chosen_on: date | None = None
    started_on: date | None = None
    present_on: date | None = None
    present: int = 0

    def last_on(self, customer: str) -> date | None:
        """The last day with a customer, by what the rulebook calls one."""
        return {"chosen": self.chosen_on, "started": self.started_on, "present": self.present_on}[customer]


NOBODY = Seen()


@dataclass(frozen=True)
class Stop:
    """Days when nobody new could come; `to_on` is the last of them, None while it stands."""

    stopped_by: str
    from_on: date
    to_on: date | None = None


@dataclass(frozen=True)
class Chain:
    """An accreditation and those it replaced, as one life."""

    from_on: date
    last_customer_on: date | None = None
    running: int = 0
    stops: tuple[Stop, ...] = ()
    kept_on: date | None = None


@dataclass(frozen=True)
class Finding:
    """The verdict (fine, remind, propose) and the days it rests on.

    `uncounted_days` are those that have moved `propose_on` so far. Without a day to remind
    somebody is there, and that is enough.
    """

    verdict: str
    counted_from: date
    last_customer_on: date | None
    running: int
    uncounted_days: int = 0
    remind_on: date | None = None
    propose_on: date | None = None


def of_chain(links: Iterable[tuple[date, Seen, tuple[Stop, ...], date | None]], rules: Dormancy) -> Chain:
    """One life of several accreditations, each with first day, customers, stops and the day it was kept.

    Nobody starts anew by applying again: the first day is the first one's, the last customer anybody's.
    """
    rows = list(links)
    counted = [seen.last_on(rules.customer) for _, seen, _, _ in rows]
    return Chain(
        from_on=min(from_on for from_on, _, _, _ in rows),
        last_customer_on=max((day for day in counted if day), default=None),
        running=sum(seen.present for _, seen, _, _ in rows),
        stops=tuple(stop for _, _, stops, _ in rows for stop in stops),
        kept_on=max((day for _, _, _, day in rows if day), default=None),
    )


def watch(chain: Chain, rules: Dormancy, today: date) -> Finding:
    """Whether to leave it, remind or propose today, with the days that say so."""
    counted_from = max(day for day in (chain.from_on, chain.last_customer_on, chain.kept_on) if day)
    if chain.running and rules.customer == "present":
        return Finding("fine", counted_from, chain.last_customer_on, chain.running)
    stopped = _together(chain.stops, rules.uncounted_stops, counted_from, today)
    remind_on = _moved_on(add_months(counted_from, rules.reminder_months), stopped)
    propose_on = _moved_on(add_months(counted_from, rules.proposal_months), stopped)
    verdict = "propose" if propose_on <= today else "remind" if remind_on <= today else "fine"
    return Finding(
        verdict=verdict,
        counted_from=counted_from,
        last_customer_on=chain.last_customer_on,
        running=chain.running,
        uncounted_days=(propose_on - add_months(counted_from, rules.proposal_months)).days,
        remind_on=remind_on,
        propose_on=propose_on,
    )


def _together(
    stops: Iterable[Stop], uncounted: tuple[str, ...], since: date, until: date
) -> list[tuple[date, date]]:
    """First and last days of the stops that do not count, within two days; those that meet become one."""
    cut = sorted(
        (max(stop.from_on, since), min(stop.to_on or until, until))
        for stop in stops
        if stop.stopped_by in uncounted
    )
    joined: list[tuple[date, date]] = []
    for first, last in cut:
        if last < first:
            continue
        if joined and first <= joined[-1][1] + timedelta(days=1):
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


def _moved_on(day: date, stopped: list[tuple[date, date]]) -> date:
    """The day, one day later for each stopped day before it; a stop after it comes too late to matter."""
    for first, last in stopped:
        if first >= day:
            break
        day += last - first + timedelta(days=1)
    return day


def how_long(since: date, until: date) -> tuple[int, int]:
    """Whole calendar months and the days over: 31 January to 15 March is one month and 15 days."""
    months = max((until.year - since.year) * 12 + until.month - since.month, 0)
    while months and add_months(since, months) > until:
        months -= 1
    return months, max((until - add_months(since, months)).days, 0)
