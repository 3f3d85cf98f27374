"""What is told of a marked person: months, written reports, absences, and what the person says of them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import dates
from core.actor import Actor
from tests.support.marked import Marked, words
from tests.support.town import noon, report_form
from vouchers import actions
from vouchers.models import Report


def report(world: Marked, session: Session, leg_id: int, month: date, by: Actor) -> int:
    """A month that came back, and was mended and approved; gives its id."""
    day = dates.last_of_month(month)
    form = report_form(
        month, progress=words("progress"), next_step=words("agreed"), next_step_on=date(2026, 12, 11)
    )
    first = actions.submit_report(session, leg_id, form, by=by, today=day)
    actions.return_report(session, first.id, words("comment"), by=world.guide, today=day)
    again = actions.submit_report(session, leg_id, form, by=by, today=day)
    actions.approve_report(session, again.id, by=world.guide, today=day)
    return again.id


def written(world: Marked, session: Session, leg_id: int, kind: str, on: date, by: Actor, day: date) -> int:
    """A written report that came back, and was mended and approved; gives its id."""
    raw = {
        name: words(f"{kind}-{name}") for name in ("goal", "adapted", "what", "done", "reached", "remains")
    }
    raw |= {"proposal": words("proposal"), "activities": "guidance", "minutes_a_week": "120"}
    raw |= {name: on.isoformat() for name in ("met_on", "happened_on", "ended_on")}
    raw |= {"next_step": words("agreed"), "next_step_on": "2026-12-11"}
    first = actions.submit_written(session, leg_id, kind, raw, by=by, today=day)
    actions.return_written(session, first.id, words("comment"), by=world.guide, today=day)
    number = first.id if kind == "informative" else None
    again = actions.submit_written(session, leg_id, kind, raw, by=by, today=day, report_id=number)
    actions.approve_written(session, again.id, by=world.guide, today=day)
    return again.id


def absent(world: Marked) -> None:
    """Away three times: judged, taken back, waiting; and a month that was contested and found to stand."""
    leg_id, coach, guide = world.ids["leg"], world.town.coach, world.guide
    assert world.me
    with world.doing() as session:
        told = {}
        for number in (20, 21, 22):
            form = actions.DeviationForm(
                date(2026, 4, number), words("activity-missed"), 540, 660, 540, 600, "other", words("absence")
            )
            told[number] = actions.tell_deviation(session, leg_id, form, by=coach, today=date(2026, 4, 23)).id
        world.ids["deviation"] = told[20]
        actions.judge_deviation(
            session, told[20], valid=False, note=words("why-not-valid"), by=guide, today=date(2026, 4, 24)
        )
        actions.withdraw_deviation(session, told[21], by=coach, today=date(2026, 4, 24))
        report_id = session.scalars(
            select(Report.id).where(Report.leg_id == leg_id, Report.month == date(2026, 3, 1))
        ).one()
        answer = actions.answer_month(
            session, report_id, "contested", words("contest"), by=world.me, at=noon(date(2026, 4, 24))
        )
        actions.judge_contest(
            session, answer.id, "stands", words("verdict"), by=guide, today=date(2026, 4, 27)
        )
        actions.answer_deviation(session, told[20], "confirmed", by=world.me, at=noon(date(2026, 4, 25)))


def contested(world: Marked) -> None:
    """The last month, and an absence in it, are contested and wait."""
    assert world.me
    manager, leg_id = world.insiders["second manager"], world.ids["second_leg"]
    form = actions.DeviationForm(
        date(2026, 9, 7), words("activity-missed"), 540, 660, 540, 600, "sick", words("absence")
    )
    at = noon(date(2026, 9, 9))
    with world.doing() as session:
        found = actions.tell_deviation(session, leg_id, form, by=manager, today=date(2026, 9, 8))
        actions.answer_deviation(session, found.id, "contested", words("contest"), by=world.me, at=at)
        answer = actions.answer_month(
            session, world.ids["second_report"], "contested", words("contest"), by=world.me, at=at
        )
        world.ids["answer"] = answer.id
