"""Judged cases that are drawn for a second look by somebody else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, aliased

from core.actor import Account
from core.database import Rows
from core.identity import Protection
from core.refusal import Missing
from providers.models import Provider
from vouchers.models import Check, Leg, Participant, QualityReview, Voucher
from vouchers.queries.following import WHO, Query, same
from vouchers.rules.secrecy import may_know

_judge = aliased(Account)


def to_draw_from(session: Session, municipality_id: int, since: date, until: date) -> Rows:
    """(id, judged_on, rulebook_id) of cases judged from `since` to `until` that nobody has drawn. Those of
    protected persons are left out: nobody but the one who judged may know who they are."""
    rows = (
        select(Check.id, Check.judged_on, Voucher.rulebook_id)
        .join(Voucher, same(Voucher, Check, Check.voucher_id))
        .join(Participant, same(Participant, Voucher, Voucher.participant_id))
        .outerjoin(QualityReview, _same_check())
        .where(
            Check.municipality_id == municipality_id,
            Check.state.in_(("passed", "failed")),
            Check.judged_on.between(since, until),
            Participant.protection == Protection.NONE.value,
            QualityReview.id.is_(None),
        )
        .order_by(Check.id)
    )
    return session.execute(rows).all()


def _same_check() -> ColumnElement[bool]:
    return and_(QualityReview.municipality_id == Check.municipality_id, QualityReview.check_id == Check.id)


@dataclass(frozen=True)
class Second:
    """A drawn case in the list of second looks. `is_own`: the viewer judged it, and somebody else looks."""

    review_id: int
    check_id: int
    name: str | None
    provider: str | None
    purpose: str
    part: int
    state: str
    judged_on: date | None
    judge: str | None
    drawn_on: date
    verdict: str | None
    reviewed_on: date | None
    is_own: bool


def reviews(session: Session, municipality_id: int, *, viewer_id: int, done: bool) -> list[Second]:
    """Drawn cases that wait, the oldest first; with `done` those looked at, the newest first. One query."""
    rows = _seconds(municipality_id).where(
        QualityReview.verdict.is_not(None) if done else QualityReview.verdict.is_(None)
    )
    order = QualityReview.reviewed_on.desc() if done else QualityReview.drawn_on
    return [_second(row, viewer_id) for row in session.execute(rows.order_by(order, QualityReview.id))]


def review_counts(session: Session, municipality_id: int) -> tuple[int, int, int]:
    """(drawn, looked at, of them where the second person came to something else)."""
    row = session.execute(
        select(
            func.count(),
            func.count(QualityReview.verdict),
            func.count().filter(QualityReview.verdict == "differs"),
        ).where(QualityReview.municipality_id == municipality_id)
    ).one()
    return row[0], row[1], row[2]


def review(session: Session, municipality_id: int, review_id: int) -> tuple[QualityReview, Check, str | None]:
    """(the review, its case, who judged it). Raises Missing."""
    rows = (
        select(QualityReview, Check, _judge.name)
        .join(Check, _same_check())
        .outerjoin(_judge, same(_judge, Check, Check.judged_by))
        .where(QualityReview.municipality_id == municipality_id, QualityReview.id == review_id)
    )
    found = session.execute(rows).one_or_none()
    if found is None:
        raise Missing()
    return found[0], found[1], found[2]


def _seconds(municipality_id: int) -> Query:
    return (
        select(QualityReview, Check, Provider.name.label("provider"), _judge.name.label("judge"), *WHO)
        .join(Check, _same_check())
        .join(Leg, same(Leg, Check, Check.leg_id))
        .join(Provider, same(Provider, Leg, Leg.provider_id))
        .join(Voucher, same(Voucher, Check, Check.voucher_id))
        .join(Participant, same(Participant, Voucher, Voucher.participant_id))
        .outerjoin(_judge, same(_judge, Check, Check.judged_by))
        .where(QualityReview.municipality_id == municipality_id)
    )


def _second(row: Any, viewer_id: int) -> Second:
    one, check = row.QualityReview, row.Check
    known = may_know(viewer_id, row.guide_id, row.protection)
    return Second(
        review_id=one.id,
        check_id=check.id,
        name=f"{row.given_name} {row.family_name}" if known else None,
        provider=row.provider if known else None,
        purpose=check.purpose,
        part=check.part,
        state=check.state,
        judged_on=check.judged_on,
        judge=row.judge,
        drawn_on=one.drawn_on,
        verdict=one.verdict,
        reviewed_on=one.reviewed_on,
        is_own=check.judged_by == viewer_id,
    )
