"""The watch: it counts, reminds and proposes, and moves watch states. It decides nothing; persons do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor
from core.audit import Subject
from core.database import fetch
from providers.actions.deciding import Fact, close_proposal, open_proposal, propose, step
from providers.actions.intake import settle_state
from providers.actions.renewing import call_again, waiting_call
from providers.actions.sanctions import propose_revocation
from providers.models import Accreditation, Notice, Proposal, Reaccreditation
from providers.queries import published, watching
from providers.queries.watching import NO_CUSTOMERS, Life
from providers.rules import OPEN_STATES
from providers.rules import accreditation as life
from providers.rules.dormancy import Seen
from providers.rules.published import contract_of

RESULT_REVIEW = "result_review"
WARNING = "warned"


@dataclass
class Watched:
    """What one day's watch did, as ids of accreditations (of evidence where it says so)."""

    customers_came: list[int] = field(default_factory=list)
    lapsed: list[int] = field(default_factory=list)
    called_again: list[int] = field(default_factory=list)
    reminded: list[int] = field(default_factory=list)
    proposed: list[int] = field(default_factory=list)
    expiry_proposed: list[int] = field(default_factory=list)
    results_flagged: list[int] = field(default_factory=list)
    results_proposed: list[int] = field(default_factory=list)
    evidence_asked: list[int] = field(default_factory=list)
    evidence_ended: list[int] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """How many of each."""
        return {name: len(ids) for name, ids in vars(self).items()}


Told = dict[tuple[int, str, str], date]


def watch(session: Session, seen: Mapping[int, Seen], *, by: Actor, today: date) -> Watched:
    """Look at every accreditation. `seen` is what is known above of customers, by accreditation.

    May be repeated: what has been said is not said again, what is proposed is not proposed twice.
    """
    done = Watched()
    told = watching.told(session, by.municipality_id)
    _let_lapse(session, done, by=by, today=today)
    lives = watching.lives(session, by.municipality_id, seen, today)
    for one in lives:
        _welcome(session, one, done, by=by, today=today)
    _call_again(session, done, by=by, today=today)
    for one in lives:
        _look_at_customers(session, one, told, done, by=by, today=today)
    _look_at_renewals(session, done, by=by, today=today)
    _look_at_results(session, told, done, by=by, today=today)
    _look_at_evidence(session, told, done, by=by, today=today)
    counts = {name: count for name, count in done.counts().items() if count}
    audit.record(session, "registry.watched", Subject("registry", 0), by=by, as_of=today, **counts)
    return done


def _let_lapse(session: Session, done: Watched, *, by: Actor, today: date) -> None:
    """Proposals that nobody can decide any more: the accreditation has gone elsewhere since."""
    rows = (
        select(Accreditation, Proposal.kind)
        .join(
            Proposal,
            (Proposal.municipality_id == Accreditation.municipality_id)
            & (Proposal.accreditation_id == Accreditation.id),
        )
        .where(Accreditation.municipality_id == by.municipality_id, Proposal.state == "open")
        .order_by(Accreditation.id)
    )
    for row in session.execute(rows).all():
        if not life.can(row.Accreditation.state, row.kind):
            close_proposal(session, row.Accreditation, "lapsed", today)
            done.lapsed.append(row.Accreditation.id)
            audit.record(session, "accreditation.proposal_lapsed", row.Accreditation, by=by, kind=row.kind)


# ── customers ────────────────────────────────────────────────────────────────────────────────────


def _welcome(session: Session, one: Life, done: Watched, *, by: Actor, today: date) -> None:
    """Somebody has come: it is awake again, and a proposal that rested on nobody coming lapses."""
    if one.finding.verdict != "fine" or one.state not in ("dormant", "revocation_proposed"):
        return
    accreditation = fetch(session, Accreditation, by.municipality_id, one.accreditation_id)
    proposal = open_proposal(session, accreditation)
    if one.state == "revocation_proposed" and (proposal is None or proposal.reason != NO_CUSTOMERS):
        return
    before = step(accreditation, "customer_came")
    if proposal is not None and proposal.reason == NO_CUSTOMERS:
        close_proposal(session, accreditation, "lapsed", today)
        done.lapsed.append(accreditation.id)
    settle_state(session, accreditation)
    done.customers_came.append(accreditation.id)
    audit.record(
        session,
        "accreditation.customer_came",
        accreditation,
        by=by,
        before=before,
        last_customer_on=one.finding.last_customer_on,
    )


