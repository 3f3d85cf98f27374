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
from vouchers.queries.turns import turns
from vouchers.rules import choice, states
from vouchers.rules.declining import Grounds, may_decline
from vouchers.rules.secrecy import provider_may_know
from vouchers.rules.terms import Terms


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
    voucher, own = chooser(session, voucher_id, by)
    accreditation = choosable(
        session, voucher, provider_id, today, state=voucher.state, last_day=voucher.choose_by
    )
    voucher.state = states.voucher.after(voucher.state, "choose")
    leg = new_leg(
        session,
        voucher,
        accreditation,
        shown,
        how="own" if own else "assisted",
        chosen_by=by.account_id,
        at=at,
    )
    audit.record(session, "voucher.chosen", voucher, by=by, leg=leg.id, provider=provider_id, how=leg.how)
    return leg


def chooser(session: Session, voucher_id: int, by: Actor) -> tuple[Voucher, bool]:
    """The voucher, and whether its own person chooses; else a guide does, at their side. Raises Forbidden."""
    voucher = fetch(session, Voucher, by.municipality_id, voucher_id)
    own = by.participant_id == voucher.participant_id
    if not own and not by.has(Role.GUIDE):
        raise Forbidden()
    return voucher, own


def choosable(
    session: Session, voucher: Voucher, provider_id: int, today: date, *, state: str, last_day: date
) -> Accreditation:
    """The accreditation under which the voucher can be used there today. Refuses as `choice.may_choose`."""
    found = open_accreditation(
        session, voucher.municipality_id, provider_id, voucher.scheme, voucher.service, today
    )
    choice.may_choose(
        state=state,
        last_day=last_day,
        accredited=found is not None,
        intake_open=found is not None and intake_is_open(session, found),
        has_place=found is not None and has_place(session, found),
        today=today,
    )
    if found is None:
        raise AssertionError("may_choose refuses a provider without accreditation")
    return found


def new_leg(
    session: Session,
    voucher: Voucher,
    accreditation: Accreditation,
    shown: dict[str, object],
    *,
    how: str,
    chosen_by: int,
    at: datetime,
) -> Leg:
    """The voucher's next time with a provider, with the receipt of it. The days to begin in run from the
    last day with the one before, where that lies ahead. Whoever calls has checked and turns the voucher."""
    today = day_of(at)
    terms = terms_of(session, voucher.municipality_id, voucher.rulebook_id)
    count = select(func.count()).where(
        Leg.municipality_id == voucher.municipality_id, Leg.voucher_id == voucher.id
    )
    leg = Leg(
        municipality_id=voucher.municipality_id,
        voucher_id=voucher.id,
        provider_id=accreditation.provider_id,
        accreditation_id=accreditation.id,
        ordinal=session.scalars(count).one() + 1,
        how=how,
        chosen_on=today,
        chosen_by=chosen_by,
        start_by=choice.start_by(max(today, last_day_before(session, voucher) or today), terms),
    )
    session.add(leg)
    session.flush()
    session.add(
        ChoiceReceipt(municipality_id=voucher.municipality_id, leg_id=leg.id, made_at=at, shown=shown)
    )
    return leg


def last_day_before(session: Session, voucher: Voucher) -> date | None:
    """The last day with the providers that the person has begun at and left, or is to leave."""
    rows = select(func.max(Leg.ended_on)).where(
        Leg.municipality_id == voucher.municipality_id,
        Leg.voucher_id == voucher.id,
        Leg.started_on.is_not(None),
    )
    return session.scalars(rows).one()


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
    voucher = fetch(session, Voucher, by.municipality_id, leg.voucher_id)
    person = fetch(session, Participant, by.municipality_id, voucher.participant_id)
    if not provider_may_know(
        by.account_id,
        is_manager=by.has(Role.MANAGER),
        coach_id=leg.coach_id,
        protection=person.protection,
    ):
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


def decline(session: Session, leg_id: int, reason: str | None = None, *, by: Actor, today: date) -> Leg:
    """The provider says no, for a reason that its rulebook gives; the person chooses again, with a whole new
    window."""
    leg = running_leg(session, leg_id, by)
    voucher = fetch(session, Voucher, by.municipality_id, leg.voucher_id)
    after = states.voucher.after(voucher.state, "decline")
    terms = terms_of(session, by.municipality_id, voucher.rulebook_id)
    may_decline(reason, grounds(session, leg, terms, today))
    voucher.state = after
    voucher.choose_by = choice.choose_by(today, terms)
    leg.declined_on, leg.decline_reason = today, reason
    audit.record(session, "leg.declined", leg, by=by, reason=reason)
    return leg


def grounds(session: Session, leg: Leg, terms: Terms, today: date) -> Grounds:
    """What a no to that person can rest on today."""
    accreditation = fetch(session, Accreditation, leg.municipality_id, leg.accreditation_id)
    voucher = fetch(session, Voucher, leg.municipality_id, leg.voucher_id)
    return Grounds(
        reasons=tuple(one.code for one in terms.refusal_reasons),
        has_place=intake_is_open(session, accreditation) and has_place(session, accreditation, but=leg.id),
        days_left=turns(session, voucher).days_left(terms, today),
        least_days_left=terms.switching.least_days_left if terms.switching else 0,
    )


def start(session: Session, leg_id: int, started_on: date, *, by: Actor, today: date) -> Leg:
    """The service has begun. The day may be some days back, never ahead, never before the choice."""
    leg = running_leg(session, leg_id, by)
    voucher = fetch(session, Voucher, by.municipality_id, leg.voucher_id)
    after = states.voucher.after(voucher.state, "start")
    if not leg.chosen_on <= started_on <= today:
        raise Refusal("start_day_wrong", "Startdagen måste ligga mellan valet och i dag.", status=422)
    choice.may_arrive(last_day_before(session, voucher), started_on)
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
