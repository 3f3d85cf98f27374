"""A year is closed once and stays closed. What is told of it later is booked in the next open year's runs."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import take_turn
from core.dates import day_of
from core.refusal import Forbidden, Refusal
from core.running import try_run_lock
from payouts.models.closed import ClosedYear
from payouts.queries.years import closed_through, runs_left


def close_year(session: Session, year: int, *, by: Actor, at: datetime) -> ClosedYear:
    """Close a year that is over, and every year before it.

    Refuses a year that is not over or closed already, and any year while a run goes on or has been left.
    """
    if by.kind == "person" and not by.has(Role.SIGNER):
        raise Forbidden()
    if not try_run_lock(session, by.municipality_id):
        raise Refusal("run_in_progress", "En körning pågår redan. Vänta tills den är klar.")
    take_turn(session, by.municipality_id)
    if year < 2000 or year >= day_of(at).year:
        raise Refusal("year_not_over", "Året är inte slut. Stäng det när det är över.", status=422)
    closed = closed_through(session, by.municipality_id)
    if closed is not None and year <= closed:
        raise Refusal("year_closed_already", "Året är redan stängt.")
    if runs_left(session, by.municipality_id, year):
        raise Refusal("run_left", "En körning har inte blivit klar. Kör beräkningen igen först.")
    made = ClosedYear(municipality_id=by.municipality_id, year=year, closed_by=by.account_id, closed_at=at)
    session.add(made)
    session.flush()
    audit.record(session, "year.closed", audit.Subject(ClosedYear.__tablename__, year), by=by, year=year)
    return made


def check_open(session: Session, municipality_id: int, as_of: date) -> None:
    """Refuses a run that would count to a day in a closed year."""
    closed = closed_through(session, municipality_id)
    if closed is not None and as_of.year <= closed:
        raise Refusal(
            "year_closed",
            "Året {year} är stängt. Räkna till en dag efter det: det som sägs för sent bokas då.",
            status=422,
            year=closed,
        )
