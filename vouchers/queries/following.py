"""The cases that open later on: which wait for a provider's answer, and which for staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from core.actor import Account, Actor, Role
from core.refusal import Missing
from providers.models import Provider
from vouchers.models import Check, Leg, Outcome, Participant, Voucher
from vouchers.queries.terms import terms_of
from vouchers.rules import following
from vouchers.rules.following import Asked
from vouchers.rules.secrecy import may_know, provider_may_know
from vouchers.rules.terms import Terms

Query: TypeAlias = Select[*tuple[Any, ...]]
STANDING = ("claimed", "verified")
WHICH = ("open", "coming", "judged")
STANDS = or_(Outcome.state == "verified", and_(Check.purpose == "result", Outcome.state == "claimed"))
"""`stands`, in SQL."""
_guide = aliased(Account)


@dataclass(frozen=True)
class FollowUp:
    """A dated case of one of a provider's results, as the provider sees it.

    `stage` is `following.stage`; `answer_by` the last day to answer in time. `name` is None for a protected
    person whom the viewer may not know.
    """

    check_id: int
    leg_id: int
    outcome_id: int
    name: str | None
    kind: str
    purpose: str
    part: int
    starts_on: date
    opens_on: date
    answer_by: date
    reminded_on: date | None
    answer: str | None
    answered_on: date | None
    last_on: date | None
    state: str
    refusal_code: str | None
    stage: str
    stands: bool
    asks: bool
    left_on: date | None
    terms: Terms

    @property
    def waits(self) -> bool:
        """Whether the provider has something to do: it is open and not answered, in time or not."""
        return self.asks and self.state == "due" and self.stage in ("open", "reminded", "overdue")


def asked(check: Any, terms: Terms) -> Asked:
    """How far a case has come. Older ones have no last day of their own: the rulebook's."""
    return Asked(
        check.due_on,
        check.answer_by or following.answer_by(check.due_on, terms.proof),
        check.reminded_on,
        check.answered_on,
    )


def stands(purpose: str, outcome_state: str) -> bool:
    """Whether the result that a case is about can still be judged."""
    return outcome_state == "verified" or (purpose == "result" and outcome_state == "claimed")


def due_follow_ups(
    session: Session, municipality_id: int, provider_id: int, today: date, *, viewer: Actor
) -> list[FollowUp]:
    """A provider's cases that are open and not answered, the first last day on top. One query."""
    rows = _of_provider(municipality_id, provider_id).where(
        Check.state == "due", Check.due_on <= today, Check.answered_on.is_(None)
    )
    found = _follow_ups(session, municipality_id, rows, viewer, today)
    return sorted((one for one in found if one.waits), key=lambda one: (one.answer_by, one.check_id))


def follow_ups(
    session: Session, municipality_id: int, provider_id: int, today: date, *, viewer: Actor
) -> list[FollowUp]:
    """All cases of a provider's people that it is asked about, whatever has become of them; by day."""
    rows = _of_provider(municipality_id, provider_id).where(Check.state != "withdrawn")
    found = _follow_ups(session, municipality_id, rows, viewer, today)
    return sorted((one for one in found if one.asks), key=lambda one: (one.opens_on, one.check_id))


def own_follow_up(
    session: Session,
    municipality_id: int,
    provider_id: int | None,
    check_id: int,
    today: date,
    *,
    viewer: Actor,
) -> FollowUp:
    """One case of the provider's own people; Missing to everybody else."""
    if provider_id is None:
        raise Missing()
    rows = _of_provider(municipality_id, provider_id).where(Check.id == check_id)
    found = _follow_ups(session, municipality_id, rows, viewer, today)
    if not found or found[0].name is None or not found[0].asks:
        raise Missing()
    return found[0]


def leg_of(session: Session, municipality_id: int, check_id: int) -> int:
    """The leg that a case is about. Raises Missing."""
    rows = select(Check.leg_id).where(Check.municipality_id == municipality_id, Check.id == check_id)
    found = session.scalar(rows)
    if found is None:
        raise Missing()
    return found


def _of_provider(municipality_id: int, provider_id: int) -> Query:
    return (
        select(Check, Outcome, Voucher.rulebook_id, Leg.coach_id, Leg.ended_on, *WHO)
        .join(Outcome, same(Outcome, Check, Check.outcome_id))
        .join(Leg, same(Leg, Check, Check.leg_id))
        .join(Voucher, same(Voucher, Check, Check.voucher_id))
        .join(Participant, same(Participant, Voucher, Voucher.participant_id))
        .where(Check.municipality_id == municipality_id, Leg.provider_id == provider_id)
    )


WHO = (
    Participant.id.label("participant_id"),
    Participant.given_name,
    Participant.family_name,
    Participant.protection,
    Participant.guide_id,
)


def same(table: Any, other: Any, key: Any) -> ColumnElement[bool]:
    return and_(table.municipality_id == other.municipality_id, table.id == key)


def _follow_ups(
    session: Session, municipality_id: int, rows: Query, viewer: Actor, today: date
) -> list[FollowUp]:
    found = session.execute(rows).all()
    terms = {key: terms_of(session, municipality_id, key) for key in {row.rulebook_id for row in found}}
    return [_follow_up(row, terms[row.rulebook_id], viewer, today) for row in found]


