"""Joint plans, informative and final reports: what has been handed in, what is lacking, what is drafted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from core.actor import Account
from core.database import Rows, fetch
from core.dates import add_months
from vouchers.models import Leg, Participant, ReportDraft, Voucher, WrittenReport
from vouchers.queries.pauses import pauses_of_vouchers
from vouchers.queries.terms import terms_of
from vouchers.rules.pauses import moved_end
from vouchers.rules.reports import Given, Lacking, Stay, lacking
from vouchers.rules.waiting import Wait

MONTHS_BACK = 40
"""More than any rulebook lets a report wait, and its days after the end."""


@dataclass(frozen=True)
class Due:
    """A written report that a provider is to hand in, or with `report_id` to mend, for one of its people.

    It is asked for from `opens_on`, late after `due_on`. Whom the reader may know is for the caller.
    """

    leg_id: int
    kind: str
    opens_on: date
    due_on: date
    report_id: int | None


def due_written(
    session: Session, municipality_id: int, provider_id: int, today: date, *, leg_id: int | None = None
) -> list[Due]:
    """What a provider has to write today, for all its people or one, by last day.

    Three queries, and one a rulebook the first time it is read.
    """
    found = []
    stays = _stays(session, municipality_id, Leg.provider_id == provider_id, today, leg_id)
    told = _given(session, municipality_id, Leg.provider_id == provider_id, leg_id)
    books = {voucher.rulebook_id for _, _, voucher in stays}
    by_book = {one: terms_of(session, municipality_id, one) for one in books}
    for key, stay, voucher in stays:
        terms = by_book[voucher.rulebook_id]
        missing = lacking(stay, told.get(key, []), terms.reports, terms.report_latest_months, today)
        found += [_due(key, one) for one in missing]
    return sorted(found, key=lambda one: (one.due_on, one.leg_id))


def _due(leg_id: int, one: Lacking) -> Due:
    return Due(leg_id, one.kind, one.opens_on, one.due_on, one.given.id if one.given else None)


def _stays(
    session: Session, municipality_id: int, where: Any, today: date, leg_id: int | None = None
) -> list[tuple[int, Stay, Any]]:
    earlier = aliased(Leg)
    first_on = (
        select(func.min(earlier.started_on))
        .where(earlier.municipality_id == Leg.municipality_id, earlier.voucher_id == Leg.voucher_id)
        .correlate(Leg)
        .scalar_subquery()
    )
    rows = (
        select(
            Leg.id,
            Leg.voucher_id,
            Leg.chosen_on,
            Leg.started_on,
            Leg.ended_on,
            Voucher.rulebook_id,
            Voucher.months,
            first_on.label("first_on"),
        )
        .join(Voucher, (Voucher.municipality_id == Leg.municipality_id) & (Voucher.id == Leg.voucher_id))
        .where(Leg.municipality_id == municipality_id, where, Leg.started_on.is_not(None))
        .order_by(Leg.id)
    )
    if leg_id is None:
        rows = rows.where(or_(Leg.ended_on.is_(None), Leg.ended_on >= add_months(today, -MONTHS_BACK)))
    else:
        rows = rows.where(Leg.id == leg_id)
    legs = session.execute(rows).all()
    running = {row.voucher_id for row in legs if row.ended_on is None or row.ended_on >= today}
    paused = pauses_of_vouchers(session, municipality_id, running) if running else {}
    pauses = {
        one: terms_of(session, municipality_id, one).pauses for one in {row.rulebook_id for row in legs}
    }
    found = []
    for row in legs:
        spans = paused.get(row.voucher_id, [])
        planned = moved_end(row.first_on, row.months, spans, pauses[row.rulebook_id], today=today)
        found.append((row.id, Stay(row.chosen_on, row.started_on, row.ended_on, planned, spans), row))
    return found


def stay_of(session: Session, municipality_id: int, leg_id: int, today: date) -> Stay:
    """One time with a provider as the rules of written reports see it. Raises Missing."""
    found = _stays(session, municipality_id, Leg.id == leg_id, today, leg_id)
    if found:
        return found[0][1]
    leg = fetch(session, Leg, municipality_id, leg_id)
    return Stay(leg.chosen_on, None, leg.ended_on)


def _given(
    session: Session, municipality_id: int, where: Any, leg_id: int | None = None
) -> dict[int, list[Given]]:
    rows = (
        select(
            WrittenReport.leg_id,
            WrittenReport.id,
            WrittenReport.kind,
            WrittenReport.state,
            WrittenReport.about_on,
            WrittenReport.due_on,
            WrittenReport.judged_on,
        )
        .join(Leg, (Leg.municipality_id == WrittenReport.municipality_id) & (Leg.id == WrittenReport.leg_id))
        .where(WrittenReport.municipality_id == municipality_id, where, WrittenReport.state != "withdrawn")
        .order_by(WrittenReport.id)
    )
    found: dict[int, list[Given]] = {}
    for row in session.execute(rows if leg_id is None else rows.where(Leg.id == leg_id)):
        found.setdefault(row.leg_id, []).append(Given(*row[1:]))
    return found


def given_of(session: Session, municipality_id: int, leg_id: int) -> list[Given]:
    """What has been handed in of one leg and stands, the oldest first."""
    return _given(session, municipality_id, Leg.id == leg_id).get(leg_id, [])


def written_of(session: Session, municipality_id: int, leg_ids: Collection[int]) -> Rows:
    """Every written report of those legs, the newest first, with who judged it."""
    judge = aliased(Account)
    rows = (
        select(
            WrittenReport.id,
            WrittenReport.leg_id,
            WrittenReport.kind,
            WrittenReport.state,
            WrittenReport.about_on,
            WrittenReport.due_on,
            WrittenReport.content,
            WrittenReport.submitted_on,
            WrittenReport.is_late,
            WrittenReport.judged_on,
            WrittenReport.comment,
            WrittenReport.withdrawn_on,
            judge.name.label("judge"),
        )
        .outerjoin(
            judge,
            (judge.municipality_id == WrittenReport.municipality_id) & (judge.id == WrittenReport.judged_by),
        )
        .where(WrittenReport.municipality_id == municipality_id, WrittenReport.leg_id.in_(leg_ids))
        .order_by(WrittenReport.submitted_on.desc(), WrittenReport.id.desc())
    )
    return session.execute(rows).all()


def written_one(session: Session, municipality_id: int, report_id: int) -> tuple[WrittenReport, int]:
    """A written report and its voucher's id. Raises Missing."""
    found = fetch(session, WrittenReport, municipality_id, report_id)
    return found, fetch(session, Leg, municipality_id, found.leg_id).voucher_id


