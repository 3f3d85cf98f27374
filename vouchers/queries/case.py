"""One case: the person's voucher, its time with providers, what was told and what it led to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from core.actor import Account
from core.database import Rows, fetch
from core.refusal import Missing
from core.rulebooks import Rulebook
from providers.models import Provider
from vouchers.models import Check, Leg, Outcome, Participant, Report, Voucher

_Decider = aliased(Account)
_Guide = aliased(Account)


@dataclass(frozen=True)
class Head:
    """A voucher, whose it is, and under which version of the rules it was decided."""

    voucher: Voucher
    participant: Participant
    rulebook: Rulebook
    guide: str
    decided_by: str


def head(session: Session, municipality_id: int, voucher_id: int) -> Head:
    """The voucher and its person. Raises Missing."""
    row = session.execute(
        select(Voucher, Participant, Rulebook, _Guide.name.label("guide"), _Decider.name.label("decided_by"))
        .join(
            Participant,
            (Participant.municipality_id == Voucher.municipality_id)
            & (Participant.id == Voucher.participant_id),
        )
        .join(
            Rulebook,
            (Rulebook.municipality_id == Voucher.municipality_id) & (Rulebook.id == Voucher.rulebook_id),
        )
        .join(
            _Guide,
            (_Guide.municipality_id == Voucher.municipality_id) & (_Guide.id == Participant.guide_id),
        )
        .join(
            _Decider,
            (_Decider.municipality_id == Voucher.municipality_id) & (_Decider.id == Voucher.decided_by),
        )
        .where(Voucher.municipality_id == municipality_id, Voucher.id == voucher_id)
    ).one_or_none()
    if row is None:
        raise Missing()
    return Head(*row)


def person(session: Session, municipality_id: int, participant_id: int) -> tuple[Participant, str]:
    """A person and the name of the guide. Raises Missing."""
    participant = fetch(session, Participant, municipality_id, participant_id)
    return participant, fetch(session, Account, municipality_id, participant.guide_id).name


def vouchers_of(session: Session, municipality_id: int, participant_id: int) -> Rows:
    """The person's vouchers, newest first."""
    rows = (
        select(Voucher.id, Voucher.scheme, Voucher.service, Voucher.level, Voucher.state, Voucher.rulebook_id)
        .where(Voucher.municipality_id == municipality_id, Voucher.participant_id == participant_id)
        .order_by(Voucher.id.desc())
    )
    return session.execute(rows).all()


@dataclass(frozen=True)
class Parts:
    """What belongs to a voucher, each in the order it happened."""

    legs: Rows
    reports: Rows
    outcomes: Rows
    checks: Rows

    def leg(self, leg_id: int) -> Any:
        """The leg with that id."""
        return next(leg for leg in self.legs if leg.id == leg_id)


def parts(session: Session, municipality_id: int, voucher_id: int) -> Parts:
    """Legs with their provider, reports, outcomes and checks, in four queries."""
    legs = (
        select(
            Leg.id,
            Leg.provider_id,
            Provider.name.label("provider"),
            Provider.phone,
            Leg.how,
            Leg.chosen_on,
            Leg.start_by,
            Leg.accepted_on,
            Leg.declined_on,
            Leg.started_on,
            Leg.ended_on,
            Leg.end_reason,
        )
        .join(Provider, (Provider.municipality_id == Leg.municipality_id) & (Provider.id == Leg.provider_id))
        .where(Leg.municipality_id == municipality_id, Leg.voucher_id == voucher_id)
        .order_by(Leg.ordinal)
    )
    reports = (
        select(
            Report.id,
            Report.leg_id,
            Report.month,
            Report.state,
            Report.submitted_on,
            Report.is_late,
            Report.judged_on,
            Report.withdrawn_on,
            Report.comment,
            Report.progress,
            Report.next_step,
            Report.next_step_on,
        )
        .join(Leg, (Leg.municipality_id == Report.municipality_id) & (Leg.id == Report.leg_id))
        .where(Report.municipality_id == municipality_id, Leg.voucher_id == voucher_id)
        .order_by(Report.month, Report.id)
    )
    outcomes = (
        select(Outcome)
        .where(Outcome.municipality_id == municipality_id, Outcome.voucher_id == voucher_id)
        .order_by(Outcome.id)
    )
    checks = (
        select(
            Check.id,
            Check.outcome_id,
            Check.purpose,
            Check.part,
            Check.due_on,
            Check.state,
            Check.source,
            Check.refusal_code,
            Check.judged_on,
        )
        .where(Check.municipality_id == municipality_id, Check.voucher_id == voucher_id)
        .order_by(Check.due_on, Check.id)
    )
    return Parts(
        session.execute(legs).all(),
        session.execute(reports).all(),
        session.scalars(outcomes).all(),
        session.execute(checks).all(),
    )


def report(session: Session, municipality_id: int, report_id: int) -> tuple[Report, int]:
    """A report and its voucher's id. Raises Missing."""
    found = fetch(session, Report, municipality_id, report_id)
    return found, fetch(session, Leg, municipality_id, found.leg_id).voucher_id


def check(session: Session, municipality_id: int, check_id: int) -> tuple[Check, Outcome]:
    """A check and the outcome it is about. Raises Missing."""
    found = fetch(session, Check, municipality_id, check_id)
    return found, fetch(session, Outcome, municipality_id, found.outcome_id)


def rulebooks_in_force(session: Session, municipality_id: int, today: Any) -> list[Rulebook]:
    """The decided version in force of each scheme, by title."""
    rows = (
        select(Rulebook)
        .where(
            Rulebook.municipality_id == municipality_id,
            Rulebook.state == "decided",
            Rulebook.valid_from <= today,
        )
        .order_by(Rulebook.valid_from, Rulebook.id)
    )
    newest = {rulebook.scheme: rulebook for rulebook in session.scalars(rows)}
    return sorted(newest.values(), key=lambda rulebook: rulebook.title_sv)
