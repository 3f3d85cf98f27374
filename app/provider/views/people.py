"""The week, and one person: to answer, to start, to follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.provider.forms import StartForm
from app.provider.views.door import note_reading, own, portal, workplace
from app.timeline import tell
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import dates
from core.actor import Role
from payouts.queries.lines import lines_of_leg
from payouts.queries.worth import Value, Wish, whole_month, worth
from providers.queries.members import members
from vouchers import actions
from vouchers.queries import attendance, disclosure, planning, served, written
from vouchers.queries.due import due
from vouchers.queries.story import story
from vouchers.queries.terms import terms_of
from vouchers.queries.workload import Served, Task
from vouchers.rules.contract import STATES, Countdown, worst

GROUPS = {
    "answers": ("answer", "start"),
    "meetings": ("meeting",),
    "reports": ("report", "mend", "joint_plan", "informative", "final", "absence"),
    "results": ("claim", "follow_up"),
}
"""The kinds of task by what one sits down to do."""
PAID = {"answer": "month", "start": "month", "report": "fee", "mend": "fee", "claim": "result",
        "follow_up": "bonus"}  # fmt: skip
"""The kinds that unlock money, and what."""
PER_PAGE = 50
SORTS = {"name": None, "from": "started_on", "to": "ended_on"}


@dataclass(frozen=True)
class Row:
    """A task as the page shows it: its urgency (late, today, soon, later), and what it unlocks."""

    task: Task
    urgency: str
    values: tuple[Value, ...]

    @property
    def ore(self) -> int:
        """The sum of what it unlocks, in öre."""
        return sum(value.ore for value in self.values)

    @property
    def is_example(self) -> bool:
        """Whether any part of it is an amount nobody has published."""
        return any(value.status == "example" for value in self.values)


@portal.route("/")
@open_to(Role.COACH, Role.MANAGER)
def week() -> str:
    """What to do, the most urgent first, and what each thing is worth."""
    today = dates.today()
    with reading() as session:
        found = due(session, municipality_id(), workplace(), today, viewer=actor())
        rows = _rows(session, found.tasks, today)
    whose = "mine" if request.args.get("whose") == "mine" else "all"
    if whose == "mine":
        rows = [row for row in rows if row.task.served.coach_id == actor().account_id]
    counts = {group: sum(row.task.kind in kinds for row in rows) for group, kinds in GROUPS.items()}
    group = request.args.get("group")
    ended = request.args.get("show") == "ended"
    sort, direction = _sorting()
    people = _sorted([one for one in found.people if one.has_left(today) == ended], sort, direction)
    pages = max(1, -(-len(people) // PER_PAGE))
    page = min(max(request.args.get("page", 1, int), 1), pages)
    return render_template(
        "provider/week.html",
        today=today,
        rows=[row for row in rows if group not in GROUPS or row.task.kind in GROUPS[group]],
        all_rows=rows,
        counts=counts,
        group=group if group in GROUPS else None,
        whose=whose,
        coming=found.coming,
        is_manager=actor().has(Role.MANAGER),
        states=clock_states(found.clocks.values()),
        people=people[(page - 1) * PER_PAGE : page * PER_PAGE],
        count=len(people),
        ended=ended,
        page=page,
        pages=pages,
        sort=sort,
        direction=direction,
        to_do={row.task.served.leg_id for row in rows},
    )


def clock_states(clocks: Iterable[tuple[Countdown, ...]]) -> dict[str, int]:
    """How many people are in each state, by their worst requirement."""
    found = [worst(one) for one in clocks]
    return {state: found.count(state) for state in STATES}


def _sorting() -> tuple[str, str]:
    sort = request.args.get("sort", "name")
    return sort if sort in SORTS else "name", "desc" if request.args.get("dir") == "desc" else "asc"


def _sorted(people: list[Served], sort: str, direction: str) -> list[Served]:
    """By name as the query gives them, or by a day; those without one come last in both directions, and then
    those whom the reader may not know, whose place must not tell their name or day."""
    column = SORTS[sort]
    known, hidden = [one for one in people if one.opens], [one for one in people if not one.opens]
    if column is None:
        return (known[::-1] if direction == "desc" else known) + hidden
    dated = [person for person in known if getattr(person, column)]
    dated.sort(key=lambda person: getattr(person, column), reverse=direction == "desc")
    return dated + [person for person in known if not getattr(person, column)] + hidden


def _rows(session: Session, tasks: tuple[Task, ...], today: date) -> list[Row]:
    """The tasks with what they unlock; many unlock nothing, and are owed all the same."""
    wishes = [_wish(task, today) for task in tasks if task.kind in PAID]
    values = iter(worth(session, municipality_id(), wishes))
    return [Row(task, _urgency(task.due_on, today), _unlocked(task, values)) for task in tasks]


def _unlocked(task: Task, values: Iterator[tuple[Value, ...]]) -> tuple[Value, ...]:
    if task.kind not in PAID:
        return ()
    found = next(values)
    if task.kind == "follow_up":
        return tuple(value for value in found if value.cause == "bonus")
    return found


def _wish(task: Task, today: date) -> Wish:
    """What the task leads to: a month's fee, or a result with what follows from it."""
    person = task.served
    if PAID[task.kind] == "month" or person.started_on is None:
        return whole_month(
            person.rulebook_id, person.service, person.level, person.months, today, person.first_on
        )
    return Wish(
        rulebook_id=person.rulebook_id,
        service=person.service,
        level=person.level,
        months=person.months,
        first_on=person.first_on,
        started_on=person.started_on,
        ended_on=person.ended_on,
        month=task.month if PAID[task.kind] == "fee" else None,
        paused=person.pauses,
        began_on=person.ended_on or today,
    )


