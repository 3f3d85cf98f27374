"""A provider's accreditation has ended: every running customer gets a plan, all in one step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch
from core.refusal import Refusal
from providers.models import Accreditation
from providers.queries.terms import accreditation_terms
from providers.rules import ENDED_STATES
from providers.rules.ending import tail_ends_on
from providers.rules.sanctions import WINDING_PLANS
from vouchers.actions.pausing import end_pause
from vouchers.models import PROVIDER_ENDED, Leg, LegPlan, Voucher
from vouchers.queries.places import TAKEN
from vouchers.queries.terms import terms_of
from vouchers.rules import states
from vouchers.rules.choice import choose_by
from vouchers.rules.winding import may_stay


@dataclass(frozen=True)
class Plan:
    """What happens to one customer: `choose_again`, `stay` (with the last day) or `municipal_care`."""

    kind: str
    to_on: date | None = None


def plan_for_customers(
    session: Session, accreditation_id: int, plans: Mapping[int, Plan], *, by: Actor, today: date
) -> list[LegPlan]:
    """Give every running customer of an ended accreditation a plan; `plans` by leg id.

    Who stays goes on to a day. All others end here today: what was earned stays earned, and the voucher's
    choice opens again with a whole new window. Of those the municipality takes care of, the guide is told.
    May be repeated for those who are still there. Refuses when anybody is left out.
    """
    by.require(Role.INSPECTOR)
    accreditation = fetch(session, Accreditation, by.municipality_id, accreditation_id)
    if accreditation.state not in ENDED_STATES or accreditation.to_on is None:
        raise Refusal("not_ended", "Auktorisationen har inte upphört. Planera när den har det.")
    legs = running_legs(session, accreditation)
    _all_of_them(legs, plans)
    tail = accreditation_terms(session, by.municipality_id, accreditation.rulebook_id).tail_months
    latest = tail_ends_on(accreditation.to_on, tail)
    for leg in legs:
        _check(leg, plans[leg.id], latest, today)
    made = []
    for leg in legs:
        plan = plans[leg.id]
        row = LegPlan(
            municipality_id=by.municipality_id,
            leg_id=leg.id,
            kind=plan.kind,
            to_on=plan.to_on if plan.kind == "stay" else None,
            decided_by=by.account_id,
            decided_on=today,
        )
        session.add(row)
        made.append(row)
        if plan.kind != "stay":
            _leave(session, leg, by, today)
        audit.record(session, "leg.planned", leg, by=by, plan=plan.kind, to_on=row.to_on)
    audit.record(session, "accreditation.customers_planned", accreditation, by=by, count=len(made))
    return made


def running_legs(session: Session, accreditation: Accreditation) -> Sequence[Leg]:
    """Those who go there or are on their way, the oldest first."""
    rows = select(Leg).where(
        Leg.municipality_id == accreditation.municipality_id, Leg.accreditation_id == accreditation.id, TAKEN
    )
    return session.scalars(rows.order_by(Leg.id)).all()


def _all_of_them(legs: Sequence[Leg], plans: Mapping[int, Plan]) -> None:
    there = {leg.id for leg in legs}
    left_out = sum(plans[key].kind not in WINDING_PLANS if key in plans else True for key in there)
    if left_out:
        raise Refusal(
            "customers_without_plan",
            "{count} deltagare saknar en plan. Ge alla en plan först.",
            count=left_out,
            status=422,
        )
    if set(plans) - there:
        raise Refusal("customer_gone", "Någon i listan har slutat sedan sidan öppnades. Läs in den igen.")


def _check(leg: Leg, plan: Plan, latest: date, today: date) -> None:
    if plan.kind == "stay":
        may_stay(has_started=leg.started_on is not None, to_on=plan.to_on, latest=latest, today=today)


def _leave(session: Session, leg: Leg, by: Actor, today: date) -> None:
    """End the leg, and a pause in it, and open the choice again."""
    voucher = fetch(session, Voucher, leg.municipality_id, leg.voucher_id)
    end_pause(session, voucher, today + timedelta(days=1), by.account_id)
    voucher.state = states.voucher.after(voucher.state, "choose_again")
    voucher.choose_by = choose_by(today, terms_of(session, leg.municipality_id, voucher.rulebook_id))
    leg.ended_on, leg.end_reason = today, PROVIDER_ENDED
