"""What a case waits for, and since or until when: a guide's day is made of this. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from core.dates import add_months, last_of_month, working_days_left
from vouchers.rules.reporting import due_on, months_to_report
from vouchers.rules.terms import Terms

GROUPS = {
    "take_over": "call",
    "window_passed": "call",
    "window_soon": "call",
    "report_to_judge": "reports",
    "check_due": "checks",
    "start_late": "late",
    "report_missing": "late",
    "next_step_passed": "step",
    "decision_missing": "step",
}
ENDS_WITHOUT_MORE = ("next_step", "interrupted", "time_out")
REMEMBERED_DAYS = 92
# A step that is done a few days late, or is told of in the next report, is no alarm.
STEP_GRACE_WORKING_DAYS = 10
URGENCY = {"call": 0, "late": 1, "reports": 1, "checks": 1, "step": 2}


@dataclass(frozen=True)
class Wait:
    """What waits. `on` is the day it was due, or has waited since; `subject_id` a report or a check."""

    kind: str
    on: date
    subject_id: int | None = None
    month: date | None = None
    purpose: str | None = None
    part: int | None = None

    @property
    def group(self) -> str:
        """call, reports, checks, late or step."""
        return GROUPS[self.kind]

    @property
    def urgency(self) -> tuple[int, date]:
        """Calls with a deadline come first, then what others wait for, then what nobody has planned."""
        return URGENCY[self.group], self.on


@dataclass(frozen=True)
class Standing:
    """Where a voucher stands today. `reported` are the first days of months with a living report.

    `care_on` is the day the municipality took over from a provider that had to stop.
    """

    state: str
    choose_by: date
    start_by: date | None = None
    started_on: date | None = None
    ended_on: date | None = None
    end_reason: str | None = None
    has_running: bool = False
    next_step_on: date | None = None
    reported: frozenset[date] = field(default_factory=frozenset)
    care_on: date | None = None


def waits(standing: Standing, terms: Terms, today: date) -> list[Wait]:
    """What somebody has to see to, but for reports and checks, which wait by themselves."""
    found = [*_choice(standing, terms, today), *_start(standing, today)]
    if standing.started_on is not None:
        found += _missing_reports(standing.started_on, standing, terms, today)
    step_on = standing.next_step_on if standing.state == "active" else None
    if step_on is not None and working_days_left(step_on, today) < -STEP_GRACE_WORKING_DAYS:
        found.append(Wait("next_step_passed", step_on))
    if standing.ended_on and _is_left_without(standing, standing.ended_on, today):
        found.append(Wait("decision_missing", standing.ended_on))
    return found


def _choice(standing: Standing, terms: Terms, today: date) -> list[Wait]:
    if standing.state != "choice_open":
        return []
    if standing.care_on is not None:
        return [Wait("take_over", standing.care_on)]
    if standing.choose_by < today:
        return [Wait("window_passed", standing.choose_by)]
    reminded = terms.choice_window_working_days - terms.reminder_working_day
    soon = working_days_left(standing.choose_by, today) <= reminded
    return [Wait("window_soon", standing.choose_by)] if soon else []


def _start(standing: Standing, today: date) -> list[Wait]:
    waiting = standing.state in ("chosen", "assigned", "received") and standing.start_by is not None
    if not waiting or standing.start_by is None or standing.start_by >= today:
        return []
    return [Wait("start_late", standing.start_by)]


def _missing_reports(started_on: date, standing: Standing, terms: Terms, today: date) -> list[Wait]:
    return [
        Wait("report_missing", due_on(month, terms), month=month)
        for month in months_to_report(started_on, standing.ended_on, today)
        if month not in standing.reported
        and due_on(month, terms) < today <= last_of_month(add_months(month, terms.report_latest_months))
    ]


def _is_left_without(standing: Standing, ended_on: date, today: date) -> bool:
    recent = ended_on >= today - timedelta(days=REMEMBERED_DAYS)
    over = standing.state == "ended" and not standing.has_running
    return recent and over and standing.end_reason in ENDS_WITHOUT_MORE
