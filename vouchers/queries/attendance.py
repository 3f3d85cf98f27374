"""What has been told of people's months and absences, and what they say of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from providers.models import Provider
from vouchers.models import AttendanceAnswer, Deviation, Leg, Occasion, Report, Voucher
from vouchers.queries.terms import terms_of
from vouchers.rules import attendance
from vouchers.rules.attendance import ABSENCE_SHOWS, MONTH_SHOWS, Answer


def is_open() -> ColumnElement[bool]:
    """A contest that is neither judged nor taken back."""
    return and_(
        AttendanceAnswer.said == "contested",
        AttendanceAnswer.verdict.is_(None),
        AttendanceAnswer.taken_back_at.is_(None),
    )


def is_contested() -> ColumnElement[bool]:
    """Whether the report of a query is contested and not judged."""
    rows = select(AttendanceAnswer.id).where(
        AttendanceAnswer.municipality_id == Report.municipality_id,
        AttendanceAnswer.report_id == Report.id,
        is_open(),
    )
    return rows.correlate(Report).exists()


@dataclass(frozen=True)
class Said:
    """An answer of the person's. `words` are for staff, `reasons` for all."""

    id: int
    said: str
    words: str
    said_at: datetime
    taken_back_at: datetime | None
    verdict: str | None
    reasons: str
    judged_on: date | None
    shown: dict[str, object]

    @property
    def is_open(self) -> bool:
        """Whether it waits for a verdict."""
        return self.said == "contested" and self.verdict is None and self.taken_back_at is None


@dataclass(frozen=True)
class Told:
    """A month (`of` is a Report) or an absence (a Deviation) as it was told, and where it stands.

    `standing` is one of `rules.attendance.STANDINGS`; `answer_by` the last day to answer, None where nobody
    is asked; `last` the newest answer.
    """

    of: Any
    provider: str
    standing: str
    answer_by: date | None
    last: Said | None

    @property
    def is_month(self) -> bool:
        """Whether it is a month and not one absence."""
        return isinstance(self.of, Report)


def told_of(session: Session, municipality_id: int, participant_id: int, today: date) -> list[Told]:
    """Everything told of a person that is or was to be answered, the newest first. Four queries, one a
    rulebook. What was taken back is there only when the person has answered it."""
    found = []
    for table in (Report, Deviation):
        rows = session.execute(_of_person(table, municipality_id, participant_id)).all()
        said = _said(session, municipality_id, table, [row[0].id for row in rows])
        for of, provider, rulebook_id in rows:
            last = said.get(of.id, [None])[-1]
            if of.state != "withdrawn" or last is not None:
                found.append(_told(session, municipality_id, of, provider, rulebook_id, last, today))
    return sorted(found, key=lambda one: (_day(one.of), one.of.id), reverse=True)


def _day(of: Any) -> date:
    day: date = of.month if isinstance(of, Report) else of.happened_on
    return day


def _of_person(table: type[Report] | type[Deviation], municipality_id: int, participant_id: int) -> Any:
    return (
        select(table, Provider.name, Voucher.rulebook_id)
        .join(Leg, and_(Leg.municipality_id == table.municipality_id, Leg.id == table.leg_id))
        .join(Voucher, and_(Voucher.municipality_id == Leg.municipality_id, Voucher.id == Leg.voucher_id))
        .join(Provider, and_(Provider.municipality_id == Leg.municipality_id, Provider.id == Leg.provider_id))
        .where(
            table.municipality_id == municipality_id,
            Voucher.participant_id == participant_id,
            table.state != "draft",
        )
    )


def _said(
    session: Session, municipality_id: int, table: type[Report] | type[Deviation], ids: Collection[int]
) -> dict[int, list[Said]]:
    """The answers to those reports or deviations, by id, the oldest first."""
    about = AttendanceAnswer.report_id if table is Report else AttendanceAnswer.deviation_id
    rows = (
        select(
            about.label("about"),
            AttendanceAnswer.id,
            AttendanceAnswer.said,
            AttendanceAnswer.words,
            AttendanceAnswer.said_at,
            AttendanceAnswer.taken_back_at,
            AttendanceAnswer.verdict,
            AttendanceAnswer.reasons,
            AttendanceAnswer.judged_on,
            AttendanceAnswer.shown,
        )
        .where(AttendanceAnswer.municipality_id == municipality_id, about.in_(ids))
        .order_by(AttendanceAnswer.id)
    )
    found: dict[int, list[Said]] = {}
    for key, *columns in session.execute(rows):
        found.setdefault(int(key or 0), []).append(Said(*columns))
    return found


