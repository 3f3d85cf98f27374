"""A person chooses, a provider answers, the service starts."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch
from core.dates import day_of
from core.refusal import Forbidden, Refusal
from providers.models import Accreditation
from providers.queries import intake_is_open, open_accreditation
from vouchers.models import ChoiceReceipt, Leg, Participant, Voucher
from vouchers.queries.places import has_place
from vouchers.queries.terms import terms_of
from vouchers.rules import choice, states


def choose(
    session: Session,
    voucher_id: int,
    provider_id: int,
    shown: dict[str, object],
    *,
    by: Actor,
    at: datetime,
) -> Leg:
    """Bind a choice and keep what was shown. The seeker chooses, or a guide at the seeker's side.

    `shown` is plain JSON: the figures and words of the page that was chosen from.
    """
    today = day_of(at)
    voucher = fetch(session, Voucher, by.municipality_id, voucher_id)
    participant = fetch(session, Participant, by.municipality_id, voucher.participant_id)
    own = by.participant_id == participant.id
    if not own and not by.has(Role.GUIDE):
        raise Forbidden()
    accreditation = open_accreditation(
        session, by.municipality_id, provider_id, voucher.scheme, voucher.service, today
    )
    choice.may_choose(
        state=voucher.state,
        last_day=voucher.choose_by,
        accredited=accreditation is not None,
        intake_open=accreditation is not None and intake_is_open(session, accreditation),
        has_place=accreditation is not None and has_place(session, accreditation),
        today=today,
    )
    if accreditation is None:
        raise AssertionError("may_choose refuses a provider without accreditation")
    terms = terms_of(session, by.municipality_id, voucher.rulebook_id)
    count = select(func.count()).where(
        Leg.municipality_id == by.municipality_id, Leg.voucher_id == voucher.id
    )
    leg = Leg(
        municipality_id=by.municipality_id,
        voucher_id=voucher.id,
        provider_id=provider_id,
        accreditation_id=accreditation.id,
        ordinal=session.scalars(count).one() + 1,
        how="own" if own else "assisted",
        chosen_on=today,
        chosen_by=by.account_id,
        start_by=choice.start_by(today, terms),
    )
    session.add(leg)
    session.flush()
    session.add(ChoiceReceipt(municipality_id=by.municipality_id, leg_id=leg.id, made_at=at, shown=shown))
    voucher.state = states.voucher.after(voucher.state, "choose")
    audit.record(session, "voucher.chosen", voucher, by=by, leg=leg.id, provider=provider_id, how=leg.how)
    return leg


def reopen_choice(session: Session, voucher_id: int, *, by: Actor, today: date) -> Voucher:
    """The guide and the person have talked: a whole new window to choose in, when the first has passed."""
    by.require(Role.GUIDE)
    voucher = fetch(session, Voucher, by.municipality_id, voucher_id)
    after = states.voucher.after(voucher.state, "reopen")
    choice.may_reopen(voucher.choose_by, today)
    voucher.state = after
    voucher.choose_by = choice.choose_by(today, terms_of(session, by.municipality_id, voucher.rulebook_id))
    audit.record(session, "voucher.choice_reopened", voucher, by=by, until_on=voucher.choose_by)
    return voucher


def own_leg(session: Session, leg_id: int, by: Actor) -> Leg:
    """The leg, for the staff of its provider. To all others it is as if it were not there."""
    by.require(Role.COACH, Role.MANAGER)
    leg = fetch(session, Leg, by.municipality_id, leg_id)
    if leg.provider_id != by.provider_id:
        raise Forbidden("not_your_participant")
    return leg


def running_leg(session: Session, leg_id: int, by: Actor) -> Leg:
    """The provider's own leg, unless it has said no or the person has left: then the voucher is another's."""
    leg = own_leg(session, leg_id, by)
    if leg.declined_on is not None or leg.ended_on is not None:
        raise Refusal("leg_ended", "Insatsen hos den anordnaren är redan avslutad.")
    return leg


def accept(session: Session, leg_id: int, *, by: Actor, today: date) -> Leg:
    """The provider receives the person."""
    leg = running_leg(session, leg_id, by)
    voucher = fetch(session, Voucher, by.municipality_id, leg.voucher_id)
    after = states.voucher.after(voucher.state, "accept")
    _still_accredited(session, leg, today)
    voucher.state = after
    leg.accepted_on = today
    audit.record(session, "leg.accepted", leg, by=by)
    return leg


def decline(session: Session, leg_id: int, *, by: Actor, today: date) -> Leg:
    """The provider has no place; the person chooses again, with a whole new window."""
    leg = running_leg(session, leg_id, by)
    voucher = fetch(session, Voucher, by.municipality_id, leg.voucher_id)
    voucher.state = states.voucher.after(voucher.state, "decline")
    voucher.choose_by = choice.choose_by(today, terms_of(session, by.municipality_id, voucher.rulebook_id))
    leg.declined_on = today
    audit.record(session, "leg.declined", leg, by=by)
    return leg


def start(session: Session, leg_id: int, started_on: date, *, by: Actor, today: date) -> Leg:
    """The service has begun. The day may be some days back, never ahead, never before the choice."""
    leg = running_leg(session, leg_id, by)
    voucher = fetch(session, Voucher, by.municipality_id, leg.voucher_id)
    after = states.voucher.after(voucher.state, "start")
    if not leg.chosen_on <= started_on <= today:
        raise Refusal("start_day_wrong", "Startdagen måste ligga mellan valet och i dag.", status=422)
    _still_accredited(session, leg, started_on)
    voucher.state, leg.started_on = after, started_on
    audit.record(session, "leg.started", leg, by=by, started_on=started_on)
    return leg


def _still_accredited(session: Session, leg: Leg, day: date) -> None:
    accreditation = fetch(session, Accreditation, leg.municipality_id, leg.accreditation_id)
    choice.may_begin(
        accredited_to=accreditation.to_on,
        is_renewed=accreditation.end_reason == "renewed",
        is_suspended=accreditation.state == "provisionally_revoked",
        day=day,
    )
