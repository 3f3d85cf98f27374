"""What a provider has to do, and for whom: its people, and every task with its day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased, load_only

from core.actor import Actor, Role
from core.dates import add_months
from core.refusal import Missing, Refusal
from vouchers.models import Leg, Outcome, Participant, Pause, Report, Voucher
from vouchers.queries.terms import terms_of
from vouchers.rules import choice, reporting, states
from vouchers.rules.contract import Countdown
from vouchers.rules.pauses import Span
from vouchers.rules.secrecy import provider_may_know
from vouchers.rules.terms import Service, Terms

MONTHS_BACK = 37  # one more than any rulebook may let a report wait


@dataclass(frozen=True)
class Served:
    """A leg as its own provider sees it, with the rules it stands under.

    `name` is empty where `opens` is False: for a protected person whom somebody else there works with.
    `ended_on` may lie ahead, for one who leaves on notice; `elsewhere_to` is the last day with the provider
    before; `back_on` when the pause that lasts is thought to end.
    """

    leg_id: int
    voucher_id: int
    participant_id: int
    provider_id: int
    guide_id: int
    name: str
    is_protected: bool
    opens: bool
    coach_id: int | None
    state: str
    rulebook_id: int
    service: str
    level: str
    months: int
    how: str
    chosen_on: date
    start_by: date
    accepted_on: date | None
    first_on: date | None
    started_on: date | None
    ended_on: date | None
    end_reason: str | None
    terms: Terms
    elsewhere_to: date | None = None
    pauses: tuple[Span, ...] = ()
    back_on: date | None = None

    def has_left(self, today: date) -> bool:
        """Whether the last day here has passed, or nothing began."""
        return self.ended_on is not None and (self.started_on is None or self.ended_on < today)

    @property
    def paused_from(self) -> date | None:
        """The first day of the pause that lasts."""
        return next((span.from_on for span in self.pauses if span.to_on is None), None)

    @property
    def answer_by(self) -> date:
        """The last day to say yes or no to the person."""
        return min(choice.answer_by(self.chosen_on, self.terms), self.start_by)

    @property
    def offer(self) -> Service:
        """The service, with its words."""
        return self.terms.services[self.service]


@dataclass(frozen=True)
class Task:
    """One thing to do, late after `due_on`.

    `kind` is answer, start, report, mend (a returned report) or claim (a result); and from
    `vouchers.queries.due` meeting (with `countdowns`), absence (to tell of in `month`), joint_plan,
    informative, final and follow_up (`about` is the check). `is_back`: a written report to be mended.
    """

    kind: str
    served: Served
    due_on: date
    month: date | None = None
    about: int | None = None
    is_back: bool = False
    countdowns: tuple[Countdown, ...] = ()


@dataclass(frozen=True)
class Week:
    """What there is to do, the most urgent first; all people at the provider; the months to report next."""

    tasks: tuple[Task, ...]
    people: tuple[Served, ...]
    coming: tuple[Task, ...] = field(default=())


def served(
    session: Session,
    municipality_id: int,
    provider_id: int,
    *,
    viewer: Actor,
    since: date,
    leg_id: int | None = None,
) -> list[Served]:
    """A provider's people by name: those who chose it, go there, or ended on `since` or later.

    Those whom the viewer may not know come last, without a name.
    """
    earlier = aliased(Leg)
    first_on = (
        select(func.min(earlier.started_on))
        .where(earlier.municipality_id == Leg.municipality_id, earlier.voucher_id == Leg.voucher_id)
        .correlate(Leg)
        .scalar_subquery()
    )
    elsewhere_to = (
        select(func.max(earlier.ended_on))
        .where(
            earlier.municipality_id == Leg.municipality_id,
            earlier.voucher_id == Leg.voucher_id,
            earlier.ordinal < Leg.ordinal,
            earlier.started_on.is_not(None),
        )
        .correlate(Leg)
        .scalar_subquery()
    )
    rows = (
        select(Leg, Voucher, Participant, first_on.label("first_on"), elsewhere_to.label("elsewhere_to"))
        .join(Voucher, (Voucher.municipality_id == Leg.municipality_id) & (Voucher.id == Leg.voucher_id))
        .join(
            Participant,
            (Participant.municipality_id == Voucher.municipality_id)
            & (Participant.id == Voucher.participant_id),
        )
        .where(
            Leg.municipality_id == municipality_id,
            Leg.provider_id == provider_id,
            Leg.declined_on.is_(None),
            Voucher.state.not_in(("revoked", "lapsed")),
        )
        .options(
            load_only(
                Participant.given_name,
                Participant.family_name,
                Participant.protection,
                Participant.guide_id,
                raiseload=True,
            )
        )
        .order_by(Participant.family_name, Participant.given_name, Leg.id)
    )
    if leg_id is None:
        rows = rows.where(Leg.ended_on.is_(None) | (Leg.ended_on >= since))
    else:
        rows = rows.where(Leg.id == leg_id)
    found = session.execute(rows).all()
    books = {row.Voucher.rulebook_id for row in found}
    terms = {rulebook_id: terms_of(session, municipality_id, rulebook_id) for rulebook_id in books}
    paused = _paused(session, municipality_id, provider_id, leg_id)
    people = [
        _served(viewer, terms[row.Voucher.rulebook_id], paused.get(row.Leg.id, []), *row) for row in found
    ]
    return sorted(people, key=lambda person: (not person.opens, 0 if person.opens else person.leg_id))


def _served(
    viewer: Actor,
    terms: Terms,
    paused: list[Pause],
    leg: Leg,
    voucher: Voucher,
    participant: Participant,
    first_on: date | None,
    elsewhere_to: date | None,
) -> Served:
    opens = provider_may_know(
        viewer.account_id,
        is_manager=viewer.has(Role.MANAGER),
        coach_id=leg.coach_id,
        protection=participant.protection,
    )
    return Served(
        leg_id=leg.id,
        voucher_id=voucher.id,
        participant_id=participant.id,
        provider_id=leg.provider_id,
        guide_id=participant.guide_id,
        name=participant.name if opens else "",
        is_protected=participant.is_protected,
        opens=opens,
        coach_id=leg.coach_id,
        state=voucher.state,
        rulebook_id=voucher.rulebook_id,
        service=voucher.service,
        level=voucher.level,
        months=voucher.months,
        how=leg.how,
        chosen_on=leg.chosen_on,
        start_by=leg.start_by,
        accepted_on=leg.accepted_on,
        first_on=first_on,
        started_on=leg.started_on,
        ended_on=leg.ended_on,
        end_reason=leg.end_reason,
        terms=terms,
        elsewhere_to=elsewhere_to,
        pauses=tuple(Span(pause.from_on, pause.resumed_on) for pause in paused),
        back_on=next((pause.expected_on for pause in paused if pause.resumed_on is None), None),
    )


def own(
    session: Session, municipality_id: int, provider_id: int | None, leg_id: int, *, viewer: Actor
) -> Served:
    """One of the provider's own people. To everybody else it is as if the leg were not there: Missing."""
    if provider_id is None:
        raise Missing()
    found = served(session, municipality_id, provider_id, viewer=viewer, since=date.min, leg_id=leg_id)
    if not found:
        raise Missing()
    return found[0]