def _follow_up(row: Any, terms: Terms, viewer: Actor, today: date) -> FollowUp:
    check, outcome = row.Check, row.Outcome
    one = asked(check, terms)
    opens = provider_may_know(
        viewer.account_id,
        is_manager=viewer.has(Role.MANAGER),
        coach_id=row.coach_id,
        protection=row.protection,
    )
    return FollowUp(
        check_id=check.id,
        leg_id=check.leg_id,
        outcome_id=outcome.id,
        name=f"{row.given_name} {row.family_name}" if opens else None,
        kind=outcome.kind,
        purpose=check.purpose,
        part=check.part,
        starts_on=outcome.starts_on,
        opens_on=check.due_on,
        answer_by=one.answer_by,
        reminded_on=check.reminded_on,
        answer=check.answer,
        answered_on=check.answered_on,
        last_on=check.last_on,
        state=check.state,
        refusal_code=check.refusal_code,
        stage=following.stage(one, today),
        stands=stands(check.purpose, outcome.state),
        asks=following.is_followed(purpose=check.purpose, due_on=check.due_on, claimed_on=outcome.claimed_on)
        and (outcome.state in STANDING or check.state != "due"),
        left_on=row.ended_on,
        terms=terms,
    )


# ── for staff ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Dated:
    """A case in staff's list. `name` and `provider` are None for a protected person of another guide."""

    check_id: int
    voucher_id: int
    name: str | None
    provider: str | None
    guide: str
    kind: str
    purpose: str
    part: int
    opens_on: date
    answer_by: date | None
    answer: str | None
    answered_on: date | None
    state: str
    judged_on: date | None
    stage: str


def dated(
    session: Session,
    municipality_id: int,
    today: date,
    *,
    viewer_id: int,
    guide_id: int | None,
    which: str,
    since: date,
    until: date,
) -> list[Dated]:
    """Cases of a guide's people (None: of everybody's): open today, coming up to `until`, or judged from
    `since` on. What is due first stands first; one query and one a rulebook."""
    wanted = {
        "open": and_(Check.state == "due", Check.due_on <= today),
        "coming": and_(Check.state == "due", Check.due_on > today, Check.due_on <= until),
        "judged": and_(Check.state.in_(("passed", "failed")), Check.judged_on >= since),
    }[which]
    rows = _for_staff(municipality_id, guide_id).where(wanted)
    if which != "judged":
        rows = rows.where(STANDS)
    found = session.execute(rows).all()
    terms = {key: terms_of(session, municipality_id, key) for key in {row.rulebook_id for row in found}}
    cases = [_dated(row, terms[row.rulebook_id], viewer_id, today) for row in found]
    if which == "judged":
        return sorted(cases, key=lambda one: (one.judged_on or today, one.check_id), reverse=True)
    return sorted(cases, key=lambda one: (one.answer_by or one.opens_on, one.check_id))


def counts(
    session: Session, municipality_id: int, today: date, *, guide_id: int | None, since: date, until: date
) -> dict[str, int]:
    """How many cases stand in each of the lists of `dated`. One query."""
    due = and_(Check.state == "due", STANDS)
    columns = (
        func.count().filter(and_(due, Check.due_on <= today)),
        func.count().filter(and_(due, Check.due_on > today, Check.due_on <= until)),
        func.count().filter(and_(Check.state.in_(("passed", "failed")), Check.judged_on >= since)),
    )
    row = session.execute(_for_staff(municipality_id, guide_id).with_only_columns(*columns)).one()
    return dict(zip(WHICH, row, strict=True))


def _for_staff(municipality_id: int, guide_id: int | None) -> Query:
    rows = (
        select(Check, Outcome.kind, Outcome.claimed_on, Voucher.rulebook_id, Provider.name.label("provider"))
        .add_columns(_guide.name.label("guide"), *WHO)
        .join(Outcome, same(Outcome, Check, Check.outcome_id))
        .join(Leg, same(Leg, Check, Check.leg_id))
        .join(Provider, same(Provider, Leg, Leg.provider_id))
        .join(Voucher, same(Voucher, Check, Check.voucher_id))
        .join(Participant, same(Participant, Voucher, Voucher.participant_id))
        .join(_guide, same(_guide, Participant, Participant.guide_id))
        .where(Check.municipality_id == municipality_id)
    )
    return rows if guide_id is None else rows.where(Participant.guide_id == guide_id)


def _dated(row: Any, terms: Terms, viewer_id: int, today: date) -> Dated:
    check, known = row.Check, may_know(viewer_id, row.guide_id, row.protection)
    one = asked(check, terms)
    asks = following.is_followed(purpose=check.purpose, due_on=check.due_on, claimed_on=row.claimed_on)
    return Dated(
        check_id=check.id,
        voucher_id=check.voucher_id,
        name=f"{row.given_name} {row.family_name}" if known else None,
        provider=row.provider if known else None,
        guide=row.guide,
        kind=row.kind,
        purpose=check.purpose,
        part=check.part,
        opens_on=check.due_on,
        answer_by=one.answer_by if asks else None,
        answer=check.answer,
        answered_on=check.answered_on,
        state=check.state,
        judged_on=check.judged_on,
        stage=following.stage(one, today) if asks else "not_asked",
    )
