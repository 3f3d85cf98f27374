"""Six months later in Exempelstad: the provider says whether it held."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from core.actor import Actor
from core.database import fetch
from vouchers.actions.following import answer_follow_up
from vouchers.models import Check, Outcome


def answer(session: Session, check: Check, *, still: bool, by: Actor, today: date) -> None:
    """Still there on the case's day, or ended a month before it."""
    began_on = fetch(session, Outcome, check.municipality_id, check.outcome_id).starts_on
    last_on = None if still else max(began_on, check.due_on - timedelta(days=30))
    answer_follow_up(session, check.id, "still" if still else "ended", last_on, by=by, today=today)
