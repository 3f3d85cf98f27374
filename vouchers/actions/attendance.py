"""A person says that a month or an absence is as the provider told it, or not; a guide judges what is not."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch
from core.dates import day_of
from core.refusal import Missing, Refusal
from vouchers.actions.deviations import withdraw_deviation
from vouchers.actions.reports import return_report, withdraw_report
from vouchers.models import AttendanceAnswer, Deviation, Leg, Report, Voucher
from vouchers.queries.terms import terms_of
from vouchers.rules import attendance, states
from vouchers.rules.attendance import ABSENCE_SHOWS, MONTH_SHOWS, TOLD_ABSENCE, TOLD_MONTH, WORDS_MOST
from vouchers.rules.told import SAID, VERDICTS


def answer_month(
    session: Session, report_id: int, said: str, words: str = "", *, by: Actor, at: datetime
) -> AttendanceAnswer:
    """The person confirms or contests a month's attendance. Missing for a report of somebody else's.

    `said` is one of `told.SAID`. To confirm takes an open contest back.
    """
    report = fetch(session, Report, by.municipality_id, report_id)
    answer, took_back = _answer(session, report, said, words, by, at)
    audit.record(
        session, f"attendance.{said}", answer, by=by, about="report", id=report.id, took_back=took_back
    )
    return answer


def answer_deviation(
    session: Session, deviation_id: int, said: str, words: str = "", *, by: Actor, at: datetime
) -> AttendanceAnswer:
    """The person confirms or contests one absence. Missing for somebody else's."""
    absence = fetch(session, Deviation, by.municipality_id, deviation_id)
    answer, took_back = _answer(session, absence, said, words, by, at)
    audit.record(
        session, f"attendance.{said}", answer, by=by, about="deviation", id=absence.id, took_back=took_back
    )
    return answer


def _answer(
    session: Session, told: Report | Deviation, said: str, words: str, by: Actor, at: datetime
) -> tuple[AttendanceAnswer, bool]:
    """The answer, and whether it took an open contest back."""
    by.require(Role.SEEKER)
    voucher = fetch(
        session, Voucher, by.municipality_id, fetch(session, Leg, by.municipality_id, told.leg_id).voucher_id
    )
    if by.participant_id is None or voucher.participant_id != by.participant_id or said not in SAID:
        raise Missing()
    is_month = isinstance(told, Report)
    shown = attendance.shown_of(told, MONTH_SHOWS if is_month else ABSENCE_SHOWS)
    last = _last(session, told)
    attendance.may_answer(
        said,
        stands=told.state in (TOLD_MONTH if is_month else TOLD_ABSENCE),
        told_on=told.submitted_on if isinstance(told, Report) else told.reported_on,
        shown=shown,
        last=_known(last),
        terms=terms_of(session, by.municipality_id, voucher.rulebook_id),
        today=day_of(at),
    )
    words = words.strip()
    if said == "contested" and not words:
        raise Refusal("words_missing", "Skriv vad som inte stämmer.", status=422)
    if len(words) > WORDS_MOST:
        raise Refusal("words_long", "Skriv högst {most} tecken.", status=422, most=WORDS_MOST)
    takes_back = last is not None and _is_open(last)
    if last is not None and takes_back:
        last.taken_back_at = at
        session.flush()
    answer = AttendanceAnswer(
        municipality_id=by.municipality_id,
        report_id=told.id if is_month else None,
        deviation_id=None if is_month else told.id,
        said=said,
        words=words if said == "contested" else "",
        shown=shown,
        said_by=by.account_id,
        said_at=at,
    )
    session.add(answer)
    session.flush()
    return answer, takes_back


def _last(session: Session, told: Report | Deviation) -> AttendanceAnswer | None:
    about = AttendanceAnswer.report_id if isinstance(told, Report) else AttendanceAnswer.deviation_id
    rows = select(AttendanceAnswer).where(
        AttendanceAnswer.municipality_id == told.municipality_id, about == told.id
    )
    return session.scalars(rows.order_by(AttendanceAnswer.id.desc()).limit(1)).first()


def _is_open(answer: AttendanceAnswer) -> bool:
    return answer.said == "contested" and answer.verdict is None and answer.taken_back_at is None


def _known(answer: AttendanceAnswer | None) -> attendance.Answer | None:
    if answer is None:
        return None
    return attendance.Answer(answer.said, answer.verdict, _is_open(answer), answer.shown)


def judge_contest(
    session: Session, answer_id: int, verdict: str, reasons: str, *, by: Actor, today: date
) -> AttendanceAnswer:
    """A guide finds that what the provider told stands, or is wrong, with reasons for both of them.

    `verdict` is one of `told.VERDICTS`. What is wrong goes back to the provider: a month that waits is
    returned, an approved one and an absence are taken back. The next run pays, or claws back.
    """
    by.require(Role.GUIDE)
    answer = fetch(session, AttendanceAnswer, by.municipality_id, answer_id)
    if verdict not in VERDICTS:
        raise Missing()
    if not _is_open(answer):
        raise Refusal("contest_closed", "Det är redan avgjort. Läs in sidan igen.")
    if not reasons.strip():
        raise Refusal("reasons_missing", "Skriv varför.", status=422)
    does = None
    if answer.report_id is not None:
        report = fetch(session, Report, by.municipality_id, answer.report_id)
        unchanged = attendance.shown_of(report, MONTH_SHOWS) == answer.shown
        does = attendance.consequence(verdict, state=report.state, unchanged=unchanged)
        if does == "return":
            return_report(session, report.id, reasons.strip(), by=by, today=today)
        elif does == "withdraw":
            withdraw_report(session, report.id, by=by, today=today)
    elif answer.deviation_id is not None and verdict == "wrong":
        deviation = fetch(session, Deviation, by.municipality_id, answer.deviation_id)
        if states.deviation.can(deviation.state, "withdraw"):
            does = "withdraw"
            withdraw_deviation(session, deviation.id, by=by, today=today)
    answer.verdict, answer.reasons = verdict, reasons.strip()
    answer.judged_by, answer.judged_on = by.account_id, today
    audit.record(session, "attendance.judged", answer, by=by, verdict=verdict, consequence=does)
    return answer
