"""A voucher takes a turn: to another provider, or to more months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch
from core.dates import day_of
from core.refusal import Missing, Refusal
from vouchers.actions.choices import choosable, chooser, new_leg
from vouchers.actions.pausing import end_pause
from vouchers.models import SWITCHED, Assessment, Extension, Leg, Voucher
from vouchers.queries.terms import terms_of
from vouchers.queries.turns import Turns, turns
from vouchers.queries.winding import stays_to
from vouchers.rules import extension, states, switching
from vouchers.rules.terms import Terms


def switch(
    session: Session,
    voucher_id: int,
    provider_id: int,
    shown: dict[str, object],
    *,
    leaves: int,
    by: Actor,
    at: datetime,
) -> Leg:
    """Go on to another provider and keep what was shown. Bound by the person, or a guide at their side.

    `leaves` is the leg that the page spoke of: of two who press at once one is heard. Who has begun leaves
    after notice, on a day that may lie ahead; who has not has changed their mind and leaves today.
    """
    today = day_of(at)
    voucher, own = chooser(session, voucher_id, by)
    terms, found = terms_of(session, by.municipality_id, voucher.rulebook_id), turns(session, voucher)
    left = found.now
    if left is not None and left.id != leaves:
        raise Refusal("choice_changed", "Valet har redan ändrats. Läs in sidan igen.")
    switching.may_switch(
        terms=terms.switching,
        asker="participant" if own else "guide",
        state=voucher.state,
        made=found.switches,
        days_left=found.days_left(terms, today),
        is_same=left is not None and left.provider_id == provider_id,
    )
    accreditation = choosable(session, voucher, provider_id, today, state="choice_open", last_day=today)
    if left is None:
        raise AssertionError("the rules refuse without somebody to leave")
    has_begun = left.started_on is not None
    voucher.state = states.voucher.after(voucher.state, "switch" if has_begun else "choose")
    end_pause(session, voucher, today, by.account_id)
    left.ended_on = leaving_on(session, found, terms, today)
    left.end_reason = SWITCHED
    session.flush()
    how = "own" if own else "assisted"
    leg = new_leg(session, voucher, accreditation, shown, how=how, chosen_by=by.account_id, at=at)
    audit.record(
        session,
        "leg.left" if has_begun else "leg.not_begun",
        left,
        by=by,
        ended_on=left.ended_on,
    )
    audit.record(
        session,
        "voucher.switched",
        voucher,
        by=by,
        leg=leg.id,
        left=left.id,
        provider=provider_id,
        how=how,
        ended_on=left.ended_on,
    )
    return leg


def leaving_on(session: Session, found: Turns, terms: Terms, today: date) -> date:
    """The last day at the provider, if somebody leaves it today: after notice, not later than the service or
    the stay there lasts; today for who has not begun."""
    left = found.now
    if left is None or left.started_on is None or terms.switching is None:
        return today
    days = [switching.last_day(today, terms.switching)]
    ends = (found.last_on(terms, today), stays_to(session, left.municipality_id, left.id))
    days += [max(day, today) for day in ends if day is not None]
    return min(days)


@dataclass(frozen=True)
class ExtensionForm:
    """More months, the assessment they rest on, and what is new this time."""

    months: int
    assessment_id: int | None
    new_content: str
    reasons: str


def extend(session: Session, voucher_id: int, form: ExtensionForm, *, by: Actor, today: date) -> Extension:
    """A guide decides on more months, after a new assessment and with something new in them."""
    by.require(Role.GUIDE)
    voucher = fetch(session, Voucher, by.municipality_id, voucher_id)
    terms, found = terms_of(session, by.municipality_id, voucher.rulebook_id), turns(session, voucher)
    assessment = checked(session, found, terms, form, today=today)
    row = Extension(
        municipality_id=by.municipality_id,
        voucher_id=voucher.id,
        assessment_id=assessment.id,
        months=form.months,
        new_content=form.new_content.strip(),
        reasons=form.reasons.strip(),
        decided_by=by.account_id,
        decided_on=today,
    )
    session.add(row)
    voucher.months += form.months
    audit.record(session, "voucher.extended", voucher, by=by, months=form.months, assessment=assessment.id)
    return row


def checked(session: Session, found: Turns, terms: Terms, form: ExtensionForm, *, today: date) -> Assessment:
    """The assessment that such an extension would rest on. Raises Refusal, and Missing for another's."""
    voucher, assessment = found.voucher, None
    if form.assessment_id is not None:
        assessment = fetch(session, Assessment, voucher.municipality_id, form.assessment_id)
        if assessment.participant_id != voucher.participant_id:
            raise Missing()
    extension.may_extend(
        terms=terms.extension,
        state=voucher.state,
        months=voucher.months,
        adds=form.months,
        made=len(found.extensions),
        last_on=found.last_on(terms, today) or today,
        decided_on=last_decided_on(found),
        met_on=assessment.met_on if assessment else None,
        new_content=form.new_content,
        reasons=form.reasons,
        today=today,
    )
    if assessment is None:
        raise AssertionError("may_extend refuses without an assessment")
    return assessment


def last_decided_on(found: Turns) -> date:
    """The day of the newest decision on the voucher's length; an assessment must be newer than that."""
    return max([found.voucher.decided_on, *(one.decided_on for one in found.extensions)])
