"""Where every voucher stands, as the rules of waiting see it, and which people lack a next step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from core.actor import Account
from core.database import Rows
from core.dates import day_of
from providers.models import Provider
from vouchers.models import (
    Check,
    Leg,
    LegPlan,
    NoneSuits,
    Participant,
    Pause,
    PlanPart,
    Reminder,
    Report,
    Voucher,
)
from vouchers.queries.terms import terms_of
from vouchers.rules.choice import CHOOSE, answer_by
from vouchers.rules.pauses import Span
from vouchers.rules.terms import Terms
from vouchers.rules.waiting import REMEMBERED_DAYS, RUNNING, Standing, Wait, step_missing

Query: TypeAlias = Select[*tuple[Any, ...]]
Only: TypeAlias = Sequence[ColumnElement[bool]]
"""Which people, as conditions on `Participant`; none means all of the municipality."""

Guide = aliased(Account)
_later = aliased(Leg)


@dataclass(frozen=True)
class Facts:
    """A voucher with its person (`row`), and what waits for a judgement: reports, and checks that are due."""

    row: Any
    standing: Standing
    terms: Terms
    reports: tuple[Any, ...]
    checks: tuple[Any, ...]


def facts(session: Session, municipality_id: int, only: Only, today: date) -> list[Facts]:
    """Vouchers that run, ended lately, or wait for somebody. Six queries, and one a rulebook."""
    reports = _by_voucher(_reports_to_judge(session, municipality_id, only))
    checks = _by_voucher(_checks_due(session, municipality_id, only))
    told = _by_voucher(_told(session, municipality_id, only))
    cared = _by_voucher(_taken_over(session, municipality_id, only))
    paused = _by_voucher(_paused(session, municipality_id, only))
    rows = session.execute(_vouchers(municipality_id, only, today)).all()
    terms = {key: terms_of(session, municipality_id, key) for key in {row.rulebook_id for row in rows}}
    return [
        Facts(
            row=row,
            standing=Standing(
                state=row.state,
                choose_by=row.choose_by,
                start_by=row.start_by,
                started_on=row.started_on,
                ended_on=row.over_on,
                end_reason=row.end_reason,
                next_step_on=max((report.next_step_on for report in told.get(row.id, ())), default=None),
                reported=frozenset(r.month for r in told.get(row.id, ()) if r.leg_id == row.leg_id),
                care_on=next((one.on for one in cared.get(row.id, ()) if one.leg_id == row.leg_id), None),
                decided_on=row.decided_on,
                check_on=min((c.due_on for c in checks.get(row.id, ()) if c.due_on >= today), default=None),
                resumes_on=next(
                    (one.expected_on for one in paused.get(row.id, ()) if one.resumed_on is None), None
                ),
                paused=[Span(one.from_on, one.resumed_on) for one in paused.get(row.id, ())],
                none_suits_on=day_of(row.none_suits_at) if row.none_suits_at else None,
                is_reminded=row.is_reminded,
                answer_by=answer_by(row.chosen_on, terms[row.rulebook_id])
                if row.chosen_on and row.accepted_on is None
                else None,
            ),
            terms=terms[row.rulebook_id],
            reports=tuple(reports.get(row.id, ())),
            checks=tuple(check for check in checks.get(row.id, ()) if check.due_on <= today),
        )
        for row in rows
    ]


def missing_steps(
    session: Session, municipality_id: int, only: Only, found: Sequence[Facts], today: date
) -> tuple[dict[int, Wait], dict[int, date]]:
    """Who of them lacks a next step, at the voucher to say it at; and by person the last day of an undone
    part of the plan. One query."""
    rows = (
        select(PlanPart.participant_id, func.max(PlanPart.due_on).label("last_on"))
        .join(
            Participant,
            and_(
                Participant.municipality_id == PlanPart.municipality_id,
                Participant.id == PlanPart.participant_id,
            ),
        )
        .where(
            PlanPart.municipality_id == municipality_id,
            PlanPart.done_on.is_(None),
            PlanPart.removed_on.is_(None),
            *only,
        )
        .group_by(PlanPart.participant_id)
    )
    planned = {row.participant_id: row.last_on for row in session.execute(rows)}
    people: dict[int, list[Facts]] = {}
    for one in found:
        people.setdefault(one.row.participant_id, []).append(one)
    steps = {}
    for participant_id, own in people.items():
        standings = [(one.standing, one.terms) for one in own]
        if missing := step_missing(standings, planned.get(participant_id), today):
            said_at = max(own, key=lambda one: (one.standing.state in RUNNING, one.row.id))
            steps[said_at.row.id] = missing
    return steps, planned


def step_missing_of(
    session: Session, municipality_id: int, participant_id: int, today: date
) -> dict[int, Wait]:
    """That one person lacks a next step, at the voucher to say it at; empty for somebody who has one."""
    only = [Participant.id == participant_id]
    found = facts(session, municipality_id, only, today)
    return missing_steps(session, municipality_id, only, found, today)[0]


WHO = (
    Participant.id.label("participant_id"),
    Participant.given_name,
    Participant.family_name,
    Participant.phone,
    Participant.protection,
    Participant.guide_id,
    Guide.name.label("guide"),
)


def with_guide(query: Query) -> Query:
    return query.join(
        Guide,
        and_(Guide.municipality_id == Participant.municipality_id, Guide.id == Participant.guide_id),
    )


def _with_person(query: Query) -> Query:
    return query.join(
        Participant,
        and_(
            Participant.municipality_id == Voucher.municipality_id, Participant.id == Voucher.participant_id
        ),
    )


def _of_leg(query: Query, table: type[Report] | type[Check] | type[LegPlan]) -> Query:
    query = query.join(Leg, and_(Leg.municipality_id == table.municipality_id, Leg.id == table.leg_id))
    query = query.join(
        Voucher, and_(Voucher.municipality_id == Leg.municipality_id, Voucher.id == Leg.voucher_id)
    )
    return _with_person(query)


def _vouchers(municipality_id: int, only: Only, today: date) -> Query:
    """Running vouchers, those that ended lately, and older ones that still wait for somebody."""
    last = (
        select(func.max(_later.ordinal))
        .where(_later.municipality_id == municipality_id, _later.voucher_id == Voucher.id)
        .correlate(Voucher)
        .scalar_subquery()
    )
    of_voucher = and_(Leg.municipality_id == Voucher.municipality_id, Leg.voucher_id == Voucher.id)
    judged = (
        select(Report.id)
        .join(Leg, and_(Leg.municipality_id == Report.municipality_id, Leg.id == Report.leg_id))
        .where(of_voucher, Report.state == "submitted")
        .correlate(Voucher)
        .exists()
    )
    checked = (
        select(Check.id)
        .where(
            Check.municipality_id == Voucher.municipality_id,
            Check.voucher_id == Voucher.id,
            Check.state == "due",
        )
        .correlate(Voucher)
        .exists()
    )
    lately = and_(
        Voucher.state == "ended",
        or_(Voucher.ended_on >= today - timedelta(days=REMEMBERED_DAYS), judged, checked),
    )
    query: Query = select(
        Voucher.id,
        Voucher.rulebook_id,
        Voucher.service,
        Voucher.level,
        Voucher.state,
        Voucher.choose_by,
        Voucher.end_reason,
        Leg.id.label("leg_id"),
        Leg.start_by,
        Leg.started_on,
        Leg.chosen_on,
        Leg.accepted_on,
        none_suits_at(),
        _reminded(),
        Voucher.decided_on,
        func.coalesce(Leg.ended_on, Voucher.ended_on).label("over_on"),
        Provider.name.label("provider"),
        *WHO,
    )
    query = with_guide(_with_person(query.select_from(Voucher)))
    query = query.outerjoin(Leg, and_(of_voucher, Leg.ordinal == last, Leg.declined_on.is_(None)))
    query = query.outerjoin(
        Provider, and_(Provider.municipality_id == Leg.municipality_id, Provider.id == Leg.provider_id)
    )
    here = Voucher.municipality_id == municipality_id
    return query.where(here, *only, or_(Voucher.state.in_(RUNNING), lately)).order_by(Voucher.id)


def none_suits_at() -> Any:
    """When the person said that none suits, until somebody has followed it up."""
    rows = select(func.max(NoneSuits.said_at)).where(
        NoneSuits.municipality_id == Voucher.municipality_id,
        NoneSuits.voucher_id == Voucher.id,
        NoneSuits.followed_up_on.is_(None),
    )
    return rows.correlate(Voucher).scalar_subquery().label("none_suits_at")


def _reminded() -> Any:
    """Whether the person has been reminded of this window."""
    rows = select(Reminder.id).where(
        Reminder.municipality_id == Voucher.municipality_id,
        Reminder.voucher_id == Voucher.id,
        Reminder.kind == CHOOSE,
        Reminder.about_on == Voucher.choose_by,
    )
    return rows.correlate(Voucher).exists().label("is_reminded")


def _reports_to_judge(session: Session, municipality_id: int, only: Only) -> Rows:
    query = _of_leg(select(Leg.voucher_id, Report.id, Report.month, Report.submitted_on), Report)
    here = Report.municipality_id == municipality_id
    return session.execute(query.where(here, Report.state == "submitted", *only)).all()


def _checks_due(session: Session, municipality_id: int, only: Only) -> Rows:
    query = _of_leg(select(Check.voucher_id, Check.id, Check.due_on, Check.purpose, Check.part), Check)
    here = Check.municipality_id == municipality_id
    return session.execute(query.where(here, Check.state == "due", *only)).all()


def _told(session: Session, municipality_id: int, only: Only) -> Rows:
    """Months that have been told of, by vouchers that are not closed."""
    query = _of_leg(select(Leg.voucher_id, Report.leg_id, Report.month, Report.next_step_on), Report)
    living = Report.state.in_(("submitted", "returned", "approved"))
    open_ = Voucher.state.in_((*RUNNING, "ended"))
    return session.execute(query.where(Report.municipality_id == municipality_id, living, open_, *only)).all()


def _taken_over(session: Session, municipality_id: int, only: Only) -> Rows:
    """Legs whose person the municipality took over when the provider had to stop, and when."""
    query = _of_leg(select(Leg.voucher_id, LegPlan.leg_id, LegPlan.decided_on.label("on")), LegPlan)
    here = LegPlan.municipality_id == municipality_id
    open_ = Voucher.state == "choice_open"
    return session.execute(query.where(here, LegPlan.kind == "municipal_care", open_, *only)).all()


def _paused(session: Session, municipality_id: int, only: Only) -> Rows:
    """Pauses of vouchers that are not closed, with the day they are expected to end."""
    columns = (Pause.voucher_id, Pause.from_on, Pause.expected_on, Pause.resumed_on)
    query = select(*columns).join(
        Voucher, and_(Voucher.municipality_id == Pause.municipality_id, Voucher.id == Pause.voucher_id)
    )
    here = Pause.municipality_id == municipality_id
    open_ = Voucher.state.in_((*RUNNING, "ended"))
    return session.execute(_with_person(query).where(here, open_, *only)).all()


def _by_voucher(rows: Rows) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.voucher_id, []).append(row)
    return found
