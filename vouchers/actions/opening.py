"""The day a follow-up opens is noted, so that whoever waits for it can be told."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor
from vouchers.models import Check, Outcome, Voucher
from vouchers.queries.following import asked, stands
from vouchers.queries.terms import terms_of
from vouchers.rules import following


def open_follow_ups(session: Session, *, by: Actor, today: date) -> int:
    """Note each case that opens today and asks its provider for an answer; gives how many.

    It changes nothing, and is done once a day: the timetable sees to that.
    """
    rows = (
        select(Check, Outcome, Voucher.rulebook_id)
        .join(Outcome, (Outcome.municipality_id == Check.municipality_id) & (Outcome.id == Check.outcome_id))
        .join(Voucher, (Voucher.municipality_id == Check.municipality_id) & (Voucher.id == Check.voucher_id))
        .where(Check.municipality_id == by.municipality_id, Check.state == "due", Check.due_on == today)
        .order_by(Check.id)
    )
    count = 0
    for check, outcome, rulebook_id in session.execute(rows).all():
        is_asked = stands(check.purpose, outcome.state) and following.is_followed(
            purpose=check.purpose, due_on=check.due_on, claimed_on=outcome.claimed_on
        )
        if is_asked:
            terms = terms_of(session, by.municipality_id, rulebook_id)
            audit.record(
                session,
                "check.opened",
                check,
                by=by,
                purpose=check.purpose,
                part=check.part,
                until_on=asked(check, terms).answer_by,
            )
            count += 1
    audit.record(session, "follow_ups.opened", audit.Subject(Check.__tablename__, 0), by=by, count=count)
    return count
