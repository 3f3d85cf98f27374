"""Which reports a provider owes besides the month's, by when, and what is told of an absence. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from core.chapters import Chapter
from vouchers.rules.words import Titled

LATE = ("flagged", "refused")


@dataclass(frozen=True)
class ReportTerms:
    """Working days, but for `informative_days` and `contest_days`, which are calendar days.

    `late` says whether a report after its day is only flagged or refused. `deviation_minutes`: an absence
    longer than this is told. `contest_days`: how long a person may contest what was said. `activities` are
    what a month may hold.
    """

    joint_plan_days: int
    informative_days: int
    final_days: int
    deviation_days: int
    deviation_minutes: int
    contest_days: int
    late: str
    activities: tuple[Titled, ...]


def read_reports(book: Chapter) -> ReportTerms | None:
    """Read the chapter `reports`; without one only months are reported."""
    if not book.has("reports"):
        return None
    chapter = book.table("reports")
    chapter.text("source")
    activities = []
    for row in chapter.tables("activities"):
        words = row.table("title")
        activities.append(Titled(row.text("code"), words.text("sv"), words.text("en")))
    if len({one.code for one in activities}) != len(activities):
        chapter.fault("activities", "has a code twice")
    return ReportTerms(
        joint_plan_days=chapter.whole("joint_plan_working_days", 1, 60),
        informative_days=chapter.whole("informative_days_before_end", 1, 90),
        final_days=chapter.whole("final_working_days", 1, 60),
        deviation_days=chapter.whole("deviation_working_days", 1, 30),
        deviation_minutes=chapter.whole("deviation_minutes", 0, 240),
        contest_days=chapter.whole("contest_days", 1, 90),
        late=chapter.choice("late", LATE),
        activities=tuple(activities),
    )