def _look_at_customers(
    session: Session, one: Life, told: Told, done: Watched, *, by: Actor, today: date
) -> None:
    """Remind once; when the time has gone, put it before the board with the days that say so."""
    if one.finding.verdict == "fine":
        return
    accreditation = fetch(session, Accreditation, by.municipality_id, one.accreditation_id)
    if accreditation.state not in OPEN_STATES or accreditation.state == "provisionally_revoked":
        return
    _remind(session, accreditation, one, told, done, by=by, today=today)
    # A warning has a deadline and a person who judges it. The clock would lift it by going past it.
    if one.finding.verdict != "propose" or accreditation.state == WARNING:
        return
    free = open_proposal(session, accreditation) is None
    if not free or not life.can(accreditation.state, "propose_revocation"):
        return
    about = one.finding.counted_from.isoformat()
    facts: dict[str, Fact] = {
        "counted_from": about,
        "last_customer_on": _iso(one.finding.last_customer_on),
        "uncounted_days": one.finding.uncounted_days,
        "reminded_on": _iso(told.get((accreditation.id, NO_CUSTOMERS, about))),
        "remind_on": _iso(one.finding.remind_on),
        "propose_on": _iso(one.finding.propose_on),
        "customer": one.rules.customer,
    }
    propose_revocation(session, accreditation.id, NO_CUSTOMERS, words="", facts=facts, by=by, today=today)
    done.proposed.append(accreditation.id)


def _remind(
    session: Session,
    accreditation: Accreditation,
    one: Life,
    told: Told,
    done: Watched,
    *,
    by: Actor,
    today: date,
) -> None:
    before = accreditation.state
    moved = life.can(before, "fall_dormant")
    if moved:
        step(accreditation, "fall_dormant")
    about, due_on = one.finding.counted_from.isoformat(), one.finding.propose_on
    said = _tell(session, accreditation.id, NO_CUSTOMERS, about, told, due_on=due_on, by=by, today=today)
    if said:
        done.reminded.append(accreditation.id)
    if moved or said:
        audit.record(
            session,
            "accreditation.reminded" if said else "accreditation.fell_dormant",
            accreditation,
            by=by,
            before=before,
            counted_on=one.finding.counted_from,
            last_customer_on=one.finding.last_customer_on,
            due_on=due_on,
        )


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _tell(
    session: Session,
    accreditation_id: int,
    kind: str,
    about: str,
    told: Told,
    *,
    due_on: date | None,
    by: Actor,
    today: date,
) -> bool:
    """Tell the provider, unless it has been told. The first time is when it counts from."""
    if (accreditation_id, kind, about) in told:
        return False
    session.add(
        Notice(
            municipality_id=by.municipality_id,
            accreditation_id=accreditation_id,
            kind=kind,
            about=about,
            given_on=today,
            due_on=due_on,
        )
    )
    told[accreditation_id, kind, about] = today
    return True


# ── renewals ─────────────────────────────────────────────────────────────────────────────────────


def _call_again(session: Session, done: Watched, *, by: Actor, today: date) -> None:
    """Those whom a call to apply again could not reach then, since a warning or a proposal stood."""
    schemes = session.scalars(
        select(Reaccreditation.scheme).where(Reaccreditation.municipality_id == by.municipality_id)
    ).all()
    rows = select(Accreditation).where(
        Accreditation.municipality_id == by.municipality_id,
        Accreditation.scheme.in_(set(schemes)),
        Accreditation.state.in_(OPEN_STATES),
    )
    for accreditation in session.scalars(rows.order_by(Accreditation.id)).all() if schemes else ():
        call = waiting_call(session, accreditation)
        if call is None:
            continue
        before = accreditation.state
        call_again(session, accreditation, call, today=today)
        done.called_again.append(accreditation.id)
        audit.record(
            session,
            "accreditation.reaccreditation_due",
            accreditation,
            by=by,
            before=before,
            rulebook=call.rulebook_id,
            due_on=call.due_on,
        )


