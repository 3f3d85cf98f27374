"""A meeting in Exempelstad: a guide assesses, decides, and prints the letter."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from app.demo.people import assessed
from core import dates
from core.actor import Actor
from vouchers import actions
from vouchers.actions.letters import make_letter
from vouchers.models import Voucher

TARGET_GROUPS = ("economic_assistance", "economic_assistance", "young", "weak_swedish")


def decided(
    session: Session, participant_id: int, rulebook_id: int, service: str, level: str, *, by: Actor, day: date
) -> Voucher:
    """All that a guide does the day of a decision."""
    found = assessed(session, participant_id, rulebook_id, service, level, by=by, today=day)
    form = actions.VoucherForm(
        rulebook_id=rulebook_id,
        service=service,
        level=level,
        months=6 if service == "preparatory" else 12,
        reasons="Bedömt vid möte.",
        assessment_id=found.id if found else None,
        target_group=TARGET_GROUPS[participant_id % len(TARGET_GROUPS)],
        studies="sfi" if service == "preparatory" else "none",
    )
    voucher = actions.decide_voucher(session, participant_id, form, by=by, today=day)
    make_letter(session, voucher.id, by=by, at=dates.noon(day))
    return voucher