def week(
    session: Session,
    municipality_id: int,
    provider_id: int,
    today: date,
    *,
    viewer: Actor,
    leg_id: int | None = None,
) -> Week:
    """Everything a provider has to do, in four queries; with `leg_id` for one person.

    What is to be done for somebody whom the viewer may not know is others' to do.
    """
    since = add_months(today, -MONTHS_BACK)
    people = served(session, municipality_id, provider_id, viewer=viewer, since=since, leg_id=leg_id)
    known = [person for person in people if person.opens]
    told = _told(session, municipality_id, provider_id, since, leg_id)
    claimed = _claimed(session, municipality_id, provider_id)
    tasks = [
        task
        for person in known
        for task in tasks_for(person, told.get(person.leg_id, {}), person.voucher_id in claimed, today)
    ]
    coming = [task for person in known if (task := next_report(person, today))]
    return Week(
        tasks=tuple(sorted(tasks, key=lambda task: (task.due_on, task.served.name, task.month or date.min))),
        people=tuple(people),
        coming=tuple(sorted(coming, key=lambda task: (task.due_on, task.served.name))),
    )


def tasks_for(person: Served, told: dict[date, str], has_claimed: bool, today: date) -> list[Task]:
    """What there is to do for one person; `told` is each month's living report and its state."""
    terms = person.terms
    if person.started_on is None:
        if person.ended_on is not None:
            return []
        if person.accepted_on is None and states.voucher.can(person.state, "accept"):
            return [Task("answer", person, person.answer_by)]
        return [Task("start", person, person.start_by)] if states.voucher.can(person.state, "start") else []
    tasks = []
    for month in reporting.months_to_report(person.started_on, person.ended_on, today, person.pauses):
        state = told.get(month)
        if state in (None, "draft", "returned") and refusal_to_report(person, month, today) is None:
            kind = "mend" if state == "returned" else "report"
            tasks.append(Task(kind, person, reporting.due_on(month, terms), month))
    if person.ended_on is not None and person.end_reason in person.offer.outcomes and not has_claimed:
        tasks.append(Task("claim", person, person.ended_on + timedelta(days=terms.claim_within_days)))
    return tasks


