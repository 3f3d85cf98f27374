"""What staff have to judge of attendance: what people contest, and absences without a verdict."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from core.actor import Account
from core.database import Rows, fetch
from core.dates import day_of
from core.identity import Protection
from providers.models import Provider
from vouchers.models import AttendanceAnswer, Deviation, Leg, Participant, Report, Voucher
from vouchers.queries.attendance import is_open
from vouchers.rules.waiting import Wait

_Guide = aliased(Account)


def contests(session: Session, municipality_id: int, *, viewer_id: int, guide_id: int | None = None) -> Rows:
    """Open contests of a guide's people (None: of everybody's), what has waited longest first.

    A protected person's is there for the own guide only. One query.
    """
    columns = (
        AttendanceAnswer.id,
        AttendanceAnswer.said_at,
        Report.month,
        Report.state.label("report_state"),
        Deviation.happened_on,
        *_who(),
    )
    rows = _contested(select(*columns), municipality_id).order_by(
        AttendanceAnswer.said_at, AttendanceAnswer.id
    )
    return session.execute(_seen_by(rows, viewer_id, guide_id)).all()


def _contested(columns: Any, municipality_id: int) -> Any:
    """Open contests of what has not been taken back, with the time with the provider."""
    return (
        columns.select_from(AttendanceAnswer)
        .outerjoin(
            Report,
            and_(
                Report.municipality_id == AttendanceAnswer.municipality_id,
                Report.id == AttendanceAnswer.report_id,
            ),
        )
        .outerjoin(
            Deviation,
            and_(
                Deviation.municipality_id == AttendanceAnswer.municipality_id,
                Deviation.id == AttendanceAnswer.deviation_id,
            ),
        )
        .join(
            Leg,
            and_(
                Leg.municipality_id == AttendanceAnswer.municipality_id,
                Leg.id == func.coalesce(Report.leg_id, Deviation.leg_id),
            ),
        )
        .where(
            AttendanceAnswer.municipality_id == municipality_id,
            is_open(),
            func.coalesce(Report.state, Deviation.state) != "withdrawn",
        )
    )


def unjudged(session: Session, municipality_id: int, *, viewer_id: int, guide_id: int | None = None) -> Rows:
    """Deviations that wait to be judged, the one told first on top; secrecy as for contests. One query."""
    rows = (
        select(
            Deviation.id,
            Deviation.happened_on,
            Deviation.activity,
            Deviation.reason,
            Deviation.reported_on,
            Deviation.is_late,
            *_who(),
        )
        .join(Leg, and_(Leg.municipality_id == Deviation.municipality_id, Leg.id == Deviation.leg_id))
        .where(Deviation.municipality_id == municipality_id, Deviation.state == "unjudged")
        .order_by(Deviation.reported_on, Deviation.id)
    )
    return session.execute(_seen_by(rows, viewer_id, guide_id)).all()


def to_judge(session: Session, municipality_id: int, mine: list[Any]) -> dict[int, list[Wait]]:
    """By voucher: contests and absences that wait for a verdict; `mine` narrows whose people. Two queries."""
    of_voucher = and_(Voucher.municipality_id == Leg.municipality_id, Voucher.id == Leg.voucher_id)
    of_person = and_(
        Participant.municipality_id == Voucher.municipality_id, Participant.id == Voucher.participant_id
    )
    told = (
        _contested(select(Leg.voucher_id, AttendanceAnswer.id, AttendanceAnswer.said_at), municipality_id)
        .join(Voucher, of_voucher)
        .join(Participant, of_person)
        .where(*mine)
    )
    absent = (
        select(Leg.voucher_id, Deviation.id, Deviation.reported_on)
        .join(Leg, and_(Leg.municipality_id == Deviation.municipality_id, Leg.id == Deviation.leg_id))
        .join(Voucher, of_voucher)
        .join(Participant, of_person)
        .where(Deviation.municipality_id == municipality_id, Deviation.state == "unjudged", *mine)
    )
    found: dict[int, list[Wait]] = {}
    for voucher_id, answer_id, said_at in session.execute(told):
        found.setdefault(voucher_id, []).append(Wait("contest_to_judge", day_of(said_at), answer_id))
    for voucher_id, deviation_id, reported_on in session.execute(absent):
        found.setdefault(voucher_id, []).append(Wait("deviation_to_judge", reported_on, deviation_id))
    return found


def _who() -> list[Any]:
    return [
        Leg.voucher_id,
        Participant.id.label("participant_id"),
        Participant.given_name,
        Participant.family_name,
        Participant.protection,
        Participant.guide_id,
        Provider.name.label("provider"),
        _Guide.name.label("guide"),
    ]


def _seen_by(rows: Any, viewer_id: int, guide_id: int | None) -> Any:
    return (
        rows.join(Voucher, and_(Voucher.municipality_id == Leg.municipality_id, Voucher.id == Leg.voucher_id))
        .join(
            Participant,
            and_(
                Participant.municipality_id == Voucher.municipality_id,
                Participant.id == Voucher.participant_id,
            ),
        )
        .join(Provider, and_(Provider.municipality_id == Leg.municipality_id, Provider.id == Leg.provider_id))
        .join(
            _Guide,
            and_(_Guide.municipality_id == Participant.municipality_id, _Guide.id == Participant.guide_id),
        )
        .where(
            or_(Participant.protection == Protection.NONE.value, Participant.guide_id == viewer_id),
            *([Participant.guide_id == guide_id] if guide_id else []),
        )
    )


def contest(
    session: Session, municipality_id: int, answer_id: int
) -> tuple[AttendanceAnswer, Report | Deviation, Leg]:
    """An answer, what it is about, and the time with the provider. Raises Missing."""
    answer = fetch(session, AttendanceAnswer, municipality_id, answer_id)
    of: Report | Deviation
    if answer.report_id is not None:
        of = fetch(session, Report, municipality_id, answer.report_id)
    else:
        of = fetch(session, Deviation, municipality_id, answer.deviation_id or 0)
    return answer, of, fetch(session, Leg, municipality_id, of.leg_id)


def deviation(session: Session, municipality_id: int, deviation_id: int) -> tuple[Deviation, Leg]:
    """A deviation and the time with the provider. Raises Missing."""
    found = fetch(session, Deviation, municipality_id, deviation_id)
    return found, fetch(session, Leg, municipality_id, found.leg_id)