def _urgency(due_on: date, today: date) -> str:
    if due_on <= today:
        return "late" if due_on < today else "today"
    return "soon" if dates.working_days_left(due_on, today) <= 5 else "later"


@portal.route("/participants/<int:leg_id>")
@open_to(Role.COACH, Role.MANAGER)
def participant(leg_id: int) -> str:
    """One person: what to do, how it has gone, what has been paid, what has happened."""
    today = dates.today()
    with reading() as session:
        person = own(session, leg_id)
        found = due(session, municipality_id(), workplace(), today, viewer=actor(), leg_id=leg_id)
        context = {
            "person": person,
            "countdowns": found.clocks.get(leg_id, ()),
            "rows": _rows(session, found.tasks, today),
            "coming": found.coming,
            "month_values": _month_values(session, person, today),
            **_shared(session, person, today),
            "checks": served.checks(session, municipality_id(), leg_id),
            "lines": lines_of_leg(session, municipality_id(), person.voucher_id, leg_id),
            "colleagues": members(session, municipality_id(), person.provider_id),
            "may_name": actor().has(Role.MANAGER),
            "story": tell(session, municipality_id(), story(session, municipality_id(), leg_id)),
        }
    note_reading(person)
    return render_template("provider/participant.html", today=today, **context)


def _shared(session: Session, person: Served, today: date) -> dict[str, Any]:
    """What the provider may see of the person today, with the ground of each kind in `seen`."""
    here, leg_id = municipality_id(), person.leg_id
    seen = disclosure.seen_at(session, here, person, today)
    found = disclosure.found_last(session, here, person.participant_id) if "assessment" in seen else None
    offer = terms_of(session, here, found.rulebook_id).services[found.service] if found else None
    return {
        "seen": seen,
        "contact": served.contact(session, here, person, may_reach="contact" in seen),
        "reports": served.reports(session, here, leg_id) if "reports" in seen else [],
        "said_of": attendance.answers_of(session, here, leg_id) if "reports" in seen else {},
        "absences": len(attendance.absences(session, here, [leg_id])) if "reports" in seen else 0,
        "written": written.written_of(session, here, [leg_id]) if "reports" in seen else [],
        "outcomes": served.outcomes(session, here, leg_id) if "results" in seen else [],
        "plan": planning.shared(session, here, person.participant_id) if "plan" in seen else None,
        "assessed": found,
        "assessed_for": offer,
    }


def _month_values(session: Session, person: Served, today: date) -> tuple[Value, ...]:
    wish = whole_month(person.rulebook_id, person.service, person.level, person.months, today)
    return worth(session, municipality_id(), [wish])[0]


@portal.post("/participants/<int:leg_id>/accept")
@open_to(Role.COACH, Role.MANAGER)
def accept(leg_id: int) -> Response:
    """Say yes to somebody who has chosen the provider."""
    with writing() as session:
        person = own(session, leg_id)
        actions.accept(session, leg_id, by=actor(), today=dates.today())
    flash(
        _("Ni har tagit emot %(name)s. Registrera starten när personen har börjat.", name=person.name),
        "success",
    )
    return redirect(url_for("provider.participant", leg_id=leg_id))


@portal.route("/participants/<int:leg_id>/start", methods=["GET", "POST"])
@open_to(Role.COACH, Role.MANAGER)
def start(leg_id: int) -> tuple[str, int] | Response:
    """Register the day the service began."""
    today = dates.today()
    with reading() as session:
        person = own(session, leg_id)
        values = _month_values(session, person, today)
    form = StartForm(started_on=today)
    if form.validate_on_submit() and form.started_on.data:
        with refused(form):
            with writing() as session:
                actions.start(session, leg_id, form.started_on.data, by=actor(), today=today)
            flash(_("Starten är registrerad. Första rapporten lämnas när månaden är slut."), "success")
            return redirect(url_for("provider.participant", leg_id=leg_id))
    return shown("provider/start.html", form, person=person, values=values, today=today)
