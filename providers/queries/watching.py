"""What the watch looks at: who has no customers, evidence that ends, renewals that are due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from core.chapters import Book
from core.database import Rows
from core.rulebooks import Rulebook
from providers.models import (
    Accreditation,
    Decision,
    Evidence,
    IntakeStop,
    Notice,
    Proposal,
    Provider,
    Reaccreditation,
)
from providers.queries.registry import OF_PROVIDER
from providers.queries.terms import accreditation_terms
from providers.rules import APPLYING_STATES, OPEN_STATES
from providers.rules.conditions import Condition, Dormancy, asked_again_on
from providers.rules.dormancy import NOBODY, Finding, Seen, Stop, of_chain, watch
from providers.rules.published import Review, read_review

NO_CUSTOMERS = "no_customers"


@dataclass(frozen=True)
class Life:
    """An open accreditation that is watched, and what the watch finds of its customers today."""

    accreditation_id: int
    provider_id: int
    provider: str
    rulebook_id: int
    service: str
    area: str
    state: str
    rules: Dormancy
    finding: Finding


@dataclass(frozen=True)
class Ending:
    """Evidence that ends: the newest for its condition. `has_ended` once its last day has passed."""

    evidence_id: int
    accreditation_id: int
    provider: str
    rulebook_id: int
    service: str
    condition: Condition
    valid_to: date
    has_ended: bool


@dataclass(frozen=True)
class Renewal:
    """An accreditation that must be renewed. `renewal_state` is where the new application stands, if any."""

    accreditation_id: int
    provider: str
    rulebook_id: int
    service: str
    state: str
    due_on: date
    renewal_id: int | None
    renewal_state: str | None
    applied_on: date | None

    @property
    def is_sent(self) -> bool:
        """Whether a renewal has been sent in and awaits a decision."""
        return self.renewal_state in APPLYING_STATES[1:]


def lives(session: Session, municipality_id: int, seen: Mapping[int, Seen], today: date) -> list[Life]:
    """Every open accreditation whose rulebook watches for customers, who has waited longest first.

    `seen` is what is known of customers above, by accreditation. In a fixed number of queries.
    """
    rows = _with_providers(session, municipality_id)
    rules = {
        key: accreditation_terms(session, municipality_id, key).dormancy
        for key in {row.rulebook_id for row in rows}
    }
    stops, kept = _stops(session, municipality_id, today), _kept(session, municipality_id)
    by_id = {row.id: row for row in rows}
    found = []
    for row in rows:
        dormancy = rules[row.rulebook_id]
        if row.state not in OPEN_STATES or dormancy is None:
            continue
        links = [
            (one.from_on, seen.get(one.id, NOBODY), tuple(stops.get(one.id, ())), kept.get(one.id))
            for one in _chain(row, by_id)
        ]
        found.append(
            Life(
                row.id,
                row.provider_id,
                row.provider,
                row.rulebook_id,
                row.service,
                row.area,
                row.state,
                dormancy,
                watch(of_chain(links, dormancy), dormancy, today),
            )
        )
    return sorted(found, key=lambda life: (life.finding.propose_on or date.max, life.provider, life.service))


def dormant(session: Session, municipality_id: int, seen: Mapping[int, Seen], today: date) -> list[Life]:
    """Those whose reminder day has come."""
    return [life for life in lives(session, municipality_id, seen, today) if life.finding.verdict != "fine"]


def _with_providers(session: Session, municipality_id: int) -> Rows:
    """Everything that has ever been accredited; the ended ones may be links of a chain."""
    return session.execute(
        select(
            Accreditation.id,
            Accreditation.provider_id,
            Accreditation.rulebook_id,
            Accreditation.service,
            Accreditation.area,
            Accreditation.state,
            Accreditation.from_on,
            Accreditation.replaces_id,
            Provider.name.label("provider"),
        )
        .join(Provider, OF_PROVIDER)
        .where(Accreditation.municipality_id == municipality_id, Accreditation.from_on.is_not(None))
    ).all()


def _chain(row: Any, by_id: Mapping[int, Any]) -> list[Any]:
    """The accreditation and those it replaced, the newest first."""
    links = [row]
    while links[-1].replaces_id in by_id:
        links.append(by_id[links[-1].replaces_id])
    return links


def _stops(session: Session, municipality_id: int, today: date) -> dict[int, list[Stop]]:
    """Stops of the intake. While the chair has revoked nobody can come either: the municipality's doing."""
    found: dict[int, list[Stop]] = {}
    for row in session.execute(
        select(IntakeStop.accreditation_id, IntakeStop.stopped_by, IntakeStop.from_on, IntakeStop.to_on)
        .where(IntakeStop.municipality_id == municipality_id)
        .order_by(IntakeStop.from_on, IntakeStop.id)
    ):
        found.setdefault(row.accreditation_id, []).append(Stop(row.stopped_by, row.from_on, row.to_on))
    begun: dict[int, date] = {}
    for decision in session.execute(
        select(Decision.accreditation_id, Decision.kind, Decision.decided_on)
        .where(
            Decision.municipality_id == municipality_id,
            Decision.kind.in_(("provisionally_revoked", "lifted")),
        )
        .order_by(Decision.decided_on, Decision.id)
    ):
        if decision.kind == "provisionally_revoked":
            begun[decision.accreditation_id] = decision.decided_on
        elif decision.accreditation_id in begun:
            last = decision.decided_on - timedelta(days=1)
            stop = Stop("municipality", begun.pop(decision.accreditation_id), last)
            found.setdefault(decision.accreditation_id, []).append(stop)
    for accreditation_id, from_on in begun.items():
        found.setdefault(accreditation_id, []).append(Stop("municipality", from_on, today))
    return found


