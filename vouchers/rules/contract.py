"""The contract clock: what a provider owes a person in meetings and hours, and when it breaks. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from core.chapters import Chapter


@dataclass(frozen=True)
class Hours:
    """From this month of service on, at least so many minutes a week."""

    from_month: int
    minutes: int


@dataclass(frozen=True)
class Contract:
    """Days are calendar days, also in pauses counted as the rule says; shares are percent of minutes.

    `hours` is ordered by month; `warn_days` is how many days before a break it is shown as soon to come.
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