def _told(
    session: Session,
    municipality_id: int,
    of: Report | Deviation,
    provider: str,
    rulebook_id: int,
    last: Said | None,
    today: date,
) -> Told:
    terms = terms_of(session, municipality_id, rulebook_id)
    told_on = of.submitted_on if isinstance(of, Report) else of.reported_on
    standing = attendance.standing(
        state=of.state,
        told_on=told_on,
        shown=attendance.shown_of(of, MONTH_SHOWS if isinstance(of, Report) else ABSENCE_SHOWS),
        last=Answer(last.said, last.verdict, last.is_open, last.shown) if last else None,
        terms=terms,
        today=today,
    )
    return Told(of, provider, standing, attendance.contest_by(told_on, terms), last)


def history(session: Session, municipality_id: int, of: Report | Deviation) -> list[Said]:
    """All answers to it, the oldest first."""
    return _said(session, municipality_id, type(of), [of.id]).get(of.id, [])


def held(
    session: Session, municipality_id: int, leg_ids: Collection[int], first: date, last: date
) -> list[Occasion]:
    """What was held in those times with a provider from `first` to `last`, the newest first."""
    rows = select(Occasion).where(
        Occasion.municipality_id == municipality_id,
        Occasion.leg_id.in_(leg_ids),
        Occasion.withdrawn_on.is_(None),
        Occasion.held_on.between(first, last),
    )
    order = (Occasion.held_on.desc(), Occasion.started.desc(), Occasion.id.desc())
    return list(session.scalars(rows.order_by(*order)))


def legs_of(session: Session, municipality_id: int, participant_id: int) -> list[int]:
    """The person's times with providers that have begun."""
    rows = (
        select(Leg.id)
        .join(Voucher, and_(Voucher.municipality_id == Leg.municipality_id, Voucher.id == Leg.voucher_id))
        .where(
            Leg.municipality_id == municipality_id,
            Voucher.participant_id == participant_id,
            Leg.started_on.is_not(None),
        )
    )
    return list(session.scalars(rows))


# ── for the provider and staff ──────────────────────────────────────────────────────────────────


def absences(
    session: Session, municipality_id: int, leg_ids: Collection[int]
) -> list[tuple[Deviation, Said | None]]:
    """The deviations of those times with a provider, the newest first, with the newest answer to each."""
    rows = select(Deviation).where(
        Deviation.municipality_id == municipality_id, Deviation.leg_id.in_(leg_ids)
    )
    order = (Deviation.happened_on.desc(), Deviation.expected_from.desc(), Deviation.id.desc())
    found = list(session.scalars(rows.order_by(*order)))
    said = _said(session, municipality_id, Deviation, [one.id for one in found])
    return [(one, said.get(one.id, [None])[-1]) for one in found]


def found_wrong(session: Session, municipality_id: int, leg_id: int, month: date) -> Said | None:
    """The verdict that what was told of that month was wrong, if it is the newest answer to the month."""
    rows = select(Report.id).where(
        Report.municipality_id == municipality_id, Report.leg_id == leg_id, Report.month == month
    )
    answers = answers_to(session, municipality_id, session.scalars(rows).all()).values()
    newest = max(answers, key=lambda one: one.id, default=None)
    return newest if newest is not None and newest.verdict == "wrong" else None


def answers_of(session: Session, municipality_id: int, leg_id: int) -> dict[int, Said]:
    """By report: the newest answer to each month of the leg that has one."""
    rows = select(Report.id).where(Report.municipality_id == municipality_id, Report.leg_id == leg_id)
    return answers_to(session, municipality_id, session.scalars(rows).all())


def answers_to(session: Session, municipality_id: int, report_ids: Collection[int]) -> dict[int, Said]:
    """The newest answer to each of those reports that has one."""
    return {key: said[-1] for key, said in _said(session, municipality_id, Report, report_ids).items()}


def deviation_leg(session: Session, municipality_id: int, deviation_id: int) -> int | None:
    """The leg that a deviation is about."""
    rows = select(Deviation.leg_id).where(
        Deviation.municipality_id == municipality_id, Deviation.id == deviation_id
    )
    return session.scalar(rows)
