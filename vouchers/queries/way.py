"""One person's way: vouchers, providers, what has been said, what it led to; for that person's eyes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Account
from core.database import Rows
from providers.models import Provider
from vouchers.models import (
    Check,
    ChoiceReceipt,
    Leg,
    LegPlan,
    Outcome,
    Participant,
    Reminder,
    Report,
    Voucher,
)
from vouchers.queries.standings import none_suits_at
from vouchers.queries.terms import terms_of
from vouchers.queries.turned import Turned, turned
from vouchers.rules.choice import CHOOSE
from vouchers.rules.terms import Service, Terms

RUNNING = ("choice_open", "chosen", "assigned", "received", "active", "paused")


@dataclass(frozen=True)
class Person:
    """The job seeker and their guide."""

    given_name: str
    name: str
    is_protected: bool
    guide_id: int
    guide_name: str
    guide_email: str | None


@dataclass(frozen=True)
class Stay:
    """A time with one provider. `receipt_at` is when the choice was made, or None without a receipt.

    `stays_to` is the last day there, when the provider has ended and the person stays for a time.
    """

    id: int
    voucher_id: int
    provider_id: int
    provider_name: str
    phone: str | None
    email: str | None
    how: str
    chosen_on: date
    start_by: date
    accepted_on: date | None
    declined_on: date | None
    started_on: date | None
    ended_on: date | None
    end_reason: str | None
    receipt_at: datetime | None
    stays_to: date | None
    decline_reason: str | None = None


@dataclass(frozen=True)
class Said:
    """What a provider has reported of one month. `state` is submitted, returned, approved or withdrawn."""

    leg_id: int
    month: date
    state: str
    progress: str
    next_step: str
    next_step_on: date
    submitted_on: date
    judged_on: date | None
    withdrawn_on: date | None


@dataclass(frozen=True)
class LedTo:
    """A result that a provider has claimed, with the check of it or of its six months."""

    leg_id: int
    kind: str
    state: str
    starts_on: date
    claimed_on: date
    purpose: str
    check_state: str
    due_on: date
    judged_on: date | None


@dataclass(frozen=True)
class Way:
    """A voucher and all that has come of it, oldest first.

    `none_suits_at` is when the person said that none suits, until somebody has followed it up; `reminded_on`
    when they were told that this window soon closes.
    """

    voucher_id: int
    scheme: str
    state: str
    months: int
    terms: Terms
    service: Service
    level: str
    decided_on: date
    decided_by: str
    reasons: str
    choose_by: date
    ended_on: date | None
    end_reason: str | None
    legs: tuple[Stay, ...]
    said: tuple[Said, ...]
    led_to: tuple[LedTo, ...]
    none_suits_at: datetime | None = None
    reminded_on: date | None = None
    turned: tuple[Turned, ...] = ()

    @property
    def is_running(self) -> bool:
        """Whether anything more is to happen in the service."""
        return self.state in RUNNING

    @property
    def leg(self) -> Stay | None:
        """The newest time with a provider that did not decline."""
        return next((leg for leg in reversed(self.legs) if leg.declined_on is None), None)


def person(session: Session, municipality_id: int, participant_id: int) -> Person | None:
    """The person with their guide's name and address."""
    rows = (
        select(Participant, Account.name, Account.email)
        .join(
            Account,
            (Account.municipality_id == Participant.municipality_id) & (Account.id == Participant.guide_id),
        )
        .where(Participant.municipality_id == municipality_id, Participant.id == participant_id)
    )
    found = session.execute(rows).one_or_none()
    if found is None:
        return None
    who, guide_name, guide_email = found
    return Person(who.given_name, who.name, who.is_protected, who.guide_id, guide_name, guide_email)


def ways(session: Session, municipality_id: int, participant_id: int) -> list[Way]:
    """The person's vouchers, the newest first, running before ended. Seven queries, and one a rulebook."""
    vouchers = session.execute(
        select(
            Voucher.id,
            Voucher.rulebook_id,
            Voucher.scheme,
            Voucher.service,
            Voucher.level,
            Voucher.months,
            Voucher.state,
            Voucher.decided_on,
            Account.name.label("decided_by"),
            Voucher.reasons,
            Voucher.choose_by,
            Voucher.ended_on,
            Voucher.end_reason,
            none_suits_at(),
            _reminded_on(),
        )
        .join(
            Account,
            (Account.municipality_id == Voucher.municipality_id) & (Account.id == Voucher.decided_by),
        )
        .where(
            Voucher.municipality_id == municipality_id,
            Voucher.participant_id == participant_id,
            Voucher.state != "draft",
        )
        .order_by(Voucher.decided_on.desc(), Voucher.id.desc())
    ).all()
    ids = [row.id for row in vouchers]
    legs = [Stay(*row) for row in _legs(session, municipality_id, ids)]
    said = [Said(*row) for row in _said(session, municipality_id, [leg.id for leg in legs])]
    led_to = [LedTo(*row) for row in _led_to(session, municipality_id, ids)]
    turns = turned(session, municipality_id, ids)
    found = []
    for row in vouchers:
        terms = terms_of(session, municipality_id, row.rulebook_id)
        own = tuple(leg for leg in legs if leg.voucher_id == row.id)
        leg_ids = {leg.id for leg in own}
        found.append(
            Way(
                voucher_id=row.id,
                scheme=row.scheme,
                state=row.state,
                months=row.months,
                terms=terms,
                service=terms.services[row.service],
                level=row.level,
                decided_on=row.decided_on,
                decided_by=row.decided_by,
                reasons=row.reasons,
                choose_by=row.choose_by,
                ended_on=row.ended_on,
                end_reason=row.end_reason,
                legs=own,
                said=tuple(report for report in said if report.leg_id in leg_ids),
                led_to=tuple(result for result in led_to if result.leg_id in leg_ids),
                none_suits_at=row.none_suits_at,
                reminded_on=row.reminded_on,
                turned=tuple(turns.get(row.id, ())),
            )
        )
    return sorted(found, key=lambda way: not way.is_running)