def to_judge(session: Session, municipality_id: int, mine: list[Any]) -> dict[int, list[Wait]]:
    """By voucher: written reports that wait for a guide; `mine` narrows whose people. One query."""
    rows = (
        select(Leg.voucher_id, WrittenReport.submitted_on, WrittenReport.id, WrittenReport.kind)
        .join(Leg, (Leg.municipality_id == WrittenReport.municipality_id) & (Leg.id == WrittenReport.leg_id))
        .join(Voucher, (Voucher.municipality_id == Leg.municipality_id) & (Voucher.id == Leg.voucher_id))
        .join(
            Participant,
            (Participant.municipality_id == Voucher.municipality_id)
            & (Participant.id == Voucher.participant_id),
        )
        .where(WrittenReport.municipality_id == municipality_id, WrittenReport.state == "submitted", *mine)
        .order_by(WrittenReport.id)
    )
    found: dict[int, list[Wait]] = {}
    for row in session.execute(rows):
        wait = Wait("written_to_judge", row.submitted_on, row.id, purpose=row.kind)
        found.setdefault(row.voucher_id, []).append(wait)
    return found


def written_leg(session: Session, municipality_id: int, report_id: int) -> int | None:
    """The leg that a written report is about."""
    return session.scalar(
        select(WrittenReport.leg_id).where(
            WrittenReport.municipality_id == municipality_id, WrittenReport.id == report_id
        )
    )


@dataclass(frozen=True)
class Draft:
    """What somebody has typed and not handed in, when, and who."""

    content: dict[str, object]
    saved_at: datetime
    saved_by: str


def draft_of(
    session: Session, municipality_id: int, leg_id: int, kind: str, about: str | int
) -> Draft | None:
    """The draft of a report, whoever at the provider saved it last."""
    rows = (
        select(ReportDraft.content, ReportDraft.saved_at, Account.name)
        .join(
            Account,
            (Account.municipality_id == ReportDraft.municipality_id) & (Account.id == ReportDraft.saved_by),
        )
        .where(
            ReportDraft.municipality_id == municipality_id,
            ReportDraft.leg_id == leg_id,
            ReportDraft.kind == kind,
            ReportDraft.about == str(about),
        )
    )
    row = session.execute(rows).one_or_none()
    return Draft(row.content, row.saved_at, row.name) if row else None


def drafts_of(session: Session, municipality_id: int, leg_id: int) -> set[tuple[str, str]]:
    """(kind, what about) of every draft about one person."""
    rows = select(ReportDraft.kind, ReportDraft.about).where(
        ReportDraft.municipality_id == municipality_id, ReportDraft.leg_id == leg_id
    )
    return {(row.kind, row.about) for row in session.execute(rows)}
