"""The guides' cases: who waits for what, and who a name or a personal number belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, func, null, or_, select
from sqlalchemy.orm import Session

from core import audit, identity
from core.audit import AuditEntry
from core.database import Rows
from core.dates import day_of
from core.identity import Protection
from vouchers.models import LegPlan, Participant, Voucher
from vouchers.queries.contests import to_judge
from vouchers.queries.messages import to_answer
from vouchers.queries.proof import over
from vouchers.queries.standings import WHO, Query, facts, missing_steps, with_guide
from vouchers.queries.written import to_judge as to_judge_written
from vouchers.rules import waiting
from vouchers.rules.plan import Known, lacks
from vouchers.rules.secrecy import may_know
from vouchers.rules.waiting import Wait, waits
from vouchers.rules.writing import MessageTerms, answer_by

RUNNING = waiting.RUNNING
MOST_FOUND = 50


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


def caseload(
    session: Session, municipality_id: int, *, viewer_id: int, guide_id: int | None, today: date
) -> list[Case]:
    """The open cases of a guide (None: of all), the most urgent on top. Fourteen queries, one a rulebook."""
    mine = [Participant.guide_id == guide_id] if guide_id else []
    found = facts(session, municipality_id, mine, today)
    steps, planned = missing_steps(session, municipality_id, mine, found, today)
    letters = to_answer(session, municipality_id, mine)
    written = to_judge_written(session, municipality_id, mine)
    attended = to_judge(session, municipality_id, mine)
    overridden = over(session, municipality_id, mine, today)
    cases = []
    for one in found:
        found_waits = [
            *waits(one.standing, one.terms, today),
            *(Wait("report_to_judge", r.submitted_on, r.id, r.month) for r in one.reports),
            *attended.get(one.row.id, ()),
            *overridden.get(one.row.id, ()),
            *written.get(one.row.id, ()),
            *(Wait("check_due", c.due_on, c.id, None, c.purpose, c.part) for c in one.checks),
            *([steps[one.row.id]] if one.row.id in steps else []),
            *_message(letters.pop(one.row.participant_id, None), one.terms.messages),
        ]
        cases.append(_case(one.row, viewer_id, tuple(sorted(found_waits, key=lambda wait: wait.urgency))))
    for row in session.execute(_without_decision(municipality_id, mine)):
        since, step_on = day_of(row.at) if row.at else today, planned.get(row.participant_id)
        missing = lacks([Known(step_on, step_on)] if step_on else [], since, today)
        message = _message(letters.pop(row.participant_id, None), MessageTerms())
        decision = [Wait("decision_missing", missing)] if missing else []
        cases.append(_case(row, viewer_id, (*message, *decision)))
    cases += [
        _case(row, viewer_id, tuple(_message(letters[row.participant_id], MessageTerms())))
        for row in (session.execute(_by_id(municipality_id, list(letters))) if letters else ())
    ]
    return sorted(cases, key=by_due)


def by_due(case: Case) -> tuple[bool, tuple[int, date], str]:
    """What is most urgent first, then what has waited longest; the calm ones last, by name."""
    urgency = case.waits[0].urgency if case.waits else (0, date.max)
    return not case.waits, urgency, (case.name or "~").casefold()


def _message(written_on: date | None, terms: MessageTerms) -> list[Wait]:
    return [Wait("message_to_answer", answer_by(written_on, terms))] if written_on else []


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
    query = with_guide(select(AuditEntry.at, *_nothing(), *WHO).select_from(Participant)).outerjoin(
        AuditEntry,
        and_(
            AuditEntry.municipality_id == Participant.municipality_id,
            AuditEntry.subject_kind == Participant.__tablename__,
            AuditEntry.subject_id == Participant.id,
            AuditEntry.what == "participant.registered",
        ),
    )
    return query.where(Participant.municipality_id == municipality_id, ~decided, *mine)


def _by_id(municipality_id: int, ids: list[int]) -> Query:
    """People who wait for an answer long after their vouchers ended."""
    query = with_guide(select(*_nothing(), *WHO).select_from(Participant))
    return query.where(Participant.municipality_id == municipality_id, Participant.id.in_(ids))


def _nothing() -> list[Any]:
    return [null().label(name) for name in ("id", "rulebook_id", "service", "level", "state", "provider")]


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
    query = with_guide(select(*WHO, latest).select_from(Participant))
    return query.where(Participant.municipality_id == municipality_id)


def read_of(participant_id: int) -> audit.Subject:
    """The subject of an entry that says that somebody has read about the person."""
    return audit.Subject(Participant.__tablename__, participant_id)