def _kept(session: Session, municipality_id: int) -> dict[int, date]:
    """The day the board last answered no to a proposal to revoke for want of customers."""
    rows = (
        select(Decision.accreditation_id, Decision.decided_on)
        .join(
            Proposal,
            and_(Proposal.municipality_id == Decision.municipality_id, Proposal.id == Decision.proposal_id),
        )
        .where(
            Decision.municipality_id == municipality_id,
            Decision.kind.in_(("kept", "lifted")),
            Proposal.reason == NO_CUSTOMERS,
        )
        .order_by(Decision.decided_on)
    )
    return {row.accreditation_id: row.decided_on for row in session.execute(rows)}


# ── evidence ─────────────────────────────────────────────────────────────────────────────────────


def ending_evidence(session: Session, municipality_id: int, today: date) -> list[Ending]:
    """Evidence whose day to be asked for again has come, the first to end on top.

    Only the newest for each condition counts, and only of what is accredited.
    """
    rows = session.execute(
        select(
            Evidence.id,
            Evidence.accreditation_id,
            Evidence.condition,
            Evidence.valid_to,
            Accreditation.rulebook_id,
            Accreditation.service,
            Provider.name.label("provider"),
        )
        .join(
            Accreditation,
            and_(
                Accreditation.municipality_id == Evidence.municipality_id,
                Accreditation.id == Evidence.accreditation_id,
            ),
        )
        .join(Provider, OF_PROVIDER)
        .where(Evidence.municipality_id == municipality_id, Accreditation.state.in_(OPEN_STATES))
        .order_by(Evidence.added_at, Evidence.id)
    )
    newest = {(row.accreditation_id, row.condition): row for row in rows}
    books = {row.rulebook_id for row in newest.values()}
    every = {key: accreditation_terms(session, municipality_id, key) for key in books}
    found = []
    for row in newest.values():
        terms = every[row.rulebook_id]
        condition = next((one for one in terms.conditions(row.service) if one.code == row.condition), None)
        if row.valid_to is None or condition is None or terms.application is None:
            continue
        if asked_again_on(row.valid_to, terms.application) <= today:
            found.append(
                Ending(
                    row.id,
                    row.accreditation_id,
                    row.provider,
                    row.rulebook_id,
                    row.service,
                    condition,
                    row.valid_to,
                    row.valid_to < today,
                )
            )
    return sorted(found, key=lambda one: (one.valid_to, one.provider, one.evidence_id))


# ── renewals ─────────────────────────────────────────────────────────────────────────────────────


def renewals(session: Session, municipality_id: int) -> list[Renewal]:
    """Accreditations that must be renewed, by the day they must have applied."""
    own, called, renewal = aliased(Rulebook), aliased(Rulebook), aliased(Accreditation)
    rows = session.execute(
        select(
            Accreditation.id,
            Accreditation.rulebook_id,
            Accreditation.service,
            Accreditation.state,
            Provider.name.label("provider"),
            Reaccreditation.due_on,
            renewal.id.label("renewal_id"),
            renewal.state.label("renewal_state"),
            renewal.applied_on,
        )
        .join(Provider, OF_PROVIDER)
        .join(
            own,
            and_(own.municipality_id == Accreditation.municipality_id, own.id == Accreditation.rulebook_id),
        )
        .join(
            Reaccreditation,
            and_(
                Reaccreditation.municipality_id == Accreditation.municipality_id,
                Reaccreditation.scheme == Accreditation.scheme,
            ),
        )
        .join(
            called,
            and_(
                called.municipality_id == Reaccreditation.municipality_id,
                called.id == Reaccreditation.rulebook_id,
                called.valid_from > own.valid_from,
            ),
        )
        .outerjoin(
            renewal,
            and_(
                renewal.municipality_id == Accreditation.municipality_id,
                renewal.replaces_id == Accreditation.id,
            ),
        )
        .where(Accreditation.municipality_id == municipality_id, Accreditation.state == "reaccreditation_due")
        .order_by(called.valid_from, Reaccreditation.id, renewal.id)
    )
    newest = {row.id: row for row in rows}
    found = [
        Renewal(
            row.id,
            row.provider,
            row.rulebook_id,
            row.service,
            row.state,
            row.due_on,
            row.renewal_id,
            row.renewal_state,
            row.applied_on,
        )
        for row in newest.values()
    ]
    return sorted(found, key=lambda one: (one.due_on, one.provider, one.accreditation_id))


# ── results ──────────────────────────────────────────────────────────────────────────────────────


def reviews(session: Session, municipality_id: int, today: date) -> dict[str, Review]:
    """The chapter on published results in force today, of each kundval that has one."""
    rows = (
        select(Rulebook)
        .where(
            Rulebook.municipality_id == municipality_id,
            Rulebook.state == "decided",
            Rulebook.valid_from <= today,
        )
        .order_by(Rulebook.valid_from, Rulebook.id)
    )
    in_force = {rulebook.scheme: rulebook.text for rulebook in session.scalars(rows)}
    found = {scheme: read_review(Book(text).root) for scheme, text in in_force.items()}
    return {scheme: review for scheme, review in found.items() if review is not None}


# ── what has been said before ────────────────────────────────────────────────────────────────────


def told(session: Session, municipality_id: int) -> dict[tuple[int, str, str], date]:
    """Every notice that has been given: (accreditation, kind, about) → the day."""
    rows = select(Notice.accreditation_id, Notice.kind, Notice.about, Notice.given_on).where(
        Notice.municipality_id == municipality_id
    )
    return {(row.accreditation_id, row.kind, row.about): row.given_on for row in session.execute(rows)}
