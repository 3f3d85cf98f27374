"""All that a provider has to do, of every kind, by deadline: the week's list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.dates import add_months, add_working_days, first_of_month
from vouchers.models import Deviation, Leg, Report
from vouchers.queries import clock, workload
from vouchers.queries.following import due_follow_ups
from vouchers.queries.workload import Served, Task
from vouchers.queries.written import due_written
from vouchers.rules.contract import Countdown, to_do

ASKED_DAYS = 30
"""How long after its last day an absence that nobody told of is asked for."""
ABSENCE_MONTHS = 3
"""How many months back an absence that nobody told of is asked for."""


@dataclass(frozen=True)
class Week:
    """What there is to do, the most urgent first; all people at the provider; the months to report next; and
    how each requirement of the contract stands, by leg."""

    tasks: tuple[Task, ...]
    people: tuple[Served, ...]
    coming: tuple[Task, ...]
    clocks: Mapping[int, tuple[Countdown, ...]]


def due(
    session: Session,
    municipality_id: int,
    provider_id: int,
    today: date,
    *,
    viewer: Actor,
    leg_id: int | None = None,
) -> Week:
    """Everything a provider has to do, in a fixed number of queries; with `leg_id` for one person.

    What is to be done for somebody whom the viewer may not know is others' to do.
    """
    week = workload.week(session, municipality_id, provider_id, today, viewer=viewer, leg_id=leg_id)
    known = {person.leg_id: person for person in week.people if person.opens}
    clocks = clock.of_people(
        session, municipality_id, provider_id, list(known.values()), today, leg_id=leg_id
    )
    tasks = [
        *week.tasks,
        *_meetings(known, clocks, today),
        *_written(session, municipality_id, provider_id, known, today, leg_id),
        *_absences(session, municipality_id, provider_id, known, today, leg_id),
        *_follow_ups(session, municipality_id, provider_id, known, today, viewer),
    ]
    return Week(
        tasks=tuple(sorted(tasks, key=lambda task: (task.due_on, task.served.name, task.month or date.min))),
        people=week.people,
        coming=week.coming,
        clocks=clocks,
    )


def _meetings(
    known: Mapping[int, Served], clocks: Mapping[int, tuple[Countdown, ...]], today: date
) -> list[Task]:
    """One task a person, for all that the contract asks for soon; none in a pause."""
    tasks = []
    for leg_id, found in clocks.items():
        lacking = to_do(found)
        person = known[leg_id]
        if lacking and not any(span.days(today, today) for span in person.pauses):
            tasks.append(Task("meeting", person, lacking[0].last_on or today, countdowns=lacking))
    return tasks


def _written(
    session: Session,
    municipality_id: int,
    provider_id: int,
    known: Mapping[int, Served],
    today: date,
    leg_id: int | None,
) -> list[Task]:
    return [
        Task(one.kind, known[one.leg_id], one.due_on, is_back=one.report_id is not None)
        for one in due_written(session, municipality_id, provider_id, today, leg_id=leg_id)
        if one.leg_id in known
    ]


def _follow_ups(
    session: Session,
    municipality_id: int,
    provider_id: int,
    known: Mapping[int, Served],
    today: date,
    viewer: Actor,
) -> list[Task]:
    """The dated cases that are open and not answered."""
    return [
        Task("follow_up", known[one.leg_id], one.answer_by, about=one.check_id)
        for one in due_follow_ups(session, municipality_id, provider_id, today, viewer=viewer)
        if one.leg_id in known
    ]


def _absences(
    session: Session,
    municipality_id: int,
    provider_id: int,
    known: Mapping[int, Served],
    today: date,
    leg_id: int | None,
) -> list[Task]:
    """Months whose report says that time was missed, of which no absence has been told. Two queries.

    It may have been many short absences, which nobody asks for; so the task goes when its day has long gone.
    """
    since = add_months(first_of_month(today), -ABSENCE_MONTHS)
    only = [Leg.provider_id == provider_id, *([Leg.id == leg_id] if leg_id is not None else [])]
    reported = (
        select(
            Report.leg_id,
            Report.month,
            Report.submitted_on,
            (Report.booked_minutes - Report.activity_minutes).label("missed"),
        )
        .join(Leg, and_(Leg.municipality_id == Report.municipality_id, Leg.id == Report.leg_id))
        .where(
            Report.municipality_id == municipality_id,
            Report.month >= since,
            Report.state.in_(("submitted", "returned", "approved")),
            Report.booked_minutes > Report.activity_minutes,
            *only,
        )
    )
    deviations = (
        select(Deviation.leg_id, Deviation.happened_on)
        .join(Leg, and_(Leg.municipality_id == Deviation.municipality_id, Leg.id == Deviation.leg_id))
        .where(
            Deviation.municipality_id == municipality_id,
            Deviation.happened_on >= since,
            Deviation.state != "withdrawn",
            *only,
        )
    )
    told = {(row.leg_id, first_of_month(row.happened_on)) for row in session.execute(deviations)}
    tasks = []
    for row in session.execute(reported):
        person = known.get(row.leg_id)
        rules = person.terms.reports if person is not None else None
        if person is None or rules is None or (row.leg_id, row.month) in told:
            continue
        due_on = add_working_days(row.submitted_on, rules.deviation_days)
        if row.missed > rules.deviation_minutes and today <= due_on + timedelta(days=ASKED_DAYS):
            tasks.append(Task("absence", person, due_on, row.month))
    return tasks