def next_report(person: Served, today: date) -> Task | None:
    """The month that is running, to be reported when it is over."""
    if person.started_on is None or person.ended_on is not None or person.started_on > today:
        return None
    month = today.replace(day=1)
    if month in reporting.months_to_report(person.started_on, None, today):
        return None
    return Task("report", person, reporting.due_on(month, person.terms), month)


def refusal_to_report(person: Served, month: date, today: date) -> Refusal | None:
    """Why that month cannot be reported, or None when it can."""
    try:
        reporting.may_report(
            month=month,
            started_on=person.started_on,
            ended_on=person.ended_on,
            terms=person.terms,
            today=today,
        )
    except Refusal as refusal:
        return refusal
    return None


def _paused(
    session: Session, municipality_id: int, provider_id: int, leg_id: int | None
) -> dict[int, list[Pause]]:
    rows = (
        select(Pause)
        .join(Leg, (Leg.municipality_id == Pause.municipality_id) & (Leg.id == Pause.leg_id))
        .where(Pause.municipality_id == municipality_id, Leg.provider_id == provider_id)
        .order_by(Pause.from_on, Pause.id)
    )
    found: dict[int, list[Pause]] = {}
    for pause in session.scalars(rows if leg_id is None else rows.where(Leg.id == leg_id)):
        found.setdefault(pause.leg_id, []).append(pause)
    return found


def _told(
    session: Session, municipality_id: int, provider_id: int, since: date, leg_id: int | None
) -> dict[int, dict[date, str]]:
    rows = (
        select(Report.leg_id, Report.month, Report.state)
        .join(Leg, (Leg.municipality_id == Report.municipality_id) & (Leg.id == Report.leg_id))
        .where(
            Report.municipality_id == municipality_id,
            Leg.provider_id == provider_id,
            Report.state != "withdrawn",
            Report.month >= since,
        )
    )
    told: dict[int, dict[date, str]] = {}
    for row in session.execute(rows if leg_id is None else rows.where(Leg.id == leg_id)):
        told.setdefault(row.leg_id, {})[row.month] = row.state
    return told


def _claimed(session: Session, municipality_id: int, provider_id: int) -> set[int]:
    """Vouchers of the provider's people with a claimed outcome, whoever claimed it, also a refused one."""
    rows = (
        select(Outcome.voucher_id)
        .join(
            Leg,
            (Leg.municipality_id == Outcome.municipality_id) & (Leg.voucher_id == Outcome.voucher_id),
        )
        .where(
            Outcome.municipality_id == municipality_id,
            Leg.provider_id == provider_id,
            Outcome.state != "withdrawn",
        )
    )
    return set(session.scalars(rows))