def _legs(session: Session, municipality_id: int, voucher_ids: list[int]) -> Rows:
    at = (Provider.municipality_id == Leg.municipality_id) & (Provider.id == Leg.provider_id)
    kept = (ChoiceReceipt.municipality_id == Leg.municipality_id) & (ChoiceReceipt.leg_id == Leg.id)
    planned = (
        select(LegPlan.to_on)
        .where(LegPlan.municipality_id == Leg.municipality_id, LegPlan.leg_id == Leg.id)
        .order_by(LegPlan.id.desc())
        .limit(1)
        .correlate(Leg)
        .scalar_subquery()
    )
    rows = (
        select(
            Leg.id,
            Leg.voucher_id,
            Leg.provider_id,
            Provider.name,
            Provider.phone,
            Provider.email,
            Leg.how,
            Leg.chosen_on,
            Leg.start_by,
            Leg.accepted_on,
            Leg.declined_on,
            Leg.started_on,
            Leg.ended_on,
            Leg.end_reason,
            ChoiceReceipt.made_at,
            planned.label("stays_to"),
            Leg.decline_reason,
        )
        .join(Provider, at)
        .outerjoin(ChoiceReceipt, kept)
        .where(Leg.municipality_id == municipality_id, Leg.voucher_id.in_(voucher_ids))
        .order_by(Leg.voucher_id, Leg.ordinal)
    )
    return session.execute(rows).all()


def _reminded_on() -> Any:
    """When the person was reminded of this window."""
    rows = select(Reminder.given_on).where(
        Reminder.municipality_id == Voucher.municipality_id,
        Reminder.voucher_id == Voucher.id,
        Reminder.kind == CHOOSE,
        Reminder.about_on == Voucher.choose_by,
    )
    return rows.correlate(Voucher).scalar_subquery().label("reminded_on")


def _said(session: Session, municipality_id: int, leg_ids: list[int]) -> Rows:
    rows = (
        select(
            Report.leg_id,
            Report.month,
            Report.state,
            Report.progress,
            Report.next_step,
            Report.next_step_on,
            Report.submitted_on,
            Report.judged_on,
            Report.withdrawn_on,
        )
        .where(Report.municipality_id == municipality_id, Report.leg_id.in_(leg_ids), Report.state != "draft")
        .order_by(Report.month, Report.submitted_on, Report.id)
    )
    return session.execute(rows).all()


def _led_to(session: Session, municipality_id: int, voucher_ids: list[int]) -> Rows:
    of = (Outcome.municipality_id == Check.municipality_id) & (Outcome.id == Check.outcome_id)
    rows = (
        select(
            Check.leg_id,
            Outcome.kind,
            Outcome.state,
            Outcome.starts_on,
            Outcome.claimed_on,
            Check.purpose,
            Check.state,
            Check.due_on,
            Check.judged_on,
        )
        .join(Outcome, of)
        .where(
            Check.municipality_id == municipality_id,
            Check.voucher_id.in_(voucher_ids),
            Outcome.state != "withdrawn",
        )
        .order_by(Check.due_on, Check.id)
    )
    return session.execute(rows).all()


@dataclass(frozen=True)
class Receipt:
    """A choice as it was made. `shown` is what the chooser saw, kept unchanged."""

    leg_id: int
    voucher_id: int
    participant_id: int
    how: str
    chosen_on: date
    start_by: date
    provider_id: int
    provider_name: str
    accepted_on: date | None
    declined_on: date | None
    started_on: date | None
    made_at: datetime
    shown: dict[str, object]
    decline_reason: str | None


def receipt(session: Session, municipality_id: int, leg_id: int) -> Receipt | None:
    """The receipt of that leg."""
    rows = (
        select(
            Leg.id,
            Leg.voucher_id,
            Voucher.participant_id,
            Leg.how,
            Leg.chosen_on,
            Leg.start_by,
            Leg.provider_id,
            Provider.name,
            Leg.accepted_on,
            Leg.declined_on,
            Leg.started_on,
            ChoiceReceipt.made_at,
            ChoiceReceipt.shown,
            Leg.decline_reason,
        )
        .join(Voucher, (Voucher.municipality_id == Leg.municipality_id) & (Voucher.id == Leg.voucher_id))
        .join(Provider, (Provider.municipality_id == Leg.municipality_id) & (Provider.id == Leg.provider_id))
        .join(
            ChoiceReceipt,
            (ChoiceReceipt.municipality_id == Leg.municipality_id) & (ChoiceReceipt.leg_id == Leg.id),
        )
        .where(Leg.municipality_id == municipality_id, Leg.id == leg_id)
    )
    found = session.execute(rows).one_or_none()
    return Receipt(*list(found)) if found else None
