"""A spring of many people whose months are told and approved, and a run over them in small chunks."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from core.actor import Actor
from core.database import Database, new_id
from payouts.actions.runs import Result, run_in_chunks
from tests.support.manyfold import many_people
from tests.support.town import Town, noon
from vouchers.models import Report

BEGUN = date(2026, 3, 2)
JUNE = date(2026, 6, 30)
MONTHS = [date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)]
PEOPLE = 23


def chunked(database: Database, as_of: date = JUNE, chunk: int = 5, **more: object) -> Result:
    return run_in_chunks(database, by=Actor.clock(1), as_of=as_of, at=noon(as_of), chunk=chunk, **more)  # type: ignore[arg-type]  # what a test gives besides


def told(database: Database, town: Town) -> list[int]:
    """The legs of people who began in March, each with three months approved."""
    with database.transaction(1) as session:
        legs = many_people(session, town, PEOPLE, BEGUN)
        for leg_id in legs:
            for month in MONTHS:
                report(session, leg_id, month)
    return legs


def report(session: Session, leg_id: int, month: date, state: str = "approved") -> int:
    found_id = new_id()
    judged = {"judged_by": 2, "judged_on": month} if state == "approved" else {}
    session.add(
        Report(
            municipality_id=1, id=found_id, leg_id=leg_id, month=month, state=state, activity_minutes=600,
            meetings=2, physical_meetings=1, progress="", next_step="", next_step_on=month, submitted_by=1,
            submitted_on=month, is_late=False, **judged,
        )
    )  # fmt: skip
    session.flush()
    return found_id