def _look_at_renewals(session: Session, done: Watched, *, by: Actor, today: date) -> None:
    """The day has passed and nothing has been sent in: propose that the accreditation ends.

    A provider that has applied waits for the municipality, and is not the one who is late.
    """
    for one in watching.renewals(session, by.municipality_id):
        if one.due_on >= today or one.is_sent:
            continue
        accreditation = fetch(session, Accreditation, by.municipality_id, one.accreditation_id)
        if open_proposal(session, accreditation) is not None:
            continue
        facts: dict[str, Fact] = {"due_on": one.due_on.isoformat(), "renewal": one.renewal_state}
        propose(
            session,
            accreditation,
            "expire",
            reason="not_renewed",
            words="",
            facts=facts,
            by=by,
            today=today,
        )
        done.expiry_proposed.append(accreditation.id)
        audit.record(session, "accreditation.expiry_proposed", accreditation, by=by, due_on=one.due_on)


# ── results ──────────────────────────────────────────────────────────────────────────────────────


def _look_at_results(session: Session, told: Told, done: Watched, *, by: Actor, today: date) -> None:
    """Flagged at the newest follow-up: said once. At enough of them in a row: proposed, once a follow-up."""
    newest = next(iter(published.periods(session, by.municipality_id, today)), None)
    if newest is None:
        return
    for scheme, rules in watching.reviews(session, by.municipality_id, today).items():
        found = published.review(session, by.municipality_id, newest, rules)
        rows = select(Accreditation).where(
            Accreditation.municipality_id == by.municipality_id,
            Accreditation.scheme == scheme,
            Accreditation.state.in_(OPEN_STATES),
            Accreditation.area != "",
        )
        for accreditation in session.scalars(rows.order_by(Accreditation.id)).all():
            contract = contract_of(accreditation.area)
            if contract in found.flagged:
                _flag(session, accreditation, contract, found, told, done, by=by, today=today)


def _flag(
    session: Session,
    accreditation: Accreditation,
    contract: str,
    found: published.Reviewed,
    told: Told,
    done: Watched,
    *,
    by: Actor,
    today: date,
) -> None:
    period = f"{found.periods[0]:%Y-%m}"
    if _tell(session, accreditation.id, RESULT_REVIEW, period, told, due_on=None, by=by, today=today):
        done.results_flagged.append(accreditation.id)
        audit.record(
            session, "accreditation.results_flagged", accreditation, by=by, contract=contract, period=period
        )
    may = life.can(accreditation.state, "propose_revocation") and accreditation.state != WARNING
    if contract not in found.in_a_row or not may or _was_proposed(session, accreditation, period):
        return
    if open_proposal(session, accreditation) is not None:
        return
    figures = found.flagged[contract]
    facts: dict[str, Fact] = {
        "contract": contract,
        "period": period,
        "periods": " ".join(f"{day:%Y-%m}" for day in found.periods),
        "weighted_thousandths": figures.weighted,
        "rating": figures.rating,
    }
    propose_revocation(session, accreditation.id, RESULT_REVIEW, words="", facts=facts, by=by, today=today)
    done.results_proposed.append(accreditation.id)


def _was_proposed(session: Session, accreditation: Accreditation, period: str) -> bool:
    """Whether the board has had, or has, that follow-up before it."""
    rows = select(Proposal.facts).where(
        Proposal.municipality_id == accreditation.municipality_id,
        Proposal.accreditation_id == accreditation.id,
        Proposal.reason == RESULT_REVIEW,
        Proposal.state != "lapsed",
    )
    return any(json.loads(facts).get("period") == period for facts in session.scalars(rows))


# ── evidence ─────────────────────────────────────────────────────────────────────────────────────


def _look_at_evidence(session: Session, told: Told, done: Watched, *, by: Actor, today: date) -> None:
    """Ask for new evidence before the old one ends; say when it has ended. Once each."""
    for one in watching.ending_evidence(session, by.municipality_id, today):
        kind = "evidence_ended" if one.has_ended else "evidence_ends"
        about = str(one.evidence_id)
        if not _tell(
            session, one.accreditation_id, kind, about, told, due_on=one.valid_to, by=by, today=today
        ):
            continue
        (done.evidence_ended if one.has_ended else done.evidence_asked).append(one.evidence_id)
        accreditation = fetch(session, Accreditation, by.municipality_id, one.accreditation_id)
        audit.record(
            session,
            f"accreditation.{kind}",
            accreditation,
            by=by,
            condition=one.condition.code,
            ends_on=one.valid_to,
        )
