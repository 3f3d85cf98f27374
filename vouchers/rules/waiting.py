"""What a case waits for, and since or until when: a guide's day is made of this. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from core.dates import add_months, last_of_month
from vouchers.rules.choice import is_to_be_reminded
from vouchers.rules.pauses import Span
from vouchers.rules.plan import Known, counted_from, lacks
from vouchers.rules.reporting import due_on, months_to_report
from vouchers.rules.terms import Terms

GROUPS = {
    "none_suits": "call",
    "take_over": "call",
    "message_to_answer": "call",
    "window_passed": "call",
    "window_soon": "call",
    "reminded": "call",
    "report_to_judge": "reports",
    "written_to_judge": "reports",
    "check_due": "checks",
    "override_over": "checks",
    "contest_to_judge": "attendance",
    "deviation_to_judge": "attendance",
    "answer_late": "late",
    "start_late": "late",
    "report_missing": "late",
    "next_step_missing": "step",
    "decision_missing": "step",
}
ENDS_WITHOUT_MORE = ("next_step", "interrupted", "time_out")
RUNNING = ("choice_open", "chosen", "assigned", "received", "active", "paused")
REMEMBERED_DAYS = 92
URGENCY = {"call": 0, "late": 1, "reports": 1, "attendance": 1, "checks": 1, "step": 2}


@dataclass(frozen=True)
class Wait:
    """What waits. `on` is the day it was due, or has waited since; `subject_id` what it is about; `purpose`
    a check's, or the kind of a written report."""

    kind: str
    on: date
    subject_id: int | None = None
    month: date | None = None
    purpose: str | None = None
    part: int | None = None

    @property
    def group(self) -> str:
        """call, reports, attendance, checks, late or step."""
        return GROUPS[self.kind]

    @property
    def urgency(self) -> tuple[int, date]:
        """An answer that none suits comes first: until somebody calls, nothing happens. Then calls with a
        deadline, then what others wait for, then what nobody has planned."""
        return (-1 if self.kind == "none_suits" else URGENCY[self.group]), self.on


@dataclass(frozen=True)
class Standing:
    """Where a voucher stands today. `reported` are the first days of months with a living report.

    `care_on` is the day the municipality took over from a provider that had to stop. `next_step_on` is the
    latest that a provider has told of, `check_on` the next day the municipality looks at a result, and
    `resumes_on` when a pause is expected to end. `none_suits_on` is when the person said that none suits,
    until it is followed up; `is_reminded` that the person has been told that the window closes; `answer_by`
    the provider's last day to answer, None when it has.
    """

    state: str
    choose_by: date
    start_by: date | None = None
    started_on: date | None = None
    ended_on: date | None = None
    end_reason: str | None = None
    next_step_on: date | None = None
    reported: frozenset[date] = field(default_factory=frozenset)
    care_on: date | None = None
    decided_on: date | None = None
    check_on: date | None = None
    resumes_on: date | None = None
    none_suits_on: date | None = None
    is_reminded: bool = False
    answer_by: date | None = None
    paused: Sequence[Span] = ()


def waits(standing: Standing, terms: Terms, today: date) -> list[Wait]:
    """What somebody has to see to, but for reports, checks and next steps, which wait by themselves."""
    found = [*_choice(standing, terms, today), *_start(standing, today)]
    if standing.started_on is not None:
        found += _missing_reports(standing.started_on, standing, terms, today)
    return found


def step_missing(
    standings: Sequence[tuple[Standing, Terms]], planned_on: date | None, today: date
) -> Wait | None:
    """That a person has no next step, and since when; None for somebody who has one, or needs none.

    `standings` are the person's vouchers that run or ended lately, `planned_on` the last day of an undone
    part of the plan. What runs needs a step; where nothing runs, so does the one that ended last, if it ended
    without result.
    """
    waiting = [one for one in need_step([standing for standing, _ in standings]) if _is_recent(one, today)]
    if not waiting:
        return None
    known = [Known(planned_on, planned_on)] if planned_on else []
    known += [step for standing, terms in standings for step in _known(standing, terms)]
    missing = lacks(known, max(_latest(one) for one in waiting), today)
    kind = "next_step_missing" if waiting[0].state in RUNNING else "decision_missing"
    return Wait(kind, missing) if missing else None


def need_step(standings: Iterable[Standing]) -> list[Standing]:
    """The vouchers that must lead on: those that run; where none does, the last one if it ended without
    result. Empty when nothing more is to come."""
    every = list(standings)
    running = [one for one in every if one.state in RUNNING]
    if running:
        return running
    last = max((one for one in every if one.state == "ended"), key=_latest, default=None)
    return [last] if last and last.end_reason in ENDS_WITHOUT_MORE else []


def _is_recent(standing: Standing, today: date) -> bool:
    return standing.state in RUNNING or _latest(standing) >= today - timedelta(days=REMEMBERED_DAYS)


def _known(standing: Standing, terms: Terms) -> list[Known]:
    """The steps that one voucher gives by itself."""
    days: list[date | None] = [standing.check_on]
    counted: list[date | None] = []
    if standing.state == "choice_open":
        days.append(standing.choose_by)
    elif standing.state in ("chosen", "assigned", "received"):
        days.append(standing.start_by)
    elif standing.state == "active":
        counted += [standing.started_on, standing.next_step_on]
    elif standing.state == "paused":
        days.append(standing.resumes_on)
    return [
        *(Known(day, day) for day in days if day),
        *(counted_from(day, terms.next_step) for day in counted if day),
    ]


def _latest(standing: Standing) -> date:
    """The last day on which something happened that should have led to a next step."""
    days = (standing.decided_on, standing.started_on, standing.ended_on, standing.care_on)
    return max((day for day in days if day), default=standing.choose_by)


def _choice(standing: Standing, terms: Terms, today: date) -> list[Wait]:
    if standing.state != "choice_open":
        return []
    if standing.none_suits_on is not None:
        return [Wait("none_suits", standing.none_suits_on)]
    if standing.care_on is not None:
        return [Wait("take_over", standing.care_on)]
    if standing.choose_by < today:
        return [Wait("window_passed", standing.choose_by)]
    if not is_to_be_reminded(standing.choose_by, terms, today):
        return []
    return [Wait("reminded" if standing.is_reminded else "window_soon", standing.choose_by)]


def _start(standing: Standing, today: date) -> list[Wait]:
    if standing.state not in ("chosen", "assigned", "received"):
        return []
    if standing.answer_by is not None and standing.answer_by < today:
        return [Wait("answer_late", standing.answer_by)]
    if standing.start_by is None or standing.start_by >= today:
        return []
    return [Wait("start_late", standing.start_by)]


def _missing_reports(started_on: date, standing: Standing, terms: Terms, today: date) -> list[Wait]:
    return [
        Wait("report_missing", due_on(month, terms), month=month)
        for month in months_to_report(started_on, standing.ended_on, today, standing.paused)
        if month not in standing.reported
        and due_on(month, terms) < today <= last_of_month(add_months(month, terms.report_latest_months))
    ]
