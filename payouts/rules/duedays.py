"""The days that instalments fall due on, numbered from 1: the ends of the calendar months, or of the months
of service.

A month of service ends on the day before the same day of the next month, or on that month's last day where it
has no such day, as the service's own last day does: begun on 3 March it ends on 2 April, begun on 31 August
six of them end on 28 February (29 in a leap year). So a service of twelve months has twelve instalments.
"""

from __future__ import annotations

import numpy as np

from payouts.rules.columns import Day, Whole, whole

EARLIEST = -24_000
"""The month that the table begins with: before the year 1; it ends after the year 9999."""
STARTS = np.arange(EARLIEST, 100_000).astype("datetime64[M]").astype("datetime64[D]")


def month_of(day: Day) -> Whole:
    """Months since January 1970."""
    return day.astype("datetime64[M]").astype(np.int64)


def first_of(month: Whole) -> Day:
    """The first day of each month."""
    return STARTS[month - EARLIEST]


def service_end(first: Day, months: Whole) -> Day:
    """The last day of a service of so many months from its first day."""
    month = month_of(first) + months
    begins = first_of(month)
    same = begins + (first - first_of(month_of(first)))
    after = first_of(month + 1)
    return np.where(same < after, same - 1, after - 1)


def due_day(by: str, first: Day, number: Whole) -> Day:
    """The day of each number, of a service with that first day."""
    if by == "anniversaries":
        return service_end(first, number)
    return first_of(month_of(first) + number) - 1


def due_by(by: str, first: Day, day: Day) -> Whole:
    """How many of them have come by each day, that day counted."""
    months = month_of(day + 1) - month_of(first)
    if by == "anniversaries":
        months -= service_end(first, months) > day
    return whole(np.maximum(months, 0))
