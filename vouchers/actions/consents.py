"""A person says yes to somebody seeing something, and takes it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Role
from core.database import fetch
from core.dates import day_of
from core.refusal import Forbidden, Missing, Refusal
from vouchers.actions.planning import known_person
from vouchers.models import Consent, Participant
from vouchers.queries.disclosure import places, there_now
from vouchers.rules import disclosure as rules


@dataclass(frozen=True)
class ConsentForm:
    """Who may see (`vouchers.rules.disclosure.ASKED`; which provider), what (`vouchers.rules.plan.SHARED`),
    and the last day, if there is one."""

    party: str
    what: str
    provider_id: int | None = None
    to_on: date | None = None


def give_consent(
    session: Session, participant_id: int, form: ConsentForm, *, by: Actor, at: datetime
) -> Consent:
    """The person says yes: signed in, or on paper with the guide, who writes it down. Saying it twice changes
    nothing; with another last day the new one counts."""
    participant, how = _person(session, participant_id, by)
    today = day_of(at)
    there = there_now(places(session, by.municipality_id, participant.id), form.provider_id, today)
    since, terms = there or (today, ())
    rules.may_consent(
        form.what,
        form.party,
        is_theirs=there is not None,
        terms=terms,
        to_on=form.to_on,
        today=today,
    )
    provider_id = form.provider_id if form.party == "provider" else None
    before = session.scalar(
        select(Consent).where(
            Consent.municipality_id == by.municipality_id,
            Consent.participant_id == participant.id,
            Consent.party == form.party,
            Consent.provider_id == provider_id if provider_id else Consent.provider_id.is_(None),
            Consent.what == form.what,
            Consent.withdrawn_on.is_(None),
        )
    )
    if before is not None:
        is_of_now = form.party != "provider" or before.given_on >= since
        if (
            is_of_now
            and before.to_on == form.to_on
            and rules.stands(before.given_on, before.to_on, None, today)
        ):
            return before
        before.withdrawn_on, before.withdrawn_by = today, by.account_id
        session.flush()
    consent = Consent(
        municipality_id=by.municipality_id,
        participant_id=participant.id,
        party=form.party,
        provider_id=provider_id,
        what=form.what,
        given_how=how,
        given_on=today,
        given_at=at,
        recorded_by=by.account_id,
        to_on=form.to_on,
    )
    session.add(consent)
    audit.record(
        session, "consent.given", consent, by=by, party=form.party, shared=form.what, provider=provider_id,
        how=how, to_on=form.to_on, replaces=before.id if before else None,
    )  # fmt: skip
    return consent


def withdraw_consent(session: Session, consent_id: int, *, by: Actor, today: date) -> Consent:
    """The person takes it back, or the guide on the person's word. It stops counting at once."""
    consent = fetch(session, Consent, by.municipality_id, consent_id)
    _, how = _person(session, consent.participant_id, by)
    if consent.withdrawn_on is not None:
        raise Refusal("consent_withdrawn", "Det är redan taget tillbaka.")
    consent.withdrawn_on, consent.withdrawn_by = today, by.account_id
    audit.record(
        session, "consent.withdrawn", consent, by=by, party=consent.party, shared=consent.what,
        provider=consent.provider_id, how=how,
    )  # fmt: skip
    return consent


def _person(session: Session, participant_id: int, by: Actor) -> tuple[Participant, str]:
    """The person, and how they speak: for themselves, or through the guide. Raises Forbidden and Missing."""
    if by.participant_id is not None and by.participant_id == participant_id:
        return fetch(session, Participant, by.municipality_id, participant_id), "signed_in"
    if not by.has(Role.GUIDE):
        raise Missing() if by.has(Role.SEEKER) else Forbidden()
    return known_person(session, participant_id, by), "on_paper"
