"""A service ends, a provider claims what it led to, staff check each part of it on its day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch
from core.refusal import Refusal
from providers.rules import organisation_number
from vouchers.actions.choices import own_leg
from vouchers.actions.pausing import end_pause
from vouchers.models import END_REASONS, Check, Leg, Outcome, Voucher
from vouchers.queries.terms import terms_of
from vouchers.rules import results, states
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
    """What the provider says the service led to. `last_day` is the person's last day in the service."""

    kind: str
    starts_on: date
    last_day: date
    extent_percent: int
    subsidised: bool = False
    employer_number: str | None = None


def claim_outcome(session: Session, leg_id: int, form: OutcomeForm, *, by: Actor, today: date) -> Outcome:
    """Claim a result. Ends the service if it still runs, and lays out the days when each part is checked."""
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
    if not 1 <= form.extent_percent <= 100:
        raise Refusal("extent_wrong", "Omfattningen ska vara 1 till 100 procent.", status=422)
    number = organisation_number(form.employer_number) if form.employer_number else None
    if form.kind == "work" and number is None:
        raise Refusal("employer_missing", "Skriv arbetsgivarens organisationsnummer.", status=422)
    living = select(Outcome.id).where(
        Outcome.municipality_id == by.municipality_id,
        Outcome.voucher_id == voucher.id,
        Outcome.state.in_(("claimed", "verified")),
    )
    if session.scalar(living):
        raise Refusal("outcome_exists", "Ett resultat är redan anmält för den här insatsen.")
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
        claimed_by=by.account_id,
        claimed_on=today,
    )
    session.add(outcome)
    session.flush()
    for part, due_on in enumerate(results.result_dates(form.starts_on, terms), 1):
        _open_check(session, outcome, "result", part, due_on)
    audit.record(session, "outcome.claimed", outcome, by=by, kind=form.kind, starts_on=form.starts_on)
    return outcome


def _open_check(session: Session, outcome: Outcome, purpose: str, part: int, due_on: date) -> None:
    session.add(
        Check(
            municipality_id=outcome.municipality_id,
            outcome_id=outcome.id,
            voucher_id=outcome.voucher_id,
            leg_id=outcome.leg_id,
            purpose=purpose,
            part=part,
            due_on=due_on,
            state="due",
        )
    )


def judge_check(
    session: Session,
    check_id: int,
    *,
    passed: bool,
    source: str | None = None,
    refusal_code: str | None = None,
    by: Actor,
    today: date,
) -> Check:
    """Staff say yes, with the source they saw, or no, with a reason. The first yes opens the bonus case."""
    by.require(Role.GUIDE, Role.INSPECTOR)
    check = fetch(session, Check, by.municipality_id, check_id)
    outcome = fetch(session, Outcome, by.municipality_id, check.outcome_id)
    voucher = fetch(session, Voucher, by.municipality_id, check.voucher_id)
    terms = terms_of(session, by.municipality_id, voucher.rulebook_id)
    results.may_judge(
        due_on=check.due_on, passed=passed, source=source, code=refusal_code, terms=terms, today=today
    )
    if outcome.state in ("withdrawn", "rejected") or (
        check.purpose == "bonus" and outcome.state != "verified"
    ):
        raise Refusal("outcome_not_standing", "Resultatet gäller inte längre och kan inte prövas.")
    check.state = states.check.after(check.state, "pass" if passed else "fail")
    check.source, check.refusal_code = (source, None) if passed else (None, refusal_code)
    check.judged_by, check.judged_on = by.account_id, today
    _follow(session, check, outcome, voucher, terms)
    audit.record(
        session,
        "check.passed" if passed else "check.failed",
        check,
        by=by,
        purpose=check.purpose,
        part=check.part,
        source=source,
        code=refusal_code,
    )
    return check


def _follow(session: Session, check: Check, outcome: Outcome, voucher: Voucher, terms: Terms) -> None:
    if check.purpose != "result" or outcome.state != "claimed":
        return
    outcome.state = states.outcome.after(outcome.state, "verify" if check.state == "passed" else "reject")
    if check.state == "passed" and voucher.ended_on is not None:
        _open_check(session, outcome, "bonus", 1, results.bonus_date(voucher.ended_on, terms))


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
    audit.record(session, "outcome.withdrawn", outcome, by=by, before=before, on=today)
    return outcome
