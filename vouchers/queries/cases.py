"""The guides' cases: who waits for what, and who a name or a personal number belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeAlias

from sqlalchemy import Select, and_, func, null, or_, select
from sqlalchemy.orm import Session, aliased

from core import audit, identity
from core.actor import Account
from core.audit import AuditEntry
from core.database import Rows
from core.dates import day_of
from core.identity import Protection
from providers.models import Provider
from vouchers.models import Check, Leg, LegPlan, Participant, Report, Voucher
from vouchers.queries.terms import terms_of
from vouchers.rules.waiting import REMEMBERED_DAYS, Standing, Wait, waits

Query: TypeAlias = Select[*tuple[Any, ...]]

RUNNING = ("choice_open", "chosen", "assigned", "received", "active", "paused")
MOST_FOUND = 50

_Later = aliased(Leg)
Guide = aliased(Account)


@dataclass(frozen=True)
class Case:
    """A line in a guide's list. `name` is None for a protected person who is somebody else's to know.

    `voucher_id` is None for a person who has no decision yet. Where the name is hidden, so are the telephone
    number, and the provider, which tells where the person goes.
    """

    participant_id: int
    voucher_id: int | None
    name: str | None
    phone: str | None
    is_protected: bool
    guide_id: int
    guide: str
    rulebook_id: int | None
    service: str | None
    level: str | None
    state: str | None
    provider: str | None
    waits: tuple[Wait, ...]


def may_know(viewer_id: int, guide_id: int, protection: str) -> bool:
    """Whether that account may know who the person is. Of a protected person only the own guide may."""
    return protection == Protection.NONE.value or viewer_id == guide_id


def caseload(
    session: Session, municipality_id: int, *, viewer_id: int, guide_id: int | None, today: date
) -> list[Case]:
    """The open cases of a guide (None: of all), what is due first on top. Seven queries, one a rulebook."""
    mine = [Participant.guide_id == guide_id] if guide_id else []
    reports = _by_voucher(_reports_to_judge(session, municipality_id, mine))
    checks = _by_voucher(_checks_due(session, municipality_id, mine, today))
    told = _by_voucher(_told(session, municipality_id, mine))
    cared = _by_voucher(_taken_over(session, municipality_id, mine))
    rows = session.execute(_vouchers(municipality_id, mine, today)).all()
    running = {row.participant_id for row in rows if row.state in RUNNING}
    terms = {key: terms_of(session, municipality_id, key) for key in {row.rulebook_id for row in rows}}
    cases = []
    for row in rows:
        standing = Standing(
            state=row.state,
            choose_by=row.choose_by,
            start_by=row.start_by,
            started_on=row.started_on,
            ended_on=row.leg_ended_on,
            end_reason=row.end_reason,
            has_running=row.participant_id in running,
            next_step_on=max((report.next_step_on for report in told.get(row.id, ())), default=None),
            reported=frozenset(r.month for r in told.get(row.id, ()) if r.leg_id == row.leg_id),
            care_on=next((one.on for one in cared.get(row.id, ()) if one.leg_id == row.leg_id), None),
        )
        found = [
            *waits(standing, terms[row.rulebook_id], today),
            *(Wait("report_to_judge", r.submitted_on, r.id, r.month) for r in reports.get(row.id, ())),
            *(Wait("check_due", c.due_on, c.id, None, c.purpose, c.part) for c in checks.get(row.id, ())),
        ]
        cases.append(_case(row, viewer_id, tuple(sorted(found, key=lambda wait: wait.urgency))))
    cases += [
        _case(row, viewer_id, (Wait("decision_missing", day_of(row.at) if row.at else today),))
        for row in session.execute(_without_decision(municipality_id, mine))
    ]
    return sorted(cases, key=by_due)


def by_due(case: Case) -> tuple[bool, tuple[int, date], str]:
    """What is most urgent first, then what has waited longest; the calm ones last, by name."""
    urgency = case.waits[0].urgency if case.waits else (0, date.max)
    return not case.waits, urgency, (case.name or "~").casefold()


def _case(row: Any, viewer_id: int, found: tuple[Wait, ...]) -> Case:
    known = may_know(viewer_id, row.guide_id, row.protection)
    return Case(
        participant_id=row.participant_id,
        voucher_id=row.id,
        name=f"{row.given_name} {row.family_name}" if known else None,
        phone=row.phone if known else None,
        is_protected=row.protection != Protection.NONE.value,
        guide_id=row.guide_id,
        guide=row.guide,
        rulebook_id=row.rulebook_id,
        service=row.service,
        level=row.level,
        state=row.state,
        provider=row.provider if known else None,
        waits=found,
    )


_WHO = (
    Participant.id.label("participant_id"),
    Participant.given_name,
    Participant.family_name,
    Participant.phone,
    Participant.protection,
    Participant.guide_id,
    Guide.name.label("guide"),
)


def _with_guide(query: Query) -> Query:
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


def _vouchers(municipality_id: int, mine: list[Any], today: date) -> Query:
    """Running vouchers, those that ended lately, and older ones that still wait for somebody."""
    last = (
        select(func.max(_Later.ordinal))
        .where(_Later.municipality_id == municipality_id, _Later.voucher_id == Voucher.id)
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
        Leg.ended_on.label("leg_ended_on"),
        Provider.name.label("provider"),
        *_WHO,
    )
    query = _with_guide(_with_person(query.select_from(Voucher)))
    query = query.outerjoin(Leg, and_(of_voucher, Leg.ordinal == last, Leg.declined_on.is_(None)))
    query = query.outerjoin(
        Provider, and_(Provider.municipality_id == Leg.municipality_id, Provider.id == Leg.provider_id)
    )
    here = Voucher.municipality_id == municipality_id
    return query.where(here, *mine, or_(Voucher.state.in_(RUNNING), lately)).order_by(Voucher.id)


def _reports_to_judge(session: Session, municipality_id: int, mine: list[Any]) -> Rows:
    query = _of_leg(select(Leg.voucher_id, Report.id, Report.month, Report.submitted_on), Report)
    here = Report.municipality_id == municipality_id
    return session.execute(query.where(here, Report.state == "submitted", *mine)).all()


def _checks_due(session: Session, municipality_id: int, mine: list[Any], today: date) -> Rows:
    query = _of_leg(select(Check.voucher_id, Check.id, Check.due_on, Check.purpose, Check.part), Check)
    here = Check.municipality_id == municipality_id
    return session.execute(query.where(here, Check.state == "due", Check.due_on <= today, *mine)).all()


def _told(session: Session, municipality_id: int, mine: list[Any]) -> Rows:
    """Months that have been told of, by vouchers that are not closed."""
    query = _of_leg(select(Leg.voucher_id, Report.leg_id, Report.month, Report.next_step_on), Report)
    living = Report.state.in_(("submitted", "returned", "approved"))
    open_ = Voucher.state.in_((*RUNNING, "ended"))
    return session.execute(query.where(Report.municipality_id == municipality_id, living, open_, *mine)).all()


def _taken_over(session: Session, municipality_id: int, mine: list[Any]) -> Rows:
    """Legs whose person the municipality took over when the provider had to stop, and when."""
    query = _of_leg(select(Leg.voucher_id, LegPlan.leg_id, LegPlan.decided_on.label("on")), LegPlan)
    here = LegPlan.municipality_id == municipality_id
    open_ = Voucher.state == "choice_open"
    return session.execute(query.where(here, LegPlan.kind == "municipal_care", open_, *mine)).all()


def taken_over_on(session: Session, municipality_id: int, leg_id: int) -> date | None:
    """The day the municipality took over the person of that leg, if it did."""
    here = LegPlan.municipality_id == municipality_id
    rows = select(LegPlan.decided_on).where(here, LegPlan.leg_id == leg_id, LegPlan.kind == "municipal_care")
    return session.scalars(rows).first()


def _without_decision(municipality_id: int, mine: list[Any]) -> Query:
    """People with no voucher at all, and when they were registered."""
    decided = (
        select(Voucher.id)
        .where(
            Voucher.municipality_id == Participant.municipality_id, Voucher.participant_id == Participant.id
        )
        .correlate(Participant)
        .exists()
    )
    nothing = (null().label(name) for name in ("id", "rulebook_id", "service", "level", "state", "provider"))
    query = _with_guide(select(AuditEntry.at, *nothing, *_WHO).select_from(Participant)).outerjoin(
        AuditEntry,
        and_(
            AuditEntry.municipality_id == Participant.municipality_id,
            AuditEntry.subject_kind == Participant.__tablename__,
            AuditEntry.subject_id == Participant.id,
            AuditEntry.what == "participant.registered",
        ),
    )
    return query.where(Participant.municipality_id == municipality_id, ~decided, *mine)


def _by_voucher(rows: Rows) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.voucher_id, []).append(row)
    return found


# ── finding somebody ─────────────────────────────────────────────────────────────────────────────


def by_number(session: Session, municipality_id: int, text: str, *, today: date) -> Any | None:
    """(participant_id, guide_id, protection, voucher_id) of that personal number, or None. Raises Refusal."""
    digits = identity.normalised(text, today=today)
    fingerprint = identity.vault(session).fingerprint(municipality_id, digits)
    query = _found(municipality_id).where(Participant.identity_fingerprint == fingerprint)
    return session.execute(query).one_or_none()


def by_name(session: Session, municipality_id: int, text: str, *, viewer_id: int) -> Rows:
    """Up to 50 people whose name has all the words, protected ones only for their own guide."""
    query = _found(municipality_id).where(
        or_(Participant.protection == Protection.NONE.value, Participant.guide_id == viewer_id)
    )
    for word in text.split()[:5]:
        # SQLite knows upper and lower case of a to z only; the written forms stand in for the rest.
        forms = {word, word.lower(), word.capitalize(), word.upper()}
        name = (Participant.given_name, Participant.family_name)
        query = query.where(
            or_(*(column.icontains(form, autoescape=True) for form in forms for column in name))
        )
    order = (Participant.family_name, Participant.given_name)
    return session.execute(query.order_by(*order).limit(MOST_FOUND)).all()


def _found(municipality_id: int) -> Query:
    latest = (
        select(func.max(Voucher.id))
        .where(Voucher.municipality_id == municipality_id, Voucher.participant_id == Participant.id)
        .correlate(Participant)
        .scalar_subquery()
        .label("voucher_id")
    )
    query = _with_guide(select(*_WHO, latest).select_from(Participant))
    return query.where(Participant.municipality_id == municipality_id)


def read_of(participant_id: int) -> audit.Subject:
    """The subject of an entry that says that somebody has read about the person."""
    return audit.Subject(Participant.__tablename__, participant_id)
