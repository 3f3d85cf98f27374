"""What is still to come of vouchers that have ended, and which of a guide's own can be closed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from core.database import Rows
from core.dates import add_months, last_of_month
from vouchers.models import Check, Leg, Outcome, Override, Participant, Report, Voucher
from vouchers.queries.attendance import is_contested
from vouchers.queries.pauses import pauses_of_vouchers
from vouchers.queries.terms import terms_of
from vouchers.queries.written import to_judge
from vouchers.rules.pauses import Span
from vouchers.rules.reporting import months_to_report
from vouchers.rules.terms import Terms


@dataclass(frozen=True)
class Left:
    """What a voucher waits for: reports and checks to judge, and the last day more can come, or None.

    A report that the person contests is one to judge.
    """

    reports: int
    checks: int
    open_on: date | None

    def is_done(self, today: date) -> bool:
        """Whether nothing is left but perhaps the money."""
        return not self.reports and not self.checks and (self.open_on is None or self.open_on < today)


def left_to_do(
    session: Session, municipality_id: int, voucher_ids: Collection[int], today: date
) -> dict[int, Left]:
    """What each of the vouchers waits for. Seven queries, one a rulebook."""
    vouchers = session.scalars(
        select(Voucher).where(Voucher.municipality_id == municipality_id, Voucher.id.in_(voucher_ids))
    ).all()
    legs = session.execute(
        select(Leg.id, Leg.voucher_id, Leg.started_on, Leg.ended_on).where(
            Leg.municipality_id == municipality_id,
            Leg.voucher_id.in_(voucher_ids),
            Leg.started_on.is_not(None),
        )
    ).all()
    reports = session.execute(
        select(Report.leg_id, Report.month, Report.state, is_contested().label("is_contested"))
        .join(Leg, and_(Leg.municipality_id == Report.municipality_id, Leg.id == Report.leg_id))
        .where(
            Report.municipality_id == municipality_id,
            Leg.voucher_id.in_(voucher_ids),
            Report.state.in_(("submitted", "returned", "approved")),
        )
    ).all()
    checks = _counted(session, municipality_id, voucher_ids)
    written = to_judge(session, municipality_id, [Voucher.id.in_(voucher_ids)])
    spans = pauses_of_vouchers(session, municipality_id, voucher_ids)
    claimed = set(
        session.scalars(
            select(Outcome.voucher_id).where(
                Outcome.municipality_id == municipality_id,
                Outcome.voucher_id.in_(voucher_ids),
                Outcome.state.in_(("claimed", "verified", "rejected")),
            )
        )
    )
    found = {}
    for voucher in vouchers:
        terms = terms_of(session, municipality_id, voucher.rulebook_id)
        own = [leg for leg in legs if leg.voucher_id == voucher.id]
        ids = {leg.id for leg in own}
        told = [report for report in reports if report.leg_id in ids]
        found[voucher.id] = Left(
            reports=sum(report.state != "approved" or report.is_contested for report in told)
            + len(written.get(voucher.id, ())),
            checks=checks.get(voucher.id, 0),
            open_on=_open_on(
                voucher, own, told, terms, spans.get(voucher.id, ()), voucher.id in claimed, today
            ),
        )
    return found


def _counted(session: Session, municipality_id: int, voucher_ids: Collection[int]) -> dict[int, int]:
    """Checks that nobody has judged, and those that stand on an override until they are judged again."""
    overridden = (
        select(Override.id)
        .where(
            Override.municipality_id == Check.municipality_id,
            Override.check_id == Check.id,
            Override.ended_on.is_(None),
        )
        .correlate(Check)
        .exists()
    )
    rows = (
        select(Check.voucher_id, func.count(Check.id).label("waiting"))
        .where(
            Check.municipality_id == municipality_id,
            Check.voucher_id.in_(voucher_ids),
            or_(Check.state == "due", overridden),
        )
        .group_by(Check.voucher_id)
    )
    return {row.voucher_id: row.waiting for row in session.execute(rows)}


def _open_on(
    voucher: Voucher,
    legs: Rows,
    told: Rows,
    terms: Terms,
    spans: Sequence[Span],
    has_claimed: bool,
    today: date,
) -> date | None:
    """The last day that a month can be reported or a result claimed that has not been."""
    known = {(report.leg_id, report.month) for report in told}
    days = [
        last_of_month(add_months(month, terms.report_latest_months))
        for leg in legs
        for month in months_to_report(leg.started_on, leg.ended_on, today, spans)
        if (leg.id, month) not in known
    ]
    outcomes = terms.services[voucher.service].outcomes
    if voucher.ended_on is not None and voucher.end_reason in outcomes and not has_claimed:
        days.append(voucher.ended_on + timedelta(days=terms.claim_within_days))
    return max(days, default=None)


@dataclass(frozen=True)
class Ended:
    """A voucher that has ended and is not closed."""

    voucher_id: int
    name: str
    rulebook_id: int
    service: str
    level: str
    ended_on: date


def ended_cases(session: Session, municipality_id: int, guide_id: int) -> list[Ended]:
    """The guide's own vouchers that have ended and are not closed, the one that ended first on top."""
    rows = (
        select(
            Voucher.id,
            Participant.given_name,
            Participant.family_name,
            Voucher.rulebook_id,
            Voucher.service,
            Voucher.level,
            Voucher.ended_on,
        )
        .join(
            Participant,
            and_(
                Participant.municipality_id == Voucher.municipality_id,
                Participant.id == Voucher.participant_id,
            ),
        )
        .where(
            Voucher.municipality_id == municipality_id,
            Voucher.state == "ended",
            Participant.guide_id == guide_id,
        )
        .order_by(Voucher.ended_on, Voucher.id)
    )
    return [
        Ended(
            row.id,
            f"{row.given_name} {row.family_name}",
            row.rulebook_id,
            row.service,
            row.level,
            row.ended_on,
        )
        for row in session.execute(rows)
    ]
