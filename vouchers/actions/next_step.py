"""The step from a preparatory service to a matching one is a result, claimed when the new one is decided."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor
from vouchers.actions.results import lay_out
from vouchers.models import Leg, Outcome, Voucher
from vouchers.queries.terms import terms_of
from vouchers.rules import results

FULL = 100


def claim_next_step(session: Session, voucher: Voucher, *, by: Actor, today: date) -> Outcome | None:
    """Claim the result of the service before, for the provider where the person was last; None without one.

    Staff still verify it, on the decision itself or what else the rulebook names. Nothing is claimed where a
    result stands already.
    """
    after = terms_of(session, voucher.municipality_id, voucher.rulebook_id).services[voucher.service]
    rows = (
        select(Voucher, Leg)
        .join(Leg, (Leg.municipality_id == Voucher.municipality_id) & (Leg.voucher_id == Voucher.id))
        .where(
            Voucher.municipality_id == voucher.municipality_id,
            Voucher.participant_id == voucher.participant_id,
            Voucher.id != voucher.id,
            Voucher.ended_on.is_not(None),
            Leg.started_on.is_not(None),
        )
        .order_by(Voucher.ended_on.desc(), Voucher.id.desc(), Leg.ordinal.desc())
        .limit(1)
    )
    found = session.execute(rows).first()
    if found is None:
        return None
    before, leg = found
    terms = terms_of(session, before.municipality_id, before.rulebook_id)
    if not results.is_next_step(
        before=terms.services[before.service],
        after=after,
        last_day=leg.ended_on,
        decided_on=today,
        terms=terms,
    ) or _has_result(session, before):
        return None
    outcome = Outcome(
        municipality_id=before.municipality_id,
        leg_id=leg.id,
        voucher_id=before.id,
        kind="next_step",
        state="claimed",
        starts_on=today,
        extent_percent=FULL,
        subsidised=False,
        claimed_by=by.account_id,
        claimed_on=today,
    )
    lay_out(session, outcome, terms)
    audit.record(session, "outcome.claimed", outcome, by=by, kind="next_step", starts_on=today)
    return outcome


def _has_result(session: Session, voucher: Voucher) -> bool:
    rows = select(Outcome.id).where(
        Outcome.municipality_id == voucher.municipality_id,
        Outcome.voucher_id == voucher.id,
        Outcome.state != "withdrawn",
    )
    return session.scalars(rows).first() is not None
