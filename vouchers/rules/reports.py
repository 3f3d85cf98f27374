"""Which reports a provider owes besides the month's, by when, and what is told of an absence. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from core.chapters import Chapter
from core.dates import add_months, add_working_days, is_working_day, last_of_month
from core.refusal import Refusal
from vouchers.rules import states
from vouchers.rules.pauses import Span
from vouchers.rules.told import WRITTEN_KINDS
from vouchers.rules.words import Titled

LATE = ("flagged", "refused")
CODES_MOST = 300
"""Characters that the codes of all activities may have together, with spaces between."""
LIVING = ("draft", "submitted", "returned", "approved")
ONE_DAY = timedelta(days=1)


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
    if (
        any(" " in one.code for one in activities)
        or sum(len(one.code) + 1 for one in activities) > CODES_MOST
    ):
        chapter.fault("activities", f"codes have no spaces, and at most {CODES_MOST} characters together")
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


@dataclass(frozen=True)
class Stay:
    """A time with a provider. `planned_on` is its last day as decided, with what pauses have moved it."""

    chosen_on: date
    started_on: date | None
    ended_on: date | None = None
    planned_on: date | None = None
    pauses: Sequence[Span] = ()

    def runs(self, today: date) -> bool:
        """Whether the person is there today, or still may come back."""
        return self.started_on is not None and (self.ended_on is None or self.ended_on >= today)


@dataclass(frozen=True)
class Given:
    """A written report that is there and has not been taken back. `id` is its own."""

    id: int
    kind: str
    state: str
    about_on: date
    due_on: date | None
    judged_on: date | None = None


@dataclass(frozen=True)
class Lacking:
    """A written report to hand in, or with `given` to mend. It can be written from `opens_on`."""

    kind: str
    opens_on: date
    due_on: date
    given: Given | None = None


def due_on(kind: str, stay: Stay, terms: ReportTerms) -> date | None:
    """The last day for that report of the stay; None while it has none.

    An informative one is asked for before the planned end; where another last day is known, the final report
    comes instead.
    """
    if stay.started_on is None:
        return None
    if kind == "joint_plan":
        return _unpaused(stay.started_on, terms.joint_plan_days, stay.pauses)
    if kind == "final":
        return add_working_days(stay.ended_on, terms.final_days) if stay.ended_on else None
    if stay.ended_on is not None or stay.planned_on is None:
        return None
    due = stay.planned_on - timedelta(days=terms.informative_days)
    return due if due > stay.started_on else None


def _unpaused(day: date, count: int, pauses: Sequence[Span]) -> date | None:
    """The `count`th working day after `day` that is not paused; None while a pause lasts."""
    while count:
        day += ONE_DAY
        if any(span.to_on is None and day >= span.from_on for span in pauses):
            return None
        if is_working_day(day) and not any(span.days(day, day) for span in pauses):
            count -= 1
    return day


def opens_on(kind: str, stay: Stay, due: date) -> date:
    """The first day that the report is asked for: the start, the last day, or a month before it is due."""
    if kind == "informative" or stay.started_on is None:
        return max(add_months(due, -1), stay.started_on or stay.chosen_on)
    return stay.ended_on if kind == "final" and stay.ended_on else stay.started_on


def lacking(
    stay: Stay, given: Sequence[Given], terms: ReportTerms | None, latest_months: int, today: date
) -> list[Lacking]:
    """What there is to write of the stay today, and what has come back to be mended; by last day.

    What nobody handed in is asked for until `latest_months` after the month of its last day; a final report,
    of the service's.
    """
    if terms is None or stay.started_on is None:
        return []
    found = []
    for kind in WRITTEN_KINDS:
        of_kind = [one for one in given if one.kind == kind and one.state in LIVING]
        found += [
            Lacking(kind, one.about_on, one.due_on or one.judged_on or today, one)
            for one in of_kind
            if one.state in ("returned", "draft") and _may_still(kind, stay, latest_months, today)
        ]
        due = due_on(kind, stay, terms)
        if due is None or today > last_of_month(add_months(due, latest_months)):
            continue
        opens = opens_on(kind, stay, due)
        done = any(kind != "informative" or one.about_on >= opens for one in of_kind)
        if opens <= today and not done and _may_still(kind, stay, latest_months, today):
            found.append(Lacking(kind, opens, due))
    return sorted(found, key=lambda one: (one.due_on, WRITTEN_KINDS.index(one.kind)))


def _may_still(kind: str, stay: Stay, latest_months: int, today: date) -> bool:
    over = stay.ended_on is not None and stay.ended_on <= today
    return over and not _long_over(stay, latest_months, today) if kind == "final" else stay.runs(today)


def _long_over(stay: Stay, latest_months: int, today: date) -> bool:
    return stay.ended_on is not None and today > last_of_month(add_months(stay.ended_on, latest_months))


def may_write(
    kind: str,
    *,
    stay: Stay,
    living: str | None,
    terms: ReportTerms | None,
    latest_months: int,
    today: date,
) -> None:
    """Refuse a report that this stay cannot have today, whatever it says. `living` is the state of the one
    that is to be mended, or that stands in the way."""
    if terms is None:
        raise Refusal("report_not_asked_for", "Reglerna för insatsen har inte den rapporten.")
    if stay.started_on is None:
        raise Refusal("leg_not_started", "Insatsen har inte startat. Registrera starten först.")
    if kind == "final" and (stay.ended_on is None or stay.ended_on > today):
        raise Refusal(
            "service_not_over", "Slutrapporten skrivs när insatsen är slut. Registrera slutet först."
        )
    if kind != "final" and not stay.runs(today):
        raise Refusal("service_over_write_final", "Insatsen hos er är slut. Skriv slutrapporten i stället.")
    if _long_over(stay, latest_months, today):
        raise Refusal(
            "written_too_late",
            "Insatsen slutade för mer än {months} månader sedan. Kontakta kommunen.",
            months=latest_months,
        )
    if living is not None and not states.report.can(living, "submit"):
        raise Refusal(
            "written_exists",
            "Den rapporten är redan inskickad. Ta tillbaka den först om något är fel i den.",
        )


def against_stay(kind: str, values: Mapping[str, Any], stay: Stay, today: date) -> dict[str, Refusal]:
    """What a written report says that cannot be true of the stay, by field."""
    name, first, last = {
        "joint_plan": ("met_on", stay.chosen_on, today),
        "informative": ("happened_on", stay.chosen_on, today),
        "final": ("ended_on", stay.ended_on or today, stay.ended_on or today),
    }[kind]
    if first <= values[name] <= last:
        return {}
    if kind == "final":
        return {
            name: Refusal(
                "last_day_differs",
                "Sista dagen är registrerad som {last}. Skriv den, eller kontakta kommunen om den är fel.",
                status=422,
                last=last.isoformat(),
            )
        }
    return {
        name: Refusal(
            "day_outside_stay",
            "Dagen ska vara från {first} till {last}.",
            status=422,
            first=first.isoformat(),
            last=last.isoformat(),
        )
    }


def about_on(kind: str, values: Mapping[str, Any], stay: Stay) -> date:
    """The day that the report is about: the start, the event, the last day."""
    if kind == "informative":
        return values["happened_on"]  # type: ignore[no-any-return]  # read as a day by its field
    found = stay.started_on if kind == "joint_plan" else stay.ended_on
    if found is None:
        raise AssertionError("may_write refuses a stay without that day")
    return found


def owed_on(kind: str, about: date, stay: Stay, others: Sequence[Given], terms: ReportTerms) -> date | None:
    """The last day that a report about `about` is held to. An informative one is held to one only when it is
    the first of those that are asked for before the end."""
    due = due_on(kind, stay, terms)
    if due is None or kind != "informative":
        return due
    opens = opens_on(kind, stay, due)
    if about < opens or any(one.kind == kind and one.about_on >= opens for one in others):
        return None
    return due


def is_late(last_day: date | None, *, living: str | None, terms: ReportTerms | None, today: date) -> bool:
    """Whether a report handed in today comes after its last day.

    Where the rulebook refuses late ones a first report is refused; one that came back is mended all the same.
    """
    if last_day is None or today <= last_day:
        return False
    if living is None and terms is not None and terms.late == "refused":
        raise Refusal(
            "report_after_last_day",
            "Sista dagen var {day}. Enligt reglerna tas rapporten inte emot efter den. Kontakta kommunen.",
            day=last_day.isoformat(),
        )
    return True
