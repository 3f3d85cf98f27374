"""What is known of a person's month before anybody reports it: from its occasions and its absences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from core.dates import last_of_month
from vouchers.models import Deviation, Occasion

OF_TWO = ("individual", "follow_up")


@dataclass(frozen=True)
class Known:
    """Minutes and meetings that have been told day by day; a meeting is of two. `held` counts occasions."""

    held: int
    booked_minutes: int
    activity_minutes: int
    physical_minutes: int
    meetings: int
    physical_meetings: int


def month_known(session: Session, municipality_id: int, leg_id: int, month: date) -> Known:
    """What the month's occasions come to; what was booked is that and the absences. Two queries."""
    physical = Occasion.is_physical.is_(True)
    of_two = Occasion.kind.in_(OF_TWO)
    rows = select(
        func.count(),
        func.sum(Occasion.minutes),
        func.sum(case((physical, Occasion.minutes), else_=0)),
        func.sum(case((of_two, 1), else_=0)),
        func.sum(case((of_two & physical, 1), else_=0)),
    ).where(
        Occasion.municipality_id == municipality_id,
        Occasion.leg_id == leg_id,
        Occasion.withdrawn_on.is_(None),
        Occasion.held_on.between(month, last_of_month(month)),
    )
    held, minutes, on_the_spot, meetings, met = (int(value or 0) for value in session.execute(rows).one())
    absent = session.scalar(
        select(func.sum(Deviation.absent_to - Deviation.absent_from)).where(
            Deviation.municipality_id == municipality_id,
            Deviation.leg_id == leg_id,
            Deviation.state != "withdrawn",
            Deviation.happened_on.between(month, last_of_month(month)),
        )
    )
    return Known(held, minutes + int(absent or 0), minutes, on_the_spot, meetings, met)
