"""A service ends, a provider claims what it led to, or takes the claim back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import Municipality, fetch
from core.refusal import Refusal
from providers.rules import organisation_number
from vouchers.actions.choices import own_leg
from vouchers.actions.employers import close_questions
from vouchers.actions.pausing import end_pause
from vouchers.actions.proof import end_standing
from vouchers.models import END_REASONS, Check, Leg, Outcome, Voucher
from vouchers.queries.proof import related_to
from vouchers.queries.terms import terms_of
from vouchers.rules import following, results, states
from vouchers.rules.terms import Terms


def end_service(session: Session, leg_id: int, ended_on: date, reason: str, *, by: Actor, today: date) -> Leg:
    """The service is over: the provider's own, or by a guide."""
    leg = (
        fetch(session, Leg, by.municipality_id, leg_id)
        if by.has(Role.GUIDE)
        else own_leg(session, leg_id, by)
    )
    voucher = fetch(session, Voucher, by.municipality_id, leg.voucher_id)
    waits = leg.accepted_on is None and leg.declined_on is None and leg.ended_on is None
    if waits and not by.has(Role.GUIDE):
        raise Refusal("not_received", "Ni har inte tagit emot personen. Svara ja eller nej först.")
    _end(leg, voucher, ended_on, reason, today)
    end_pause(session, voucher, ended_on + timedelta(days=1), by.account_id)
    audit.record(session, "leg.ended", leg, by=by, ended_on=ended_on, reason=reason)
    return leg


def known_reason(reason: str) -> None:
    """Refuse a reason that nobody can give."""
    if reason not in END_REASONS:
        raise Refusal("end_reason_unknown", "Ange varför insatsen slutar.", status=422)


def _end(leg: Leg, voucher: Voucher, ended_on: date, reason: str, today: date) -> None:
    known_reason(reason)
    if leg.ended_on is not None or leg.declined_on is not None:
        raise Refusal("leg_ended", "Insatsen hos den anordnaren är redan avslutad.")
    if ended_on < (leg.started_on or leg.chosen_on) or ended_on > today:
        raise Refusal("last_day_wrong", "Sista dagen måste ligga mellan starten och i dag.", status=422)
    voucher.state = states.voucher.after(voucher.state, "end")
    leg.ended_on = voucher.ended_on = ended_on
    leg.end_reason = voucher.end_reason = reason


def _end_choice(leg: Leg, voucher: Voucher, reason: str) -> None:
    """The provider had to stop, and the person came to a result instead of choosing again."""
    if voucher.state != "choice_open":
        raise Refusal(
            "goes_elsewhere", "Personen har valt en annan anordnare. Prata med kommunen om resultatet."
        )
    voucher.state = states.voucher.after(voucher.state, "end")
    voucher.ended_on, voucher.end_reason = leg.ended_on, reason


@dataclass(frozen=True)
class OutcomeForm:
    """What the provider says the service led to. `last_day` is the person's last day in the service.

    `ends_on` is the last day of a job that has one; `municipal`: the municipality itself employs.
    """

    kind: str
    starts_on: date
    last_day: date
    extent_percent: int
    subsidised: bool = False
    employer_number: str | None = None
    employer_name: str = ""
    ends_on: date | None = None
    municipal: bool = False


def claim_outcome(
    session: Session, leg_id: int, form: OutcomeForm, *, by: Actor, today: date, via: str = "page"
) -> Outcome:
    """Claim a result. Ends the service if it still runs, and lays out the days when each part is checked.

    An employer that is the provider or of its declared group is flagged. `via` is the door: page, file, api.
    """
    leg = own_leg(session, leg_id, by)
    voucher = fetch(session, Voucher, by.municipality_id, leg.voucher_id)
    terms = terms_of(session, by.municipality_id, voucher.rulebook_id)
    results.may_claim(
        kind=form.kind,
        service=terms.services[voucher.service],
        starts_on=form.starts_on,
        last_day=leg.ended_on or form.last_day,
        started_on=leg.started_on,
        terms=terms,
        today=today,
    )
    number = organisation_number(form.employer_number) if form.employer_number else None
    employer = results.Organisation(number, form.employer_name.strip())
    municipal = form.municipal or (
        number is not None and number == session.get_one(Municipality, by.municipality_id).organisation_number
    )
    results.whole_claim(
        kind=form.kind,
        employer=employer,
        extent_percent=form.extent_percent,
        starts_on=form.starts_on,
        ends_on=form.ends_on,
        municipal=municipal,
    )
    none_living(session, voucher)
    if leg.ended_on is None:
        _end(leg, voucher, form.last_day, form.kind, today)
        end_pause(session, voucher, form.last_day + timedelta(days=1), by.account_id)
    elif voucher.ended_on is None:
        _end_choice(leg, voucher, form.kind)
    outcome = Outcome(
        municipality_id=by.municipality_id,
        leg_id=leg.id,
        voucher_id=voucher.id,
        kind=form.kind,
        state="claimed",
        starts_on=form.starts_on,
        extent_percent=form.extent_percent,
        subsidised=form.subsidised,
        employer_number=number,
        employer_name=employer.name or None,
        ends_on=form.ends_on,
        municipal=municipal,
        related=related_to(session, leg, employer),
        via=via,
        claimed_by=by.account_id,
        claimed_on=today,
    )
    lay_out(session, outcome, terms)
    audit.record(
        session,
        "outcome.claimed",
        outcome,
        by=by,
        kind=form.kind,
        starts_on=form.starts_on,
        related=outcome.related,
    )
    return outcome


def none_living(session: Session, voucher: Voucher) -> None:
    """Refuse a second result while one is claimed or verified."""
    living = select(Outcome.id).where(
        Outcome.municipality_id == voucher.municipality_id,
        Outcome.voucher_id == voucher.id,
        Outcome.state.in_(("claimed", "verified")),
    )
    if session.scalars(living).first():
        raise Refusal("outcome_exists", "Ett resultat är redan anmält för den här insatsen.")


def lay_out(session: Session, outcome: Outcome, terms: Terms) -> None:
    """Keep a claim, with a dated case for each part of the result."""
    session.add(outcome)
    session.flush()
    for part, due_on in enumerate(results.result_dates(outcome.starts_on, terms), 1):
        open_check(session, outcome, "result", part, due_on, terms)


def open_check(
    session: Session, outcome: Outcome, purpose: str, part: int, due_on: date, terms: Terms
) -> None:
    """One dated case of an outcome, with its last day to answer where the provider is asked when it opens."""
    asks = following.is_followed(purpose=purpose, due_on=due_on, claimed_on=outcome.claimed_on)
    session.add(
        Check(
            municipality_id=outcome.municipality_id,
            outcome_id=outcome.id,
            voucher_id=outcome.voucher_id,
            leg_id=outcome.leg_id,
            purpose=purpose,
            part=part,
            due_on=due_on,
            answer_by=following.answer_by(due_on, terms.proof) if asks else None,
            state="due",
        )
    )


def withdraw_outcome(session: Session, outcome_id: int, *, by: Actor, today: date) -> Outcome:
    """Take a claim back, with all its checks. What was paid for it is clawed back by the next run."""
    by.require(Role.MANAGER, Role.COACH, Role.GUIDE, Role.INSPECTOR)
    outcome = fetch(session, Outcome, by.municipality_id, outcome_id)
    if not by.has(Role.GUIDE, Role.INSPECTOR):
        own_leg(session, outcome.leg_id, by)
    before = outcome.state
    outcome.state = states.outcome.after(before, "withdraw")
    checks = select(Check).where(Check.municipality_id == by.municipality_id, Check.outcome_id == outcome.id)
    for check in session.scalars(checks):
        if states.check.can(check.state, "withdraw"):
            check.state = states.check.after(check.state, "withdraw")
            close_questions(session, check, today)
            end_standing(session, check, ended_by=by.account_id, today=today)
    audit.record(session, "outcome.withdrawn", outcome, by=by, before=before, on=today)
    return outcome
